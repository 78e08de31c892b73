/* Labels that are words: the names of the classes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/csv.h"
#include "host/formats/names.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

enum { CLASSES = 256, NAME_SIZE = 256 };

struct hg_csv_class {
    char name[NAME_SIZE];
    uint8_t number; /* as the labels have it: the place in the order of appearance, or among the names given */
};

struct hg_csv_classes {
    size_t count;
    bool given;                          /* no others are added */
    struct hg_csv_class sorted[CLASSES]; /* by the bytes of their names */
};

/* Where the name is, or belongs. */
static size_t place_of(const struct hg_csv_classes *classes, const char *name, bool *found)
{
    size_t first = 0;
    for (size_t beyond = classes->count; first < beyond;) {
        const size_t middle = first + (beyond - first) / 2;
        if (strcmp(classes->sorted[middle].name, name) < 0)
            first = middle + 1;
        else
            beyond = middle;
    }
    *found = first < classes->count && strcmp(classes->sorted[first].name, name) == 0;
    return first;
}

static void insert(struct hg_csv_classes *classes, size_t place, const char *name, size_t number)
{
    struct hg_csv_class *at = &classes->sorted[place];
    memmove(at + 1, at, (classes->count++ - place) * sizeof *at);
    snprintf(at->name, sizeof at->name, "%s", name);
    at->number = (uint8_t)number;
}

enum hg_status hg_csv_classes_create(struct hg_csv *csv, const struct hg_data_options *given)
{
    HG_TRY(hg_allocate(&csv->classes, 1, csv->path));
    if (!given)
        return HG_OK;
    csv->classes->given = true;
    for (size_t i = 0; given->class_names[i] && i < CLASSES; ++i) {
        bool found;
        const size_t place = place_of(csv->classes, given->class_names[i], &found);
        if (!found)
            insert(csv->classes, place, given->class_names[i], i);
    }
    return HG_OK;
}

/* "a, b, c, ...": the first few of the classes, in out[size]. */
static const char *list_classes(char *out, size_t size, const struct hg_csv_classes *classes)
{
    enum { SHOWN = 6 };
    const char *words[SHOWN + 2] = {NULL};
    size_t count = 0;
    for (; count < classes->count && count < SHOWN; ++count)
        words[count] = classes->sorted[count].name;
    if (count < classes->count)
        words[count] = "...";
    return hg_words_join(out, size, words, ", ", ", ");
}

static bool is_missing(const char *name)
{
    static const char *const missing[] = {"", "na", "n/a", "nan", "null", "?"};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; ++i)
        if (strcasecmp(name, missing[i]) == 0)
            return true;
    return false;
}

enum hg_status hg_csv_class_find(uint8_t *out, struct hg_csv *csv, const char *text, size_t length)
{
    enum { SHOWN = 40 };
    struct hg_csv_classes *classes = csv->classes;
    char name[NAME_SIZE], list[512];
    bool found;
    if (length >= NAME_SIZE)
        return hg_fail(HG_BAD_DATA, "%s: line %zu: \"%.*s...\" has %zu characters, too many for the name of a class",
                       csv->path, csv->line, SHOWN, text, length);
    hg_names_field(name, text, length);
    const size_t place = place_of(classes, name, &found);
    if (!found && is_missing(name))
        return hg_fail(HG_BAD_DATA,
                       "%s: line %zu: \"%s\" is no label; drop the rows that have none, as pandas' dropna() does",
                       csv->path, csv->line, name);
    if (!found && classes->given)
        return hg_fail(HG_BAD_DATA, "%s: line %zu: \"%.*s\" is not one of the classes that training saw: %s", csv->path,
                       csv->line, SHOWN, name, list_classes(list, sizeof list, classes));
    if (!found && classes->count == CLASSES)
        return hg_fail(HG_BAD_DATA,
                       "%s: line %zu: \"%.*s\" would be the class number %d, and there are at most %d; label=COLUMN "
                       "names another column",
                       csv->path, csv->line, SHOWN, name, CLASSES + 1, CLASSES);
    if (!found)
        insert(classes, place, name, classes->count);
    *out = classes->sorted[place].number;
    return HG_OK;
}

static enum hg_status copy_names(struct hg_table *table, const struct hg_csv *csv)
{
    const struct hg_csv_classes *classes = csv->classes;
    const char *names[CLASSES] = {NULL};
    for (size_t i = 0; i < classes->count; ++i)
        names[classes->given ? classes->sorted[i].number : i] = classes->sorted[i].name;
    return hg_names_copy(&table->class_names, names, classes->count);
}

enum hg_status hg_csv_classes_finish(struct hg_table *table, struct hg_csv *csv)
{
    enum { MANY = 10 };
    const struct hg_csv_classes *classes = csv->classes;
    uint8_t order[CLASSES];
    char list[512];
    HG_TRY(copy_names(table, csv));
    if (classes->given)
        return HG_OK;
    if (classes->count == csv->rows && csv->rows > MANY)
        return hg_fail(HG_BAD_DATA,
                       "%s: each of its %zu labels, %s, is another word; label=COLUMN names the column of the classes, "
                       "and label=none says that there is none",
                       csv->path, csv->rows, list_classes(list, sizeof list, classes));
    for (size_t i = 0; i < classes->count; ++i)
        order[classes->sorted[i].number] = (uint8_t)i;
    for (size_t i = 0; i < csv->rows; ++i)
        csv->labels[i] = order[csv->labels[i]];
    hg_csv_note(&csv->columns, "its labels are words, and the classes in the order of the alphabet: %s",
                list_classes(list, sizeof list, classes));
    return HG_OK;
}
