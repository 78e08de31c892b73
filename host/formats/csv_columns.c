/* Which column of a table is what: the labels (csv_labels.c), a feature, or nothing that is to be learnt. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/csv.h"
#include "host/formats/names.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

void hg_csv_note(struct hg_csv_columns *columns, const char *format, ...)
{
    const size_t used = strlen(columns->note);
    char *const at = columns->note + used;
    const int separator = snprintf(at, HG_NOTE_SIZE - used, "%s", used ? "; " : "");
    va_list arguments;
    va_start(arguments, format);
    if (used + (size_t)separator < HG_NOTE_SIZE)
        vsnprintf(at + separator, HG_NOTE_SIZE - used - (size_t)separator, format, arguments);
    va_end(arguments);
}

bool hg_csv_names_index(const char *name)
{
    static const char *const names[] = {"id", "index", "idx", "imageid", "rownames"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return strncasecmp(name, "unnamed: ", 9) == 0;
}

const char *hg_csv_name(const struct hg_csv_assignment *a, size_t column)
{
    return a->columns->header ? a->head->first[column] : "";
}

bool hg_csv_is_expected(const struct hg_csv_assignment *a, size_t column)
{
    return a->features && hg_names_find(a->features, a->given->feature_count, hg_csv_name(a, column));
}

/* Columns that have not been given another role. */
size_t hg_csv_count_features(const struct hg_csv_assignment *a)
{
    size_t count = 0;
    for (size_t c = 0; c < a->columns->count; ++c)
        count += a->columns->roles[c] >= 0;
    return count;
}

/* "a, b, c, d, ...": the first few of the file's columns, in out[size]. */
const char *hg_csv_list_columns(char *out, size_t size, const struct hg_csv_assignment *a)
{
    enum { SHOWN = 6 };
    const char *words[SHOWN + 2] = {NULL};
    size_t count = 0;
    for (; count < a->columns->count && count < SHOWN; ++count)
        words[count] = a->head->first[count];
    if (count < a->columns->count)
        words[count] = "...";
    return hg_words_join(out, size, words, ", ", ", ");
}

/* The column that `text` names: by its name, its number from 1, or "last". HG_USAGE where two are called so. */
enum hg_status hg_csv_find_column(bool *found, size_t *column, const struct hg_csv_assignment *a, const char *option,
                                  const char *text)
{
    const size_t count = a->columns->count;
    size_t alike = 0;
    const struct hg_name *exact = a->names ? hg_names_find(a->names, count, text) : NULL;
    for (size_t c = 0; a->names && !exact && c < count; ++c) {
        if (strcasecmp(hg_csv_name(a, c), text) == 0) {
            *column = c;
            ++alike;
        }
    }
    if (exact) {
        *column = exact->index;
        alike = exact + 1 < a->names + count && strcmp(exact[1].text, text) == 0 ? 2 : 1;
    }
    if (alike > 1)
        return hg_fail(HG_USAGE, "%s: %s has several columns called \"%s\"; give its number", option, a->head->path,
                       text);
    *found = alike == 1;
    if (*found)
        return HG_OK;
    const size_t digits = strspn(text, "0123456789");
    const unsigned long long number = strcmp(text, "last") == 0 ? count : strtoull(text, NULL, 10);
    *found = (!text[digits] || strcmp(text, "last") == 0) && number >= 1 && number <= count;
    *column = *found ? (size_t)number - 1 : 0;
    return HG_OK;
}

enum hg_status hg_csv_no_such_column(const struct hg_csv_assignment *a, const char *option, const char *text)
{
    char list[256];
    if (!a->columns->header)
        return hg_fail(HG_USAGE, "%s: %s has no header and %zu columns; \"%s\" is none of them", option, a->head->path,
                       a->columns->count, text);
    return hg_fail(HG_USAGE, "%s: %s has no column \"%s\", but %s", option, a->head->path, text,
                   hg_csv_list_columns(list, sizeof list, a));
}

/* ---- columns that are left out ---- */

/* A file that is read later may lack what was left out of the first one. */
static enum hg_status skip_listed(const struct hg_csv_assignment *a)
{
    char **list;
    enum hg_status status = HG_OK;
    HG_TRY(hg_names_split(&list, a->given->skip, strlen(a->given->skip), ','));
    for (size_t i = 0; list[i]; ++i) {
        bool found;
        size_t column;
        HG_TRY_OR_CLEANUP(hg_csv_find_column(&found, &column, a, "skip_columns", list[i]));
        if (found && !hg_csv_is_expected(a, column)) {
            a->columns->roles[column] = HG_CSV_SKIPPED;
        } else if (!found && a->given->feature_count == 0) {
            status = hg_csv_no_such_column(a, "skip_columns", list[i]);
            goto cleanup;
        }
    }
cleanup:
    free(list);
    return status;
}

