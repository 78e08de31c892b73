#include "host/data/class_folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/utf8.h"

static bool is_number(const char *name)
{
    enum { DIGITS_MAX = 9 };
    const size_t length = strspn(name, "0123456789");
    return length > 0 && length <= DIGITS_MAX && !name[length];
}

static int compare_numbers(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    const long m = strtol(x, NULL, 10), n = strtol(y, NULL, 10);
    return m != n ? (m > n) - (m < n) : strcmp(x, y);
}

void hg_class_folders_order(struct hg_name_list *folders, bool *numbers, bool *labels)
{
    *numbers = true;
    for (size_t i = 0; i < folders->count; ++i)
        *numbers = *numbers && is_number(folders->names[i]);
    if (*numbers)
        qsort(folders->names, folders->count, sizeof *folders->names, compare_numbers);
    *labels = *numbers;
    for (size_t i = 0; i < folders->count; ++i) {
        char label[24];
        snprintf(label, sizeof label, "%zu", i);
        *labels = *labels && strcmp(folders->names[i], label) == 0;
    }
}

enum hg_status hg_class_folder_check(const char *directory, const char *name)
{
    if (strchr(name, '\n') || !hg_utf8_valid(name))
        return hg_fail(HG_BAD_DATA,
                       "%s/%s: a folder's name is that of a class, and must be one line of UTF-8; rename it", directory,
                       name);
    return HG_OK;
}

enum hg_status hg_class_folder_label(uint8_t *label, const char *directory, const char *name, const char *const *names)
{
    for (size_t i = 0; names && names[i]; ++i) {
        if (strcmp(names[i], name) == 0) {
            *label = (uint8_t)i;
            return HG_OK;
        }
    }
    if (!names && is_number(name) && strtol(name, NULL, 10) < HG_CLASSES_MAX) {
        *label = (uint8_t)strtol(name, NULL, 10);
        return HG_OK;
    }
    return hg_fail(HG_BAD_DATA, "%s/%s: %s", directory, name,
                   names ? "training had no class of that name; rename it, or move it elsewhere"
                         : "the classes of training were numbers; name each folder by its number");
}
