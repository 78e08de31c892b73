#include "host/data/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/data/class_folders.h"
#include "host/formats/names.h"
#include "host/pictures/picture.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Names of the folders that are parts, the preferred first. A validation part stands for a test part where that is
 * missing. */
static const char *const train_names[] = {"train", "training", NULL};
static const char *const test_names[] = {"test", "testing", NULL};
static const char *const validation_names[] = {"val", "valid", "validation", NULL};

/* ---- where the pictures lie ---- */

static bool is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        ++names;
    return *names != NULL;
}

static bool has_parts(const struct hg_listing *listing)
{
    bool train = false;
    for (size_t i = 0; i < listing->folders.count; ++i) {
        const char *name = listing->folders.names[i];
        train = train || is_among(name, train_names);
        if (!is_among(name, train_names) && !is_among(name, test_names) && !is_among(name, validation_names))
            return false;
    }
    return train;
}

/* By the end of its name. */
static bool is_called_picture(const char *path)
{
    static const char *const endings[] = {"png", "jpg", "jpeg", "jpe", "gif", "bmp", "tif", "tiff", "webp", "heic"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; ++i)
        if (strcasecmp(dot + 1, endings[i]) == 0)
            return true;
    return false;
}

static bool has_pictures(const struct hg_listing *listing)
{
    size_t i = 0;
    while (i < listing->files.count && !is_called_picture(listing->files.names[i]))
        ++i;
    return i < listing->files.count;
}

/* The first of the names that is a folder; NULL: none. */
static const char *find_part(const struct hg_listing *listing, const char *const *names)
{
    for (; *names; ++names)
        for (size_t i = 0; i < listing->folders.count; ++i)
            if (strcmp(listing->folders.names[i], *names) == 0)
                return *names;
    return NULL;
}

void hg_folder_free(struct hg_folder *folder)
{
    free(folder->path);
    *folder = (struct hg_folder){.path = NULL};
}

/* The part of a split, where the directory has parts. */
static enum hg_status choose_part(struct hg_folder *out, const struct hg_listing *listing, const char *directory,
                                  enum hg_split split)
{
    const char *part = find_part(listing, split == HG_TEST ? test_names : train_names);
    if (!part && split == HG_TEST)
        part = out->stands = find_part(listing, validation_names);
    return part ? hg_string_format(&out->path, "%s/%s", directory, part) : HG_OK;
}

enum hg_status hg_folder_find(struct hg_folder *out, const char *directory, enum hg_split split)
{
    struct hg_listing listing, part = {.files = {.names = NULL}};
    const struct hg_listing *found = &listing;
    enum hg_status status = HG_OK;
    *out = (struct hg_folder){.path = NULL};
    HG_TRY(hg_listing_read(&listing, directory));
    out->parts = has_parts(&listing);
    if (out->parts) {
        HG_TRY_OR_CLEANUP(choose_part(out, &listing, directory, split));
        if (!out->path)
            goto cleanup;
        HG_TRY_OR_CLEANUP(hg_listing_read(&part, out->path));
        found = &part;
    } else {
        out->undivided = listing.folders.count > 0 || has_pictures(&listing);
        if (split == HG_TRAIN)
            HG_TRY_OR_CLEANUP(hg_string_copy(&out->path, directory));
    }
    out->classes = found->folders.count > 0;

cleanup:
    hg_listing_free(&part);
    hg_listing_free(&listing);
    if (status != HG_OK)
        hg_folder_free(out);
    return status;
}

/* ---- the pictures ---- */

/* Pictures found so far. */
struct search {
    struct hg_name_list paths;
    size_t others;   /* files and folders that are no pictures */
    char *other;     /* the first of them */
    uint8_t *labels; /* [label_count]; NULL: there are no classes */
    size_t label_count;
};

static void search_free(struct search *search)
{
    hg_name_list_free(&search->paths);
    free(search->other);
    free(search->labels);
    *search = (struct search){.others = 0};
}

static enum hg_status leave_out(struct search *search, const char *path)
{
    return search->others++ == 0 ? hg_string_copy(&search->other, path) : HG_OK;
}

static enum hg_status leave_out_all(struct search *search, const char *directory, const struct hg_name_list *names)
{
    if (search->others == 0 && names->count > 0)
        HG_TRY(hg_string_format(&search->other, "%s/%s", directory, names->names[0]));
    search->others += names->count;
    return HG_OK;
}

/* Takes a picture; passes over what is none, unless its name says that it is one, which reading it will find out. */
static enum hg_status consider(struct search *search, const char *path)
{
    unsigned char begins[HG_PICTURE_MAGIC];
    if (is_called_picture(path))
        return hg_name_list_add(&search->paths, path);
    const enum hg_status status = hg_reader_peek(path, begins, sizeof begins);
    if (status == HG_OK && hg_picture_recognise(begins, sizeof begins))
        return hg_name_list_add(&search->paths, path);
    return status == HG_INTERNAL ? status : leave_out(search, path);
}

