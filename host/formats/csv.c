/* Tables of numbers as text. Own code, since all that is hard about CSV (quoting, line ends within fields) cannot occur
 * in a number: libcsv, the library that Debian has, would split the fields and leave to us the numbers, the header, the
 * positions in messages and the memory. */
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/array.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct csv {
    const char *path;
    const char *next, *end;
    char separator;
    size_t line;     /* of `next`, from 1 */
    locale_t locale; /* "C": a decimal point is a point */

    bool labelled;
    size_t rows, columns; /* columns include the label; 0: not known yet */
    uint8_t *labels;
    size_t label_capacity;
    /* Bytes as long as every number is an integer 0 ... 255, floats from the first other one on. */
    enum hg_element element;
    void *values;
    size_t count, capacity; /* numbers */
};

struct number {
    float value;
    bool is_byte;
};

static size_t element_size(enum hg_element element)
{
    return element == HG_U8 ? sizeof(uint8_t) : sizeof(float);
}

/* ---- what has been read ---- */

static enum hg_status to_floats(struct csv *csv)
{
    float *floats;
    HG_TRY(hg_allocate(&floats, csv->capacity, csv->path));
    const uint8_t *bytes = csv->values;
    for (size_t i = 0; i < csv->count; ++i)
        floats[i] = bytes[i];
    free(csv->values);
    csv->values = floats;
    csv->element = HG_F32;
    return HG_OK;
}

/* Room for one more item of `size` bytes, doubling what there is. `items` is the address of a pointer. */
static enum hg_status reserve(const struct csv *csv, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return HG_OK;
    const size_t wanted = *capacity > 0 ? *capacity * 2 : 1024;
    HG_TRY(hg_reallocate_bytes(items, wanted, size, csv->path));
    *capacity = wanted;
    return HG_OK;
}

static enum hg_status push_number(struct csv *csv, struct number number)
{
    if (csv->element == HG_U8 && !number.is_byte)
        HG_TRY(to_floats(csv));
    HG_TRY(reserve(csv, &csv->values, csv->count, &csv->capacity, element_size(csv->element)));
    if (csv->element == HG_U8)
        ((uint8_t *)csv->values)[csv->count++] = (uint8_t)number.value;
    else
        ((float *)csv->values)[csv->count++] = number.value;
    return HG_OK;
}

static enum hg_status push_label(struct csv *csv, struct number number)
{
    if (!number.is_byte)
        return hg_fail(HG_BAD_DATA, "%s: line %zu: the label in its first column is not an integer 0 ... 255",
                       csv->path, csv->line);
    HG_TRY(reserve(csv, &csv->labels, csv->rows, &csv->label_capacity, sizeof *csv->labels));
    csv->labels[csv->rows] = (uint8_t)number.value;
    return HG_OK;
}

/* ---- text ---- */

static bool at_line_end(const struct csv *csv, const char *at)
{
    if (at < csv->end && *at == '\r')
        ++at;
    return at == csv->end || *at == '\n';
}

static bool at_field_end(const struct csv *csv, const char *at)
{
    return (at < csv->end && *at == csv->separator) || at_line_end(csv, at);
}

static const char *field_end(const struct csv *csv)
{
    const char *at = csv->next;
    while (!at_field_end(csv, at))
        ++at;
    return at;
}

static void skip_spaces(struct csv *csv)
{
    while (csv->next < csv->end && (*csv->next == ' ' || (*csv->next == '\t' && csv->separator != '\t')))
        ++csv->next;
}

static void skip_line(struct csv *csv)
{
    const char *newline = memchr(csv->next, '\n', (size_t)(csv->end - csv->next));
    csv->next = newline ? newline + 1 : csv->end;
    ++csv->line;
}

/* A number at `next`, which moves behind it and the spaces that follow. */
static bool parse_number(struct csv *csv, struct number *out)
{
    skip_spaces(csv);
    /* Nearly every number of an image is of this kind: no call of strtof for it. */
    unsigned integer = 0;
    const char *at = csv->next;
    while (at < csv->end && at < csv->next + 3 && *at >= '0' && *at <= '9')
        integer = integer * 10 + (unsigned)(*at++ - '0');
    if (at > csv->next && integer <= UINT8_MAX && at_field_end(csv, at)) {
        *out = (struct number){(float)integer, true};
        csv->next = at;
        return true;
    }

    char text[64]; /* strtof wants a NUL, which the mapped file has not */
    at = field_end(csv);
    size_t length = (size_t)(at - csv->next);
    while (length > 0 && (csv->next[length - 1] == ' ' || csv->next[length - 1] == '\t'))
        --length;
    if (length == 0 || length >= sizeof text)
        return false;
    memcpy(text, csv->next, length);
    text[length] = '\0';
    char *stop;
    const float value = strtof_l(text, &stop, csv->locale);
    /* The characters are checked too: strtof knows hexadecimal numbers and leading white space of every kind. */
    if (*stop || strspn(text, "0123456789+-.eE") != length || !isfinite(value))
        return false;
    *out = (struct number){value, strspn(text, "0123456789") == length && value <= UINT8_MAX};
    csv->next = at;
    return true;
}

