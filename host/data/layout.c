#include "host/data/layout.h"

#include <stdlib.h>
#include <unistd.h>

#include "host/data/listing.h"
#include "host/formats/foreign.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

/* Names of one file, in the order of preference; each is looked for as it is and with .gz. */
struct spelling {
    const char *names[3];
};

/* Labels without a name are in the file of the samples. */
struct hg_layout {
    enum hg_format_kind format;
    bool is_emnist;
    struct spelling samples[2], labels[2]; /* [enum hg_split] */
};

/* EMNIST is six datasets, whose files may lie beside each other. */
/* clang-format off */
#define EMNIST(part)                                                                                                   \
    {HG_FORMAT_IDX, true,                                                                                              \
     {{{"emnist-" part "-train-images-idx3-ubyte"}}, {{"emnist-" part "-test-images-idx3-ubyte"}}},                    \
     {{{"emnist-" part "-train-labels-idx1-ubyte"}}, {{"emnist-" part "-test-labels-idx1-ubyte"}}}}
/* clang-format on */

/* In the order in which they are looked for. */
static const struct hg_layout layouts[] = {
    {HG_FORMAT_IDX,
     false,
     {{{"train-images-idx3-ubyte", "train-images.idx3-ubyte"}}, {{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"}}},
     {{{"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"}},
      {{"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"}}}},
    {HG_FORMAT_IDX,
     false,
     {{{"qmnist-train-images-idx3-ubyte"}}, {{"qmnist-test-images-idx3-ubyte"}}},
     {{{"qmnist-train-labels-idx2-int"}}, {{"qmnist-test-labels-idx2-int"}}}},
    EMNIST("balanced"),
    EMNIST("byclass"),
    EMNIST("bymerge"),
    EMNIST("digits"),
    EMNIST("letters"),
    EMNIST("mnist"),
    {HG_FORMAT_NPY, false, {{{"x_train.npy"}}, {{"x_test.npy"}}}, {{{"y_train.npy"}}, {{"y_test.npy"}}}},
    {HG_FORMAT_CSV, false, {{{"train.csv"}}, {{"test.csv"}}}, {{{NULL}}, {{NULL}}}},
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
static enum hg_status load_labels(struct hg_array *labels, char **path, const struct hg_layout *layout,
                                  enum hg_split split, const char *directory, const char *samples_path)
{
    HG_TRY(find(path, directory, &layout->labels[split]));
    if (!*path)
        return hg_fail(HG_NO_INPUT, "%s/%s: no such file, nor .gz, though there is %s", directory,
                       layout->labels[split].names[0], samples_path);
    return hg_formats[layout->format].read_labels(labels, *path);
}

/* Says what to do with the first file of another kind that lies there. */
static enum hg_status refuse_foreign_files(const char *directory)
{
    struct hg_listing listing;
    enum hg_status status = HG_OK;
    HG_TRY(hg_listing_read(&listing, directory));
    for (size_t i = 0; status == HG_OK && i < listing.files.count; ++i) {
        char *path;
        HG_TRY_OR_CLEANUP(hg_string_format(&path, "%s/%s", directory, listing.files.names[i]));
        status = hg_foreign_refuse_file(path);
        free(path);
    }

cleanup:
    hg_listing_free(&listing);
    return status;
}

enum hg_status hg_layout_missing(const char *directory, enum hg_split split)
{
    const char *names[LAYOUTS + 1] = {NULL};
    char sentence[256];
    size_t count = 0;
    HG_TRY(refuse_foreign_files(directory));
    for (size_t i = 0; i < LAYOUTS; ++i)
        if (!layouts[i].is_emnist)
            names[count++] = layouts[i].samples[split].names[0];
    return hg_fail(HG_NO_INPUT, "%s: holds none of %s (nor one of them with .gz, nor EMNIST's, nor pictures)",
                   directory, hg_words_join(sentence, sizeof sentence, names, ", ", ", "));
}

/* HG_BAD_DATA where another of EMNIST's datasets lies there, too. */
static enum hg_status require_one_emnist(const char *directory, size_t found, enum hg_split split)
{
    for (size_t i = found + 1; i < LAYOUTS && layouts[i].is_emnist; ++i) {
        char *path;
        HG_TRY(find(&path, directory, &layouts[i].samples[split]));
        const bool another = path != NULL;
        free(path);
        if (another)
            return hg_fail(HG_BAD_DATA, "%s: holds %s and %s; give each of EMNIST's datasets a directory of its own",
                           directory, layouts[found].samples[split].names[0], layouts[i].samples[split].names[0]);
    }
    return HG_OK;
}

enum hg_status hg_layout_find(const struct hg_layout **out, char **samples_path, const char *directory,
                              enum hg_split split)
{
    *out = NULL;
    *samples_path = NULL;
    for (size_t i = 0; i < LAYOUTS; ++i) {
        HG_TRY(find(samples_path, directory, &layouts[i].samples[split]));
        if (!*samples_path)
            continue;
        const enum hg_status status = layouts[i].is_emnist ? require_one_emnist(directory, i, split) : HG_OK;
        *out = &layouts[i];
        if (status != HG_OK) {
            free(*samples_path);
            *samples_path = NULL;
        }
        return status;
    }
    return HG_OK;
}

enum hg_status hg_layout_read(struct hg_table *table, char **labels_path, const struct hg_layout *layout,
                              enum hg_split split, const char *directory, const char *samples_path,
                              const struct hg_data_options *given)
{
    const struct hg_read_options options = {.given = given, .labelled = true};
    const bool apart = layout->labels[split].names[0] != NULL;
    struct hg_array labels = {.dimensions = 0};
    enum hg_status status = HG_OK;
    *labels_path = NULL;
    *table = (struct hg_table){.names = NULL};
    if (apart)
        HG_TRY_OR_CLEANUP(load_labels(&labels, labels_path, layout, split, directory, samples_path));
    HG_TRY_OR_CLEANUP(hg_formats[layout->format].read(table, samples_path, &options));
    if (apart) {
        table->labels = labels;
        labels = (struct hg_array){.dimensions = 0};
    }

cleanup:
    hg_array_free(&labels);
    return status;
}

bool hg_layout_is_emnist(const struct hg_layout *layout)
{
    return layout->is_emnist;
}
