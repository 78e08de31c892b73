/* The rows of a table: numbers, each in the place that its column has among the features, and labels. */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/csv.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

size_t hg_csv_element_size(enum hg_element element)
{
    return element == HG_U8 ? sizeof(uint8_t) : sizeof(float);
}

/* ---- what has been read ---- */

static enum hg_status to_floats(struct hg_csv *csv)
{
    const size_t features = csv->columns.features;
    float *floats;
    HG_TRY(hg_allocate_bytes(&floats, csv->capacity, features * sizeof *floats, csv->path));
    const uint8_t *bytes = csv->values;
    for (size_t i = 0; i < (csv->rows + 1) * features; ++i)
        floats[i] = bytes[i];
    free(csv->values);
    csv->values = floats;
    csv->element = HG_F32;
    return HG_OK;
}

/* Room for one more item of `size` bytes, doubling what there is. `items` is the address of a pointer. */
static enum hg_status reserve(const struct hg_csv *csv, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return HG_OK;
    const size_t wanted = *capacity > 0 ? *capacity * 2 : 64;
    HG_TRY(hg_reallocate_bytes(items, wanted, size, csv->path));
    *capacity = wanted;
    return HG_OK;
}

/* Room for the row that follows, its numbers 0. */
static enum hg_status begin_row(struct hg_csv *csv)
{
    const size_t size = csv->columns.features * hg_csv_element_size(csv->element);
    HG_TRY(reserve(csv, &csv->values, csv->rows, &csv->capacity, size));
    memset((char *)csv->values + csv->rows * size, 0, size);
    return csv->columns.labelled ? reserve(csv, &csv->labels, csv->rows, &csv->label_capacity, sizeof *csv->labels)
                                 : HG_OK;
}

static enum hg_status put_number(struct hg_csv *csv, size_t feature, struct hg_csv_number number)
{
    const size_t at = csv->rows * csv->columns.features + feature;
    if (csv->element == HG_U8 && !number.is_byte)
        HG_TRY(to_floats(csv));
    if (csv->element == HG_U8)
        ((uint8_t *)csv->values)[at] = (uint8_t)number.value;
    else
        ((float *)csv->values)[at] = number.value;
    return HG_OK;
}

/* ---- text ---- */

bool hg_csv_at_line_end(const struct hg_csv *csv, const char *at)
{
    if (at < csv->end && *at == '\r')
        ++at;
    return at == csv->end || *at == '\n';
}

static bool at_field_end(const struct hg_csv *csv, const char *at)
{
    return (at < csv->end && *at == csv->separator) || hg_csv_at_line_end(csv, at);
}

/* A separator between double quotes is part of the field. */
static const char *field_end(const struct hg_csv *csv)
{
    const char *at = csv->next;
    bool quoted = false;
    while (!hg_csv_at_line_end(csv, at) && (quoted || *at != csv->separator))
        quoted ^= *at++ == '"';
    return at;
}

static void skip_spaces(struct hg_csv *csv)
{
    while (csv->next < csv->end && (*csv->next == ' ' || (*csv->next == '\t' && csv->separator != '\t')))
        ++csv->next;
}

bool hg_csv_number(struct hg_csv_number *out, const char *text, size_t length, locale_t locale)
{
    enum { LONGEST = 1200 /* a double written out in full has up to 1077 characters */ };
    char copy[LONGEST + 1]; /* strtof wants a NUL, which the mapped file has not */
    if (length == 0 || length > LONGEST)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *stop;
    const float value = strtof_l(copy, &stop, locale);
    /* The characters are checked too: strtof knows hexadecimal numbers and leading white space of every kind. */
    if (*stop || strspn(copy, "0123456789+-.eE") != length || !isfinite(value))
        return false;
    *out = (struct hg_csv_number){value, strspn(copy, "0123456789") == length && value <= UINT8_MAX};
    return true;
}

/* A number at `next`, which moves behind it and the spaces that follow. */
static bool parse_number(struct hg_csv *csv, struct hg_csv_number *out)
{
    skip_spaces(csv);
    /* Nearly every number of an image is of this kind: no call of strtof for it. */
    unsigned integer = 0;
    const char *at = csv->next;
    while (at < csv->end && at < csv->next + 3 && *at >= '0' && *at <= '9')
        integer = integer * 10 + (unsigned)(*at++ - '0');
    if (at > csv->next && integer <= UINT8_MAX && at_field_end(csv, at)) {
        *out = (struct hg_csv_number){(float)integer, true};
        csv->next = at;
        return true;
    }

    const char *start = csv->next, *const end = field_end(csv), *stop = end;
    while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t'))
        --stop;
    if (stop - start >= 2 && *start == '"' && stop[-1] == '"') {
        ++start;
        --stop;
    }
    if (!hg_csv_number(out, start, (size_t)(stop - start), csv->locale))
        return false;
    csv->next = end;
    return true;
}