static enum hg_status search_directory(struct search *search, const char *directory)
{
    struct hg_listing listing;
    enum hg_status status = HG_OK;
    char *path = NULL;
    HG_TRY(hg_listing_read(&listing, directory));
    for (size_t i = 0; i < listing.files.count; ++i) {
        HG_TRY_OR_CLEANUP(hg_string_format(&path, "%s/%s", directory, listing.files.names[i]));
        HG_TRY_OR_CLEANUP(consider(search, path));
        free(path);
        path = NULL;
    }
    status = leave_out_all(search, directory, &listing.folders);

cleanup:
    free(path);
    hg_listing_free(&listing);
    return status;
}

/* ---- the classes ---- */

static enum hg_status add_labels(struct search *search, uint8_t label)
{
    HG_TRY(hg_reallocate(&search->labels, search->paths.count, "the labels of the pictures"));
    while (search->label_count < search->paths.count)
        search->labels[search->label_count++] = label;
    return HG_OK;
}

/* All class folders; *class_names is NULL where the classes are numbers. */
static enum hg_status search_classes(struct search *search, char ***class_names, const char *directory, bool labelled,
                                     const struct hg_data_options *given)
{
    struct hg_listing listing;
    enum hg_status status = HG_OK;
    char *path = NULL;
    bool numbers, labels;
    HG_TRY(hg_listing_read(&listing, directory));
    struct hg_name_list *folders = &listing.folders;
    hg_class_folders_order(folders, &numbers, &labels);
    /* The classes are those of training. Words where it had numbers, or none as an autoencoder's, stay what they are.
     */
    const bool known = given && given->feature_count > 0 && (given->class_names || numbers);
    const char *const *names = known ? given->class_names : labels ? NULL : (const char *const *)folders->names;
    if (labelled && !known && folders->count > HG_CLASSES_MAX) {
        status = hg_fail(HG_BAD_DATA, "%s: holds %zu folders, and so classes; at most %d are possible", directory,
                         folders->count, HG_CLASSES_MAX);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(leave_out_all(search, directory, &listing.files));
    for (size_t i = 0; i < folders->count; ++i) {
        const size_t before = search->paths.count;
        uint8_t label = (uint8_t)i;
        if (labelled)
            HG_TRY_OR_CLEANUP(hg_class_folder_check(directory, folders->names[i]));
        HG_TRY_OR_CLEANUP(hg_string_format(&path, "%s/%s", directory, folders->names[i]));
        HG_TRY_OR_CLEANUP(search_directory(search, path));
        free(path);
        path = NULL;
        if (!labelled || search->paths.count == before)
            continue;
        if (known)
            HG_TRY_OR_CLEANUP(hg_class_folder_label(&label, directory, folders->names[i], names));
        HG_TRY_OR_CLEANUP(add_labels(search, label));
    }
    if (labelled && names)
        HG_TRY_OR_CLEANUP(hg_names_copy(class_names, names, known ? hg_names_count(names) : folders->count));

cleanup:
    free(path);
    hg_listing_free(&listing);
    return status;
}

/* What else the user should know of the directory. */
static void note_directory(struct hg_table *table, const struct hg_folder *folder, const struct search *search)
{
    size_t used = strlen(table->note);
    if (folder->stands)
        used += (size_t)snprintf(table->note + used, sizeof table->note - used, "%s%s stands for test",
                                 used > 0 ? "; " : "", folder->stands);
    if (search->others > 0 && used < sizeof table->note)
        snprintf(table->note + used, sizeof table->note - used, "%s%zu that %s no picture%s, such as %s, %s left out",
                 used > 0 ? "; " : "", search->others, search->others > 1 ? "are" : "is", search->others > 1 ? "s" : "",
                 search->other, search->others > 1 ? "are" : "is");
}

enum hg_status hg_folder_read(struct hg_table *out, const struct hg_folder *folder, bool labelled,
                              const struct hg_data_options *given)
{
    struct search search = {.paths = {.names = NULL}};
    char **class_names = NULL;
    enum hg_status status;
    *out = (struct hg_table){.names = NULL};
    if (folder->classes)
        HG_TRY_OR_CLEANUP(search_classes(&search, &class_names, folder->path, labelled, given));
    if (search.paths.count == 0) { /* no classes, whatever its folders are */
        search_free(&search);
        free(class_names);
        class_names = NULL;
        HG_TRY_OR_CLEANUP(search_directory(&search, folder->path));
    }
    if (search.paths.count == 0)
        goto cleanup;
    HG_TRY_OR_CLEANUP(hg_pictures_read(out, (const char *const *)search.paths.names, search.paths.count, given));
    note_directory(out, folder, &search);
    out->class_names = class_names;
    class_names = NULL; /* the table's */
    if (search.labels) {
        out->labels =
            (struct hg_array){.element = HG_U8,
                              .dimensions = 1,
                              .shape = {search.label_count},
                              .values = {.data = search.labels, .size = search.label_count, .memory = search.labels}};
        search.labels = NULL; /* the table's */
    }

cleanup:
    free(class_names);
    search_free(&search);
    return status;
}