static enum hg_status bad_number(const struct csv *csv, size_t column)
{
    enum { SHOWN = 20 };
    const size_t length = (size_t)(field_end(csv) - csv->next);
    return hg_fail(HG_BAD_DATA, "%s: line %zu, column %zu: \"%.*s\" is not a finite number", csv->path, csv->line,
                   column, (int)(length < SHOWN ? length : SHOWN), csv->next);
}

static enum hg_status parse_row(struct csv *csv)
{
    size_t column = 0;
    for (bool more = true; more;) {
        ++column;
        struct number number;
        if (!parse_number(csv, &number))
            return bad_number(csv, column);
        HG_TRY(csv->labelled && column == 1 ? push_label(csv, number) : push_number(csv, number));
        more = csv->next < csv->end && *csv->next == csv->separator;
        if (more)
            ++csv->next;
    }
    if (csv->columns == 0)
        csv->columns = column;
    if (column != csv->columns)
        return hg_fail(HG_BAD_DATA, "%s: line %zu has %zu columns, the lines before it have %zu", csv->path, csv->line,
                       column, csv->columns);
    ++csv->rows;
    return HG_OK;
}

static bool is_blank_line(const struct csv *csv)
{
    const char *at = csv->next;
    while (at < csv->end && *at == ' ')
        ++at;
    return at_line_end(csv, at);
}

/* The first line decides the separator, and is a header if its first field is no number. */
static void begin(struct csv *csv, enum hg_csv_labels which)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const size_t mark = sizeof byte_order_mark - 1;
    if ((size_t)(csv->end - csv->next) >= mark && memcmp(csv->next, byte_order_mark, mark) == 0)
        csv->next += mark;
    while (csv->next < csv->end && is_blank_line(csv))
        skip_line(csv);

    const char *newline = memchr(csv->next, '\n', (size_t)(csv->end - csv->next));
    const size_t length = (size_t)((newline ? newline : csv->end) - csv->next);
    csv->separator = memchr(csv->next, ';', length) ? ';' : memchr(csv->next, '\t', length) ? '\t' : ',';
    csv->labelled = which == HG_CSV_LABELS_FIRST;

    const char *start = csv->next;
    struct number number;
    if (parse_number(csv, &number)) {
        csv->next = start;
        return;
    }
    const char *name = csv->next;
    const char *end = field_end(csv);
    if (name < end && *name == '"')
        ++name;
    static const char label[] = "label";
    const size_t label_length = sizeof label - 1;
    const bool named = (size_t)(end - name) >= label_length && strncasecmp(name, label, label_length) == 0 &&
                       (name + label_length == end || strchr("\" ", name[label_length]));
    csv->labelled = csv->labelled || named;
    skip_line(csv);
}

static enum hg_status parse(struct csv *csv, enum hg_csv_labels which)
{
    if (csv->next)
        begin(csv, which);
    while (csv->next < csv->end) {
        if (!is_blank_line(csv)) {
            HG_TRY(parse_row(csv));
        }
        skip_line(csv);
    }
    if (csv->labelled && csv->columns == 1)
        return hg_fail(HG_BAD_DATA, "%s: has one column, the labels, and no samples", csv->path);
    return csv->rows > 0 ? HG_OK : hg_fail(HG_BAD_DATA, "%s: holds no rows of numbers", csv->path);
}

/* Gives the memory to `array`, without the room that was left for more. */
static void hand_over(struct hg_array *array, void *memory, size_t size)
{
    unsigned char *fitting = memory;
    if (hg_reallocate(&fitting, size, "a smaller block") == HG_OK) /* else the larger one does as well */
        memory = fitting;
    array->values = (struct hg_block){.data = memory, .size = size, .memory = memory};
}

enum hg_status hg_csv_read(struct hg_array *samples, struct hg_array *labels, const char *path,
                           enum hg_csv_labels which)
{
    struct csv csv = {.path = path, .line = 1, .element = HG_U8};
    struct hg_block text = {.data = NULL};
    struct hg_reader reader;
    enum hg_status status = HG_OK;
    HG_TRY(hg_reader_open(&reader, path));
    csv.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!csv.locale) {
        status = hg_fail_out_of_memory("a locale");
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_reader_text(&reader, &text));
    if (text.data) { /* else the file is empty */
        csv.next = (const char *)text.data;
        csv.end = csv.next + text.size;
    }
    HG_TRY_OR_CLEANUP(parse(&csv, which));

    const size_t features = csv.columns - (csv.labelled ? 1 : 0);
    *samples =
        (struct hg_array){.from_text = true, .element = csv.element, .dimensions = 2, .shape = {csv.rows, features}};
    hand_over(samples, csv.values, csv.count * element_size(csv.element));
    csv.values = NULL;
    *labels = (struct hg_array){.element = HG_U8, .dimensions = 1, .shape = {csv.rows}};
    if (csv.labelled)
        hand_over(labels, csv.labels, csv.rows);
    csv.labels = NULL;

cleanup:
    free(csv.labels);
    free(csv.values);
    hg_block_free(&text);
    if (csv.locale)
        freelocale(csv.locale);
    hg_reader_close(&reader);
    return status;
}
