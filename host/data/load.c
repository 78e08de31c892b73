/* Which files make a dataset, and which reader takes each. docs/FORMATS.md is the long form. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/data/dataset.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Names of one file, in the order of preference; each is looked for as it is and with .gz. */
struct spelling {
    const char *names[3];
};

struct layout {
    struct spelling samples[2], labels[2]; /* [enum hg_split] */
    enum hg_status (*read_samples)(struct hg_array *out, const char *path);
    enum hg_status (*read_labels)(struct hg_array *out, const char *path);
};

static const struct layout pair_layouts[] = {
    {{{{"train-images-idx3-ubyte", "train-images.idx3-ubyte"}}, {{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"}}},
     {{{"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"}}, {{"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"}}},
     hg_idx_read,
     hg_idx_read},
    {{{{"x_train.npy"}}, {{"x_test.npy"}}}, {{{"y_train.npy"}}, {{"y_test.npy"}}}, hg_npy_read, hg_npy_read_labels},
};

static const struct spelling csv_layout[] = {{{"train.csv"}}, {{"test.csv"}}};

/* The first spelling for which a file exists, to be freed by the caller; *out is NULL where there is none. */
static enum hg_status find(char **out, const char *directory, const struct spelling *spelling)
{
    static const char *const endings[] = {"", ".gz"};
    *out = NULL;
    for (size_t i = 0; spelling->names[i]; ++i) {
        for (size_t j = 0; j < sizeof endings / sizeof *endings; ++j) {
            char *path;
            HG_TRY(hg_string_format(&path, "%s/%s%s", directory, spelling->names[i], endings[j]));
            if (access(path, F_OK) == 0) {
                *out = path;
                return HG_OK;
            }
            free(path);
        }
    }
    return HG_OK;
}

static enum hg_status load_pair(struct hg_dataset **out, const struct layout *layout, enum hg_split split,
                                const char *directory, const char *samples_path)
{
    struct hg_array samples;
    struct hg_array labels;
    char *labels_path;
    enum hg_status status = find(&labels_path, directory, &layout->labels[split]);
    if (status != HG_OK)
        return status;
    if (!labels_path)
        return hg_fail(HG_NO_INPUT, "%s/%s: no such file, nor .gz, though there is %s", directory,
                       layout->labels[split].names[0], samples_path);
    HG_TRY_OR_CLEANUP(layout->read_labels(&labels, labels_path));
    status = layout->read_samples(&samples, samples_path);
    if (status != HG_OK) {
        hg_array_free(&labels);
        goto cleanup;
    }
    status = hg_dataset_from_arrays(out, samples_path, &samples, labels_path, &labels);

cleanup:
    free(labels_path);
    return status;
}

static enum hg_status load_csv(struct hg_dataset **out, const char *path, enum hg_csv_labels which)
{
    struct hg_array samples;
    struct hg_array labels;
    HG_TRY(hg_csv_read(&samples, &labels, path, which));
    return hg_dataset_from_arrays(out, path, &samples, path, &labels);
}

enum hg_status hg_dataset_load(struct hg_dataset **out, const char *directory, enum hg_split split)
{
    struct stat info;
    if (stat(directory, &info) != 0)
        return hg_fail(HG_NO_INPUT, "%s: %s", directory, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return hg_fail(HG_NO_INPUT, "%s: is a file, expected a directory with a dataset", directory);

    char *path;
    enum hg_status status;
    for (size_t i = 0; i < sizeof pair_layouts / sizeof *pair_layouts; ++i) {
        status = find(&path, directory, &pair_layouts[i].samples[split]);
        if (status == HG_OK && path)
            status = load_pair(out, &pair_layouts[i], split, directory, path);
        const bool found = path != NULL;
        free(path);
        if (status != HG_OK || found)
            return status;
    }
    status = find(&path, directory, &csv_layout[split]);
    if (status == HG_OK && path)
        status = load_csv(out, path, HG_CSV_LABELS_FIRST);
    else if (status == HG_OK)
        status = hg_fail(HG_NO_INPUT, "%s: holds none of %s, %s, %s (nor one of them with .gz)", directory,
                         pair_layouts[0].samples[split].names[0], pair_layouts[1].samples[split].names[0],
                         csv_layout[split].names[0]);
    free(path);
    return status;
}

static bool name_ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    const size_t tail = strlen(ending);
    return length >= tail && strncasecmp(path + length - tail, ending, tail) == 0;
}

enum hg_status hg_dataset_read(struct hg_dataset **out, const char *file)
{
    enum { NPY, IDX, CSV, UNKNOWN } format = UNKNOWN;
    static const char *const endings[][4] = {
        [NPY] = {".npy"}, [IDX] = {".idx", "-ubyte"}, [CSV] = {".csv", ".tsv", ".txt"}};
    for (int i = 0; i < UNKNOWN; ++i) {
        for (size_t j = 0; endings[i][j]; ++j) {
            if (name_ends_in(file, endings[i][j]))
                format = i;
        }
    }
    if (format == UNKNOWN) { /* the name says nothing: the content does */
        unsigned char magic[6];
        HG_TRY(hg_reader_peek(file, magic, sizeof magic));
        if (memcmp(magic, "\x93NUMPY", sizeof magic) == 0)
            format = NPY;
        else
            format = magic[0] == 0 && magic[1] == 0 ? IDX : CSV;
    }
    if (format == CSV)
        return load_csv(out, file, HG_CSV_LABELS_IF_NAMED);
    struct hg_array samples;
    HG_TRY(format == NPY ? hg_npy_read(&samples, file) : hg_idx_read(&samples, file));
    return hg_dataset_from_arrays(out, file, &samples, NULL, NULL);
}
