/* Which files make a dataset, and which reader takes each. docs/FORMATS.md is the long form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/data/dataset.h"
#include "host/data/reading.h"
#include "host/formats/format.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

/* Names of one file, in the order of preference; each is looked for as it is and with .gz. */
struct spelling {
    const char *names[3];
};

/* Files that make a dataset; labels without a name are in the file of the samples. */
struct layout {
    enum hg_format_kind format;
    struct spelling samples[2], labels[2]; /* [enum hg_split] */
};

/* In the order in which they are looked for. */
static const struct layout layouts[] = {
    {HG_FORMAT_IDX,
     {{{"train-images-idx3-ubyte", "train-images.idx3-ubyte"}}, {{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"}}},
     {{{"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"}},
      {{"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"}}}},
    {HG_FORMAT_NPY, {{{"x_train.npy"}}, {{"x_test.npy"}}}, {{{"y_train.npy"}}, {{"y_test.npy"}}}},
    {HG_FORMAT_CSV, {{{"train.csv"}}, {{"test.csv"}}}, {{{NULL}}, {{NULL}}}},
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

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

/* The labels that have a file of their own. */
static enum hg_status load_labels(struct hg_array *labels, char **path, const struct layout *layout,
                                  enum hg_split split, const char *directory, const char *samples_path)
{
    HG_TRY(find(path, directory, &layout->labels[split]));
    if (!*path)
        return hg_fail(HG_NO_INPUT, "%s/%s: no such file, nor .gz, though there is %s", directory,
                       layout->labels[split].names[0], samples_path);
    return hg_formats[layout->format].read_labels(labels, *path);
}

/* The dataset of samples and labels, all of which it takes over, its numbers read for a model of `like`'s inputs where
 * that is known. */
static enum hg_status make(struct hg_dataset **out, const char *samples_path, struct hg_array *samples,
                           const char *labels_path, struct hg_array *labels, const struct hg_input_scale *like)
{
    char *note = NULL;
    struct hg_dataset *dataset;
    const bool known = like && like->numbers != HG_NUMBERS_UNKNOWN;
    enum hg_status status = HG_OK;
    if (known)
        HG_TRY_OR_CLEANUP(hg_array_read_like(samples, samples_path, like, &note));
    HG_TRY_OR_CLEANUP(hg_dataset_from_arrays(&dataset, samples_path, samples, labels_path, labels));
    if (known)
        hg_dataset_describe(dataset, like->numbers, note);
    *out = dataset;
    return HG_OK;

cleanup:
    free(note);
    hg_array_free(labels);
    hg_array_free(samples);
    return status;
}

static enum hg_status load(struct hg_dataset **out, const struct layout *layout, enum hg_split split,
                           const char *directory, const char *samples_path, const struct hg_input_scale *like)
{
    const struct hg_read_options options = {.csv_labels = HG_CSV_LABELS_FIRST};
    const bool apart = layout->labels[split].names[0] != NULL;
    struct hg_array samples = {.dimensions = 0}, labels = {.dimensions = 0}, beside = {.dimensions = 0};
    char *labels_path = NULL;
    enum hg_status status = HG_OK;
    if (apart)
        HG_TRY_OR_CLEANUP(load_labels(&beside, &labels_path, layout, split, directory, samples_path));
    HG_TRY_OR_CLEANUP(hg_formats[layout->format].read(&samples, &labels, samples_path, &options));
    status = make(out, samples_path, &samples, apart ? labels_path : samples_path, apart ? &beside : &labels, like);
cleanup:
    hg_array_free(&beside); /* make leaves nothing in what it took */
    free(labels_path);
    return status;
}

static enum hg_status no_layout(const char *directory, enum hg_split split)
{
    const char *names[LAYOUTS + 1] = {NULL};
    char sentence[256];
    for (size_t i = 0; i < LAYOUTS; ++i)
        names[i] = layouts[i].samples[split].names[0];
    return hg_fail(HG_NO_INPUT, "%s: holds none of %s (nor one of them with .gz)", directory,
                   hg_words_join(sentence, sizeof sentence, names, ", ", ", "));
}

enum hg_status hg_dataset_load(struct hg_dataset **out, const char *directory, enum hg_split split)
{
    return hg_dataset_load_like(out, directory, split, NULL);
}

enum hg_status hg_dataset_load_like(struct hg_dataset **out, const char *directory, enum hg_split split,
                                    const struct hg_input_scale *like)
{
    struct stat info;
    if (stat(directory, &info) != 0)
        return hg_fail(HG_NO_INPUT, "%s: %s", directory, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return hg_fail(HG_NO_INPUT, "%s: is a file, expected a directory with a dataset", directory);

    for (size_t i = 0; i < LAYOUTS; ++i) {
        char *path;
        HG_TRY(find(&path, directory, &layouts[i].samples[split]));
        if (!path)
            continue;
        const enum hg_status status = load(out, &layouts[i], split, directory, path, like);
        free(path);
        return status;
    }
    return no_layout(directory, split);
}

enum hg_status hg_dataset_read(struct hg_dataset **out, const char *file)
{
    return hg_dataset_read_like(out, file, NULL);
}

enum hg_status hg_dataset_read_like(struct hg_dataset **out, const char *file, const struct hg_input_scale *like)
{
    const struct hg_read_options options = {.csv_labels = HG_CSV_LABELS_IF_NAMED};
    const struct hg_format *format;
    struct hg_array samples, labels;
    HG_TRY(hg_format_find(&format, file));
    HG_TRY(format->read(&samples, &labels, file, &options));
    return make(out, file, &samples, file, &labels, like);
}
