#include "host/formats/npz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/formats/foreign.h"
#include "host/formats/zip.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* The arrays of a split. */
struct pair {
    const char *samples, *labels;
};

/* Names as archives have them, the likeliest first: Keras, PyTorch, MedMNIST, scikit-learn, numpy.savez without names.
 */
static const struct pair usual_names[][10] = {
    [HG_TRAIN] = {{"x_train", "y_train"},
                  {"train_x", "train_y"},
                  {"train_images", "train_labels"},
                  {"train_data", "train_labels"},
                  {"x", "y"},
                  {"images", "labels"},
                  {"data", "labels"},
                  {"data", "target"},
                  {"arr_0", "arr_1"}},
    [HG_TEST] = {{"x_test", "y_test"},
                 {"test_x", "test_y"},
                 {"test_images", "test_labels"},
                 {"test_data", "test_labels"},
                 {"arr_2", "arr_3"}},
};

/* An archive, and what a path says of it. */
struct npz {
    char *path;  /* of the file */
    char *names; /* what follows the colon, cut into `chosen`; NULL: nothing does */
    struct pair chosen[2];
    struct hg_zip *zip;
};

size_t hg_npz_file_length(const char *path)
{
    static const char ending[] = ".npz:";
    const char *at = strcasestr(path, ending);
    if (!at || access(path, F_OK) == 0)
        return 0;
    return (size_t)(at - path) + sizeof ending - 2;
}

static void npz_close(struct npz *npz)
{
    hg_zip_close(npz->zip);
    free(npz->names);
    free(npz->path);
}

/* Cuts the names at their commas. */
static enum hg_status choose(struct npz *npz)
{
    const char **names[] = {&npz->chosen[HG_TRAIN].samples, &npz->chosen[HG_TRAIN].labels,
                            &npz->chosen[HG_TEST].samples, &npz->chosen[HG_TEST].labels};
    char *rest = npz->names;
    for (size_t i = 0; rest; ++i) {
        const char *name = strsep(&rest, ",");
        if (i == sizeof names / sizeof *names || !*name)
            return hg_fail(HG_USAGE,
                           "%s: give the names of arrays after the colon: SAMPLES, or SAMPLES,LABELS, or "
                           "SAMPLES,LABELS,TEST_SAMPLES,TEST_LABELS",
                           npz->path);
        *names[i] = name;
    }
    return HG_OK;
}

/* On failure, too, it is to be closed. */
static enum hg_status npz_open(struct npz *npz, const char *path)
{
    const size_t length = hg_npz_file_length(path);
    *npz = (struct npz){.path = NULL};
    HG_TRY(hg_string_copy(&npz->path, path));
    if (length > 0) {
        npz->path[length] = '\0';
        HG_TRY(hg_string_copy(&npz->names, path + length + 1));
        HG_TRY(choose(npz));
    }
    HG_TRY(hg_foreign_refuse_file(npz->path));
    HG_TRY(hg_zip_open(&npz->zip, npz->path));
    return hg_zip_count(npz->zip) > 0 ? HG_OK : hg_fail(HG_BAD_DATA, "%s: holds no arrays", npz->path);
}

/* Whether member `index` is the array `name`. Which letters are capitals differs between writers of one name. */
static bool is_array(const struct npz *npz, size_t index, const char *name)
{
    const char *member = hg_zip_name(npz->zip, index);
    const size_t length = strlen(name);
    return strncasecmp(member, name, length) == 0 && (!member[length] || strcmp(member + length, ".npy") == 0);
}

/* The number of the member that is array `name`, by its very letters where there is one; else that of members. */
static size_t find(const struct npz *npz, const char *name)
{
    const size_t count = hg_zip_count(npz->zip), length = strlen(name);
    size_t found = count;
    for (size_t i = 0; i < count; ++i) {
        if (!is_array(npz, i, name))
            continue;
        found = i;
        if (strncmp(hg_zip_name(npz->zip, i), name, length) == 0)
            break;
    }
    return found;
}

static bool has(const struct npz *npz, const char *name)
{
    return find(npz, name) < hg_zip_count(npz->zip);
}

/* The arrays of a split; .samples NULL: there are none, .labels NULL: none of labels. */
static struct pair pick(const struct npz *npz, enum hg_split split)
{
    const struct pair *usual = usual_names[split];
    struct pair best = {NULL, NULL};
    if (npz->names)
        return npz->chosen[split];
    for (size_t i = 0; usual[i].samples; ++i) {
        if (!has(npz, usual[i].samples))
            continue;
        if (has(npz, usual[i].labels))
            return usual[i];
        if (!best.samples)
            best.samples = usual[i].samples;
    }
    return best;
}

