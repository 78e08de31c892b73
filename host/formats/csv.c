/* Tables of numbers as text. Own code, since all that is hard about CSV (quoting, line ends within fields) cannot occur
 * in a number: libcsv, the library that Debian has, would split the fields and leave to us the numbers, the header, the
 * positions in messages and the memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/csv.h"
#include "host/formats/foreign.h"
#include "host/formats/names.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static const char *line_end(const struct hg_csv *csv)
{
    const char *newline = memchr(csv->next, '\n', (size_t)(csv->end - csv->next));
    return newline ? newline : csv->end;
}

static void skip_line(struct hg_csv *csv)
{
    const char *end = line_end(csv);
    csv->next = end < csv->end ? end + 1 : end;
    ++csv->line;
}

static bool is_blank_line(const struct hg_csv *csv)
{
    const char *at = csv->next;
    while (at < csv->end && *at == ' ')
        ++at;
    return hg_csv_at_line_end(csv, at);
}

static void skip_blank_lines(struct hg_csv *csv)
{
    while (csv->next < csv->end && is_blank_line(csv))
        skip_line(csv);
}

/* ---- the first two lines ---- */

/* A semicolon, else a tab, else a comma, whichever the first line has outside quotes. */
static char find_separator(const struct hg_csv *csv)
{
    const char *const end = line_end(csv);
    bool quoted = false, tab = false;
    for (const char *at = csv->next; at < end; ++at) {
        quoted ^= *at == '"';
        if (!quoted && *at == ';')
            return ';';
        tab |= !quoted && *at == '\t';
    }
    return tab ? '\t' : ',';
}

static enum hg_status split_line(const struct hg_csv *csv, char ***fields, size_t *count)
{
    const char *start = csv->next;
    const char *const end = line_end(csv);
    if (start < end && *start == '#') /* as numpy.savetxt begins its header */
        ++start;
    HG_TRY(hg_names_split(fields, start, (size_t)(end - start), csv->separator));
    *count = hg_names_count((const char *const *)*fields);
    return HG_OK;
}

/* Stands at the first row in the end. */
static enum hg_status read_head(struct hg_csv *csv, const struct hg_read_options *options)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const size_t mark = sizeof byte_order_mark - 1;
    if ((size_t)(csv->end - csv->next) >= mark && memcmp(csv->next, byte_order_mark, mark) == 0)
        csv->next += mark;
    skip_blank_lines(csv);
    if (csv->next == csv->end)
        return hg_fail(HG_BAD_DATA, "%s: holds no rows of numbers", csv->path);

    csv->separator = find_separator(csv);
    csv->head = (struct hg_csv_head){.path = csv->path, .locale = csv->locale};
    HG_TRY(split_line(csv, &csv->head.first, &csv->head.columns));
    const char *const first = csv->next;
    const size_t first_line = csv->line;
    skip_line(csv);
    skip_blank_lines(csv);
    if (csv->next < csv->end)
        HG_TRY(split_line(csv, &csv->head.second, &csv->head.second_columns));
    HG_TRY(hg_csv_find_header(&csv->columns, &csv->head, options->given ? options->given->header : HG_HEADER_AUTO));
    if (!csv->columns.header) {
        csv->next = first;
        csv->line = first_line;
    }
    return hg_csv_assign(&csv->columns, &csv->head, options);
}

/* Where a label turns out to be a word, the rows are read once more: the numbers before it are words, too. */
static enum hg_status parse_rows(struct hg_csv *csv)
{
    const char *const first = csv->next;
    const size_t first_line = csv->line;
    bool words = csv->classes != NULL;
    while (csv->next < csv->end) {
        if (!is_blank_line(csv))
            HG_TRY(hg_csv_parse_row(csv));
        skip_line(csv);
        if (csv->classes && !words) {
            words = true;
            csv->next = first;
            csv->line = first_line;
            csv->rows = 0;
        }
    }
    return HG_OK;
}

