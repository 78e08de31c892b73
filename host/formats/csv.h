/* Inside of the reader of CSV: what the first two lines of a table say of its columns (csv_header.c, csv_columns.c,
 * csv_labels.c), by which its rows are then read (csv_rows.c, and csv_classes.c where the labels are words). */
#ifndef HANDGRAD_HOST_FORMATS_CSV_H
#define HANDGRAD_HOST_FORMATS_CSV_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/formats/format.h"

struct hg_csv_number {
    float value;
    bool is_byte; /* written as an integer 0 ... 255 */
};

/* Whether `text` is one number, finite in 32 bits, and nothing else. `locale` is "C": a decimal point is a point. */
bool hg_csv_number(struct hg_csv_number *out, const char *text, size_t length, locale_t locale);

/* The fields of the first two lines that are not blank. */
struct hg_csv_head {
    const char *path;
    locale_t locale;
    char **first, **second; /* NULL where there are fewer lines */
    size_t columns, second_columns;
};

/* What a column of the file is, other than the feature of that index. */
enum { HG_CSV_LABEL = -1, HG_CSV_SKIPPED = -2 };

struct hg_csv_columns {
    ptrdiff_t *roles; /* of the file's columns */
    size_t count, features;
    bool header, labelled;
    bool label_assumed; /* nobody said which column holds the labels */
    char note[HG_NOTE_SIZE];
};

/* Whether the first line is a header. HG_BAD_DATA where it may be one and may be none: the message asks for header=yes
 * or header=no. */
enum hg_status hg_csv_find_header(struct hg_csv_columns *columns, const struct hg_csv_head *head, enum hg_header given);

/* Gives every column its role; the caller frees roles, on failure too. HG_BAD_DATA, HG_USAGE where the file and the
 * options do not say which is which. */
enum hg_status hg_csv_assign(struct hg_csv_columns *columns, const struct hg_csv_head *head,
                             const struct hg_read_options *options);

/* Whether tables commonly call the labels, or the number of a row, by this name. */
bool hg_csv_names_label(const char *name);
bool hg_csv_names_index(const char *name);

/* A table that is being read. */
struct hg_csv {
    const char *path;
    const char *next, *end;
    char separator;
    size_t line;     /* of `next`, from 1 */
    locale_t locale; /* "C": a decimal point is a point */

    struct hg_csv_head head;
    struct hg_csv_columns columns;
    size_t rows;
    uint8_t *labels;
    size_t label_capacity;
    bool labels_count_up;           /* so far each label is one more than the one before it */
    struct hg_csv_classes *classes; /* NULL: the labels are numbers */
    /* Bytes as long as every number is an integer 0 ... 255, floats from the first other one on. */
    enum hg_element element;
    void *values;
    size_t capacity; /* rows */
};

size_t hg_csv_element_size(enum hg_element element);

/* Whether a line ends at `at`, by LF, CR LF or the end of the file. */
bool hg_csv_at_line_end(const struct hg_csv *csv, const char *at);

/* The line at `next` as a row, which is added to what has been read. */
enum hg_status hg_csv_parse_row(struct hg_csv *csv);

/* ---- labels that are words ---- */

/* From here on labels are words. Where the names of the classes are known (`given`), these are the classes, in their
 * order; else each different word is one. HG_INTERNAL. */
enum hg_status hg_csv_classes_create(struct hg_csv *csv, const struct hg_data_options *given);
/* The class that the field `text` names. HG_BAD_DATA: none, an unknown one, or one too many. */
enum hg_status hg_csv_class_find(uint8_t *out, struct hg_csv *csv, const char *text, size_t length);
/* Gives the classes their order, that of the bytes of their names, renumbers the labels by it, and hands the names
 * over. */
enum hg_status hg_csv_classes_finish(struct hg_table *table, struct hg_csv *csv);

/* Adds to the note, "; " in between. */
void hg_csv_note(struct hg_csv_columns *columns, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An assignment under way. */
struct hg_csv_assignment {
    struct hg_csv_columns *columns;
    const struct hg_csv_head *head;
    const struct hg_data_options *given;
    bool required;            /* the file should hold labels */
    struct hg_name *names;    /* of the file's columns, sorted; NULL: no header */
    struct hg_name *features; /* those that are expected, sorted; NULL: not known, or no header */
};

const char *hg_csv_name(const struct hg_csv_assignment *a, size_t column);
/* Whether a column of that name is one of the expected features. */
bool hg_csv_is_expected(const struct hg_csv_assignment *a, size_t column);
/* Columns that have not been given another role. */
size_t hg_csv_count_features(const struct hg_csv_assignment *a);
/* "a, b, c, d, ...": the first few of the file's columns, in out[size]. */
const char *hg_csv_list_columns(char *out, size_t size, const struct hg_csv_assignment *a);
/* The column that `text` names: by its name, its number from 1, or "last". HG_USAGE where two are called so. */
enum hg_status hg_csv_find_column(bool *found, size_t *column, const struct hg_csv_assignment *a, const char *option,
                                  const char *text);
enum hg_status hg_csv_no_such_column(const struct hg_csv_assignment *a, const char *option, const char *text);

/* Gives the column of the labels its role, where there is one. */
enum hg_status hg_csv_take_labels(const struct hg_csv_assignment *a);

#endif