/* The names of the arrays in a sentence, in out[size]. */
static const char *list_names(char *out, size_t size, const struct npz *npz)
{
    size_t used = 0;
    snprintf(out, size, "none");
    for (size_t i = 0; i < hg_zip_count(npz->zip) && used < size; ++i) {
        const char *name = hg_zip_name(npz->zip, i);
        const size_t length = strlen(name);
        const bool is_npy = length > 4 && strcmp(name + length - 4, ".npy") == 0;
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", i > 0 ? ", " : "",
                                 (int)(is_npy ? length - 4 : length), name);
    }
    return out;
}

/* *path, which the caller frees, is what messages call the array. */
static enum hg_status read_array(struct hg_array *out, char **path, const struct npz *npz, const char *name,
                                 bool as_labels)
{
    const size_t index = find(npz, name);
    struct hg_reader reader;
    char names[256];
    if (index == hg_zip_count(npz->zip))
        return hg_fail(HG_BAD_DATA, "%s: has no array %s; there are: %s", npz->path, name,
                       list_names(names, sizeof names, npz));
    HG_TRY(hg_string_format(path, "%s:%s", npz->path, name));
    HG_TRY(hg_reader_open_member(&reader, npz->zip, index, *path));
    const enum hg_status status = hg_npy_read_from(out, &reader, as_labels);
    hg_reader_close(&reader);
    return status;
}

static enum hg_status no_samples(const struct npz *npz, enum hg_split split)
{
    char names[256];
    if (npz->names)
        return hg_fail(HG_NO_INPUT, "%s: no test samples are named; give FILE.npz:%s,%s,TEST_SAMPLES,TEST_LABELS",
                       npz->path, npz->chosen[HG_TRAIN].samples,
                       npz->chosen[HG_TRAIN].labels ? npz->chosen[HG_TRAIN].labels : "LABELS");
    return hg_fail(HG_NO_INPUT,
                   "%s: has no array whose name is one for %s samples, such as %s, but: %s; say which, by "
                   "FILE.npz:SAMPLES,LABELS or FILE.npz:SAMPLES,LABELS,TEST_SAMPLES,TEST_LABELS",
                   npz->path, split == HG_TEST ? "test" : "training", usual_names[split][0].samples,
                   list_names(names, sizeof names, npz));
}

/* Arrays without names are taken in the order in which they are usually given. */
static void note_order(struct hg_table *table, const struct pair *arrays)
{
    if (strncmp(arrays->samples, "arr_", 4) == 0 && arrays->labels)
        snprintf(table->note, sizeof table->note, "%s is taken for the samples, %s for their labels", arrays->samples,
                 arrays->labels);
}

enum hg_status hg_npz_read_split(struct hg_table *out, char **samples_path, char **labels_path, const char *path,
                                 enum hg_split split)
{
    struct npz npz;
    enum hg_status status = HG_OK;
    *out = (struct hg_table){.names = NULL};
    *samples_path = *labels_path = NULL;
    HG_TRY_OR_CLEANUP(npz_open(&npz, path));
    const struct pair arrays = pick(&npz, split);
    if (!arrays.samples) {
        status = no_samples(&npz, split);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(read_array(&out->samples, samples_path, &npz, arrays.samples, false));
    if (arrays.labels)
        HG_TRY_OR_CLEANUP(read_array(&out->labels, labels_path, &npz, arrays.labels, true));
    note_order(out, &arrays);

cleanup:
    npz_close(&npz);
    if (status == HG_OK)
        return HG_OK;
    hg_table_free(out);
    free(*samples_path);
    free(*labels_path);
    *samples_path = *labels_path = NULL;
    return status;
}

/* The test samples where the archive has both parts, as of a directory. */
enum hg_status hg_npz_read(struct hg_table *out, const char *path, const struct hg_read_options *options)
{
    struct npz npz;
    char *samples_path = NULL, names[256];
    enum hg_status status = HG_OK;
    (void)options;
    *out = (struct hg_table){.names = NULL};
    HG_TRY_OR_CLEANUP(npz_open(&npz, path));
    const struct pair test = pick(&npz, HG_TEST), train = pick(&npz, HG_TRAIN);
    const char *name = test.samples ? test.samples : train.samples;
    if (!name && hg_zip_count(npz.zip) == 1)
        name = hg_zip_name(npz.zip, 0);
    if (!name) {
        status = hg_fail(HG_BAD_DATA, "%s: holds several arrays; say which one, by FILE.npz:NAME, of: %s", npz.path,
                         list_names(names, sizeof names, &npz));
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(read_array(&out->samples, &samples_path, &npz, name, false));

cleanup:
    free(samples_path);
    npz_close(&npz);
    if (status != HG_OK)
        hg_table_free(out);
    return status;
}
