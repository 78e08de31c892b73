/* Which column of a table holds the labels: as the user says, or as its header does. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/csv.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

/* What tables commonly call the labels; docs/FORMATS.md has the list. The last one counts only where no other is there,
 * for it may also be a coordinate. */
static const char *const label_names[] = {"label",   "labels",   "class", "target", "digit",
                                          "species", "category", "y",     NULL};
enum { LABEL_NAMES = sizeof label_names / sizeof label_names[0] - 1, SURE = LABEL_NAMES - 1 };

bool hg_csv_names_label(const char *name)
{
    for (size_t i = 0; i < LABEL_NAMES; ++i)
        if (strcasecmp(name, label_names[i]) == 0)
            return true;
    return false;
}

/* One more column than there are features, and nobody said which it is; or any number, where that is not known. */
static bool has_one_more(const struct hg_csv_assignment *a)
{
    return hg_csv_count_features(a) == a->given->feature_count + 1;
}

static void set_label(const struct hg_csv_assignment *a, size_t column)
{
    a->columns->roles[column] = HG_CSV_LABEL;
    a->columns->labelled = true;
}

static enum hg_status take_given_label(const struct hg_csv_assignment *a)
{
    const char *text = a->given->label;
    bool found;
    size_t column;
    if (strcmp(text, "none") == 0)
        return HG_OK;
    HG_TRY(hg_csv_find_column(&found, &column, a, "label", text));
    const bool known = a->given->feature_count > 0;
    if (!found)
        return known || !a->required ? HG_OK : hg_csv_no_such_column(a, "label", text);
    const bool by_name = a->columns->header && strcasecmp(hg_csv_name(a, column), text) == 0;
    if (hg_csv_is_expected(a, column) || (!by_name && known && hg_csv_count_features(a) == a->given->feature_count))
        return HG_OK; /* a file without labels: what stands in that place is a feature */
    if (a->columns->roles[column] == HG_CSV_SKIPPED)
        return hg_fail(HG_USAGE, "label: the column \"%s\" is also one of skip_columns", text);
    set_label(a, column);
    return HG_OK;
}

/* The columns that common names from `first` to before `beyond` stand for; *column is one of them. */
static size_t find_common_names(const struct hg_csv_assignment *a, size_t first, size_t beyond, size_t columns[2])
{
    size_t count = 0;
    for (size_t c = 0; c < a->columns->count; ++c)
        for (size_t i = first; i < beyond; ++i)
            if (a->columns->roles[c] >= 0 && !hg_csv_is_expected(a, c) &&
                strcasecmp(hg_csv_name(a, c), label_names[i]) == 0) {
                if (count < 2)
                    columns[count] = c;
                ++count;
            }
    return count;
}

static enum hg_status ask_for_label(const struct hg_csv_assignment *a)
{
    char list[256], names[96];
    if (!a->columns->header)
        return hg_fail(HG_BAD_DATA,
                       "%s: has no header; say which of its %zu columns holds the labels with label=1, label=last or "
                       "another number, or label=none where none does",
                       a->head->path, a->columns->count);
    return hg_fail(HG_BAD_DATA,
                   "%s: none of its columns (%s) is called %s; say which holds the labels with label=NAME, or "
                   "label=none where none does",
                   a->head->path, hg_csv_list_columns(list, sizeof list, a),
                   hg_words_join(names, sizeof names, label_names, ", ", " or "));
}

static enum hg_status take_label_by_header(const struct hg_csv_assignment *a)
{
    size_t columns[2];
    size_t count = find_common_names(a, 0, SURE, columns);
    if (count == 0)
        count = find_common_names(a, SURE, LABEL_NAMES, columns);
    if (count > 1)
        return hg_fail(HG_BAD_DATA,
                       "%s: \"%s\" and \"%s\" may each hold the labels; say which with label=%s, and leave the other "
                       "out with skip_columns=%s, or the other way round",
                       a->head->path, hg_csv_name(a, columns[0]), hg_csv_name(a, columns[1]),
                       hg_csv_name(a, columns[0]), hg_csv_name(a, columns[1]));
    if (count == 1) {
        set_label(a, columns[0]);
        return HG_OK;
    }
    const bool known = a->given->feature_count > 0;
    if (known ? !a->features && has_one_more(a) : a->required)
        return ask_for_label(a);
    return HG_OK;
}

static enum hg_status take_label_without_header(const struct hg_csv_assignment *a)
{
    const bool known = a->given->feature_count > 0;
    if (known && has_one_more(a) && (!a->required || a->given->features))
        return ask_for_label(a); /* the others had a header */
    if (!a->required || (known && !has_one_more(a)))
        return HG_OK;
    size_t column = 0;
    while (column + 1 < a->columns->count && a->columns->roles[column] < 0)
        ++column;
    set_label(a, column);
    a->columns->label_assumed = true;
    hg_csv_note(a->columns,
                "it has no header; %s column is taken for the labels (label=last, another number or label=none says "
                "otherwise)",
                column == 0 ? "the first" : "the first remaining");
    return HG_OK;
}

enum hg_status hg_csv_take_labels(const struct hg_csv_assignment *a)
{
    if (a->given->label)
        return take_given_label(a);
    return a->columns->header ? take_label_by_header(a) : take_label_without_header(a);
}
