#include "host/data/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_name_list_add(struct hg_name_list *list, const char *name)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        HG_TRY(hg_reallocate(&list->names, capacity, "the names of files"));
        list->capacity = capacity;
    }
    HG_TRY(hg_string_copy(&list->names[list->count], name));
    ++list->count;
    return HG_OK;
}

void hg_name_list_free(struct hg_name_list *list)
{
    for (size_t i = 0; i < list->count; ++i)
        free(list->names[i]);
    free(list->names);
    *list = (struct hg_name_list){.names = NULL};
}

void hg_listing_free(struct hg_listing *listing)
{
    hg_name_list_free(&listing->folders);
    hg_name_list_free(&listing->files);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct hg_name_list *list)
{
    if (list->count > 0)
        qsort(list->names, list->count, sizeof *list->names, compare);
}

/* Not every file system says in the entry what it is, and links are followed. */
static enum hg_status is_folder(bool *folder, const char *directory, const struct dirent *entry)
{
    char *path;
    struct stat info;
    *folder = entry->d_type == DT_DIR;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return HG_OK;
    HG_TRY(hg_string_format(&path, "%s/%s", directory, entry->d_name));
    *folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    free(path);
    return HG_OK;
}

enum hg_status hg_listing_read(struct hg_listing *out, const char *directory)
{
    struct hg_listing listing = {.files = {.names = NULL}};
    enum hg_status status = HG_OK;
    DIR *entries = opendir(directory);
    if (!entries)
        return hg_fail(HG_NO_INPUT, "%s: %s", directory, strerror(errno));
    struct dirent *entry;
    while (errno = 0, (entry = readdir(entries))) {
        bool folder;
        if (entry->d_name[0] == '.')
            continue;
        HG_TRY_OR_CLEANUP(is_folder(&folder, directory, entry));
        HG_TRY_OR_CLEANUP(hg_name_list_add(folder ? &listing.folders : &listing.files, entry->d_name));
    }
    if (errno != 0) { /* the end has none */
        status = hg_fail(HG_IO, "%s: %s", directory, strerror(errno));
        goto cleanup;
    }
    sort(&listing.files);
    sort(&listing.folders);
    *out = listing;
    listing = (struct hg_listing){.files = {.names = NULL}}; /* the caller's */

cleanup:
    hg_listing_free(&listing);
    closedir(entries);
    return status;
}