/* ---- rows ---- */

/* `column` "NAME" of the header, or nothing, in out[size]. */
static const char *quote_name(char *out, size_t size, const struct hg_csv *csv, size_t column)
{
    out[0] = '\0';
    if (csv->columns.header)
        snprintf(out, size, " (%.40s)", csv->head.first[column]);
    return out;
}

/* What a field that is no number is most likely, and what helps. */
static const char *cure(const struct hg_csv *csv, const char *field, size_t length)
{
    if (length == 0 || strncasecmp(field, "na", 2) == 0 || *field == '?')
        return "; fill the gaps in first, or drop such rows, as pandas' dropna() does";
    if (csv->separator != ',' && memchr(field, ',', length))
        return "; write numbers with a decimal point";
    if (memchr(field, ' ', length) || memchr(field, '\t', length))
        return "; separate the columns by commas";
    if (isalpha((unsigned char)*field) || *field == '"')
        return "; a column of text is left out with skip_columns=COLUMN";
    return "";
}

static enum hg_status bad_number(const struct hg_csv *csv, size_t column)
{
    enum { SHOWN = 20 };
    char name[64];
    const size_t length = (size_t)(field_end(csv) - csv->next);
    return hg_fail(HG_BAD_DATA, "%s: line %zu, column %zu%s: \"%.*s\" is not a finite number%s", csv->path, csv->line,
                   column + 1, quote_name(name, sizeof name, csv, column), (int)(length < SHOWN ? length : SHOWN),
                   csv->next, cure(csv, csv->next, length));
}

static enum hg_status bad_label(const struct hg_csv *csv, size_t column)
{
    enum { SHOWN = 20 };
    char name[64];
    const size_t length = (size_t)(field_end(csv) - csv->next);
    return hg_fail(HG_BAD_DATA, "%s: line %zu: the label \"%.*s\" in column %zu%s is not an integer 0 ... 255%s",
                   csv->path, csv->line, (int)(length < SHOWN ? length : SHOWN), csv->next, column + 1,
                   quote_name(name, sizeof name, csv, column),
                   csv->columns.label_assumed
                       ? "; there is no header, so label=last, label=N or label=none must say which column is the label"
                       : "; label=COLUMN names another column");
}

/* A column of labels may be written as floats: 3.0 is 3. The first word among them makes words of all. */
static enum hg_status parse_label(struct hg_csv *csv, size_t column)
{
    skip_spaces(csv);
    const char *start = csv->next;
    struct hg_csv_number number;
    if (csv->classes || !parse_number(csv, &number)) {
        if (!csv->classes)
            HG_TRY(hg_csv_classes_create(csv, NULL));
        csv->next = field_end(csv);
        return hg_csv_class_find(&csv->labels[csv->rows], csv, start, (size_t)(csv->next - start));
    }
    if (number.value < 0 || number.value > UINT8_MAX || number.value != floorf(number.value)) {
        csv->next = start;
        return bad_label(csv, column);
    }
    csv->labels[csv->rows] = (uint8_t)number.value;
    if (csv->rows > 0 && csv->labels[csv->rows] != csv->labels[csv->rows - 1] + 1)
        csv->labels_count_up = false;
    return HG_OK;
}

static enum hg_status wrong_width(const struct hg_csv *csv, size_t width)
{
    const size_t expected = csv->columns.count;
    return hg_fail(HG_BAD_DATA, "%s: line %zu has %zu columns, %s %zu%s", csv->path, csv->line, width,
                   csv->columns.header ? "but the header" : "the lines before it have", expected,
                   width > expected && csv->separator == ','
                       ? "; are its numbers written with decimal commas? Write them with a point"
                       : "");
}

enum hg_status hg_csv_parse_row(struct hg_csv *csv)
{
    const struct hg_csv_columns *columns = &csv->columns;
    HG_TRY(begin_row(csv));
    size_t column = 0;
    for (bool more = true; more; ++column) {
        const ptrdiff_t role = column < columns->count ? columns->roles[column] : HG_CSV_SKIPPED;
        struct hg_csv_number number;
        if (role == HG_CSV_LABEL) {
            HG_TRY(parse_label(csv, column));
        } else if (role == HG_CSV_SKIPPED) {
            csv->next = field_end(csv);
        } else {
            if (!parse_number(csv, &number))
                return bad_number(csv, column);
            HG_TRY(put_number(csv, (size_t)role, number));
        }
        more = csv->next < csv->end && *csv->next == csv->separator;
        if (more)
            ++csv->next;
    }
    if (column != columns->count)
        return wrong_width(csv, column);
    ++csv->rows;
    return HG_OK;
}