static void skip_indices(const struct hg_csv_assignment *a)
{
    for (size_t c = 0; a->columns->header && c < a->columns->count; ++c) {
        const char *name = hg_csv_name(a, c);
        const bool unnamed = c == 0 && !*name && a->columns->count > 1;
        if (a->columns->roles[c] < 0 || hg_csv_is_expected(a, c) || (!unnamed && !hg_csv_names_index(name)))
            continue;
        if (a->given->label && strcasecmp(a->given->label, name) == 0)
            continue;
        a->columns->roles[c] = HG_CSV_SKIPPED;
        if (unnamed)
            hg_csv_note(a->columns, "the first column, which has no name, is left out");
        else
            hg_csv_note(a->columns, "the column \"%.40s\" is left out (skip_columns=none takes it in)", name);
    }
}

/* ---- the features ---- */

static bool repeats(const struct hg_name *sorted, size_t count)
{
    for (size_t i = 1; i < count; ++i)
        if (strcmp(sorted[i - 1].text, sorted[i].text) == 0)
            return true;
    return false;
}

/* In the order of those that are expected, where both have names. */
static enum hg_status order_features(const struct hg_csv_assignment *a)
{
    const size_t expected = a->given->feature_count;
    bool *seen, moved = false;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&seen, expected, "the columns of a table"));
    for (size_t c = 0, position = 0; c < a->columns->count; ++c) {
        if (a->columns->roles[c] < 0)
            continue;
        const struct hg_name *name = hg_names_find(a->features, expected, hg_csv_name(a, c));
        if (!name || seen[name->index]) {
            status = hg_fail(HG_BAD_DATA,
                             "%s: its column \"%s\" is %s; give the columns the names of the training data, or leave "
                             "this one out with skip_columns=%s",
                             a->head->path, hg_csv_name(a, c), name ? "there twice" : "not one of the training data's",
                             hg_csv_name(a, c));
            goto cleanup;
        }
        seen[name->index] = true;
        moved |= name->index != position++;
        a->columns->roles[c] = (ptrdiff_t)name->index;
    }
    for (size_t i = 0; i < expected; ++i) {
        if (!seen[i]) {
            status = hg_fail(HG_BAD_DATA, "%s: has no column \"%s\", which the training data has", a->head->path,
                             a->given->features[i]);
            goto cleanup;
        }
    }
    if (moved)
        hg_csv_note(a->columns, "its columns stand in another order than the training data's and are taken by name");
cleanup:
    free(seen);
    return status;
}

static enum hg_status number_features(const struct hg_csv_assignment *a)
{
    struct hg_csv_columns *columns = a->columns;
    columns->features = hg_csv_count_features(a);
    if (columns->features == 0)
        return hg_fail(HG_BAD_DATA, "%s: has no samples, only %s", a->head->path,
                       columns->labelled ? "labels" : "columns that are left out");
    if (a->features)
        return order_features(a);
    ptrdiff_t next = 0;
    for (size_t c = 0; c < columns->count; ++c)
        if (columns->roles[c] >= 0)
            columns->roles[c] = next++;
    return HG_OK;
}

/* What the column of the labels holds may then be anything. */
static void skip_labels(struct hg_csv_columns *columns)
{
    columns->labelled = false;
    for (size_t c = 0; c < columns->count; ++c)
        if (columns->roles[c] == HG_CSV_LABEL)
            columns->roles[c] = HG_CSV_SKIPPED;
}

enum hg_status hg_csv_assign(struct hg_csv_columns *columns, const struct hg_csv_head *head,
                             const struct hg_read_options *options)
{
    static const struct hg_data_options nothing;
    struct hg_csv_assignment a = {.columns = columns,
                                  .head = head,
                                  .given = options->given ? options->given : &nothing,
                                  .required = options->labelled};
    enum hg_status status = HG_OK;
    const bool none_skipped = a.given->skip && strcmp(a.given->skip, "none") == 0;
    columns->count = head->columns;
    HG_TRY(hg_allocate(&columns->roles, columns->count, head->path));
    if (columns->header)
        HG_TRY_OR_CLEANUP(hg_names_sort(&a.names, (const char *const *)head->first, columns->count));
    if (columns->header && a.given->features)
        HG_TRY_OR_CLEANUP(hg_names_sort(&a.features, a.given->features, a.given->feature_count));
    if (a.features && repeats(a.features, a.given->feature_count)) {
        free(a.features); /* such names tell nothing */
        a.features = NULL;
    }
    if (a.given->skip && !none_skipped)
        HG_TRY_OR_CLEANUP(skip_listed(&a));
    if (!none_skipped)
        skip_indices(&a);
    HG_TRY_OR_CLEANUP(hg_csv_take_labels(&a));
    if (a.given->feature_count > 0)
        columns->note[0] = '\0'; /* it was said of the training data */
    HG_TRY_OR_CLEANUP(number_features(&a));
    if (a.given->unlabelled)
        skip_labels(columns);
cleanup:
    free(a.features);
    free(a.names);
    return status;
}
