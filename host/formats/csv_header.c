/* Is the first line of a table a header? Where no field of it is a number, or all are as in the lines below, that is
 * plain; headers of numbers, and first rows with a gap in them, are what this file is about. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/csv.h"
#include "kernels/base/try.h"

enum kind { NUMBER, MISSING, WORD };

static enum kind kind_of(const struct hg_csv_head *head, const char *field)
{
    static const char *const missing[] = {"", "na", "n/a", "nan", "null", "none", "?", "-"};
    struct hg_csv_number number;
    if (hg_csv_number(&number, field, strlen(field), head->locale))
        return NUMBER;
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; ++i)
        if (strcasecmp(field, missing[i]) == 0)
            return MISSING;
    return WORD;
}

static bool is_whole(const char *field)
{
    return *field && strspn(field, "0123456789") == strlen(field);
}

/* Whether the line's numbers are n, n + 1, n + 2, ..., n at most `most`. From 0 or 1 they are the names that pandas and
 * others give columns that have none. */
static bool counts_up(const struct hg_csv_head *head, char *const *fields, size_t count, unsigned long most)
{
    unsigned long next = 0;
    bool begun = false;
    for (size_t c = 0; c < count; ++c) {
        if (kind_of(head, fields[c]) != NUMBER)
            continue;
        if (!is_whole(fields[c]))
            return false;
        const unsigned long value = strtoul(fields[c], NULL, 10);
        if (!begun ? value > most : value != next)
            return false;
        begun = true;
        next = value + 1;
    }
    return begun;
}

/* Whether the line is a row of bytes after pandas has taken it for a header: of equal names it makes "0", "0.1", "0.2".
 */
static bool was_taken_for_a_header(const struct hg_csv_head *head)
{
    enum { CERTAIN = 3 };
    size_t seen[UINT8_MAX + 1] = {0}, renamed = 0;
    for (size_t c = 0; c < head->columns; ++c) {
        const char *field = head->first[c];
        const size_t digits = strspn(field, "0123456789");
        const unsigned long base = strtoul(field, NULL, 10);
        if (digits == 0 || digits > 3 || base > UINT8_MAX)
            return false;
        if (field[digits] == '.' && is_whole(field + digits + 1)) {
            if (seen[base] == 0 || strtoul(field + digits + 1, NULL, 10) != seen[base])
                return false;
            ++renamed;
        } else if (field[digits] || seen[base] > 0) {
            return false;
        }
        ++seen[base];
    }
    return renamed >= CERTAIN;
}

static enum hg_status ask(const struct hg_csv_head *head)
{
    return hg_fail(HG_BAD_DATA,
                   "%s: its first line, %s ... %s, may be a header or a sample; header=yes or header=no says which",
                   head->path, head->first[0], head->first[head->columns - 1]);
}

static bool holds_fraction(const struct hg_csv_head *head)
{
    for (size_t c = 0; c < head->second_columns; ++c)
        if (!is_whole(head->second[c]))
            return true;
    return false;
}

/* The first line is all numbers. */
static enum hg_status judge_numbers(struct hg_csv_columns *columns, const struct hg_csv_head *head)
{
    enum { FEW = 2, MANY = 5 }; /* numbers that count up by chance, and that hardly do */
    columns->header = false;
    if (!head->second)
        return HG_OK;
    if (was_taken_for_a_header(head))
        return hg_fail(
            HG_BAD_DATA,
            "%s: its first line, %s, %s, %s ..., is a sample that pandas has taken for a header and renamed; "
            "read the original with pandas.read_csv(..., header=None) and save it again; header=yes leaves "
            "the line out, header=no reads it as it is",
            head->path, head->first[0], head->first[1], head->first[2]);
    const bool many = head->columns >= MANY;
    if (head->columns < FEW || !counts_up(head, head->first, head->columns, many ? 1 : 0))
        return HG_OK;
    if (head->columns == FEW && !holds_fraction(head))
        return HG_OK;
    if (!many || counts_up(head, head->second, head->second_columns, ULONG_MAX))
        return ask(head);
    columns->header = true;
    hg_csv_note(columns, "its first line, %s ... %s, is taken for a header (header=no says otherwise)", head->first[0],
                head->first[head->columns - 1]);
    return HG_OK;
}

/* The first line has numbers, and fields that are none. A word above a number is a name; a word above a word may be a
 * text of which there is one in each row; and where a field is empty, the numbers decide. */
static bool judge_mixed(const struct hg_csv_head *head)
{
    bool gap = false;
    for (size_t c = 0; c < head->columns; ++c) {
        const enum kind kind = kind_of(head, head->first[c]);
        const bool above_number = c < head->second_columns && kind_of(head, head->second[c]) == NUMBER;
        if (kind == WORD && (above_number || hg_csv_names_label(head->first[c]) || hg_csv_names_index(head->first[c])))
            return true;
        gap |= kind == MISSING && above_number;
    }
    return gap && counts_up(head, head->first, head->columns, 1);
}

/* Whether a line of one field is numbers with blanks between them, as numpy.savetxt writes by default. */
static bool has_blanks_for_separators(const struct hg_csv_head *head)
{
    struct hg_csv_number number;
    const char *field = head->first[0];
    const size_t length = strcspn(field, " \t");
    return head->columns == 1 && field[length] && hg_csv_number(&number, field, length, head->locale);
}

enum hg_status hg_csv_find_header(struct hg_csv_columns *columns, const struct hg_csv_head *head, enum hg_header given)
{
    if (has_blanks_for_separators(head))
        return hg_fail(HG_BAD_DATA,
                       "%s: its columns are separated by blanks; separate the columns by commas, as numpy.savetxt does "
                       "with delimiter=\",\"",
                       head->path);
    columns->header = given == HG_HEADER_YES;
    if (given != HG_HEADER_AUTO)
        return HG_OK;
    size_t numbers = 0;
    for (size_t c = 0; c < head->columns; ++c)
        numbers += kind_of(head, head->first[c]) == NUMBER;
    if (numbers == head->columns)
        return judge_numbers(columns, head);
    columns->header = numbers == 0 || judge_mixed(head);
    return HG_OK;
}