static enum hg_status parse(struct hg_csv *csv, const struct hg_read_options *options)
{
    enum { MANY = 10 };
    HG_TRY(read_head(csv, options));
    if (csv->columns.labelled && options->given && options->given->class_names)
        HG_TRY(hg_csv_classes_create(csv, options->given));
    HG_TRY(parse_rows(csv));
    if (csv->rows == 0)
        return hg_fail(HG_BAD_DATA, "%s: holds no rows of numbers", csv->path);
    if (csv->columns.label_assumed && !csv->classes && csv->labels_count_up && csv->rows > MANY)
        return hg_fail(HG_BAD_DATA,
                       "%s: has no header, and its first column counts the rows; leave it out with skip_columns=1, or "
                       "say with label=1 that it holds the labels",
                       csv->path);
    return HG_OK;
}

/* Gives the memory to `array`, without the room that was left for more. */
static void hand_over(struct hg_array *array, void *memory, size_t size)
{
    unsigned char *fitting = memory;
    if (hg_reallocate(&fitting, size, "a smaller block") == HG_OK) /* else the larger one does as well */
        memory = fitting;
    array->values = (struct hg_block){.data = memory, .size = size, .memory = memory};
}

/* The names of the features, in their order. */
static enum hg_status hand_over_names(struct hg_table *table, const struct hg_csv *csv)
{
    const char **names;
    if (!csv->columns.header)
        return HG_OK;
    HG_TRY(hg_allocate(&names, csv->columns.features, csv->path));
    for (size_t c = 0; c < csv->columns.count; ++c)
        if (csv->columns.roles[c] >= 0)
            names[csv->columns.roles[c]] = csv->head.first[c];
    const enum hg_status status = hg_names_copy(&table->names, names, csv->columns.features);
    free(names);
    return status;
}

enum hg_status hg_csv_read(struct hg_table *out, const char *path, const struct hg_read_options *options)
{
    struct hg_csv csv = {.path = path, .line = 1, .element = HG_U8, .labels_count_up = true};
    struct hg_block text = {.data = NULL};
    struct hg_reader reader;
    enum hg_status status = HG_OK;
    *out = (struct hg_table){.names = NULL};
    HG_TRY(hg_reader_open(&reader, path));
    csv.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!csv.locale) {
        status = hg_fail_out_of_memory("a locale");
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_reader_text(&reader, &text));
    csv.next = text.data ? (const char *)text.data : ""; /* NULL: the file is empty */
    csv.end = csv.next + text.size;
    HG_TRY_OR_CLEANUP(hg_foreign_refuse(path, csv.next, text.size));
    HG_TRY_OR_CLEANUP(parse(&csv, options));

    const size_t features = csv.columns.features;
    HG_TRY_OR_CLEANUP(hand_over_names(out, &csv));
    if (csv.classes)
        HG_TRY_OR_CLEANUP(hg_csv_classes_finish(out, &csv));
    out->samples =
        (struct hg_array){.from_text = true, .element = csv.element, .dimensions = 2, .shape = {csv.rows, features}};
    hand_over(&out->samples, csv.values, csv.rows * features * hg_csv_element_size(csv.element));
    csv.values = NULL;
    out->labels = (struct hg_array){.element = HG_U8, .dimensions = 1, .shape = {csv.rows}};
    if (csv.columns.labelled)
        hand_over(&out->labels, csv.labels, csv.rows);
    csv.labels = NULL;
    snprintf(out->note, sizeof out->note, "%s", csv.columns.note);

cleanup:
    if (status != HG_OK)
        hg_table_free(out);
    free(csv.columns.roles);
    free(csv.head.second);
    free(csv.head.first);
    free(csv.classes);
    free(csv.labels);
    free(csv.values);
    hg_block_free(&text);
    if (csv.locale)
        freelocale(csv.locale);
    hg_reader_close(&reader);
    return status;
}
