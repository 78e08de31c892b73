/* Which files make a dataset, and which reader takes each. docs/FORMATS.md is the long form. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/data/dataset.h"
#include "host/data/reading.h"
#include "host/formats/foreign.h"
#include "host/formats/format.h"
#include "host/formats/npz.h"
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
static const struct layout layouts[] = {
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
static enum hg_status load_labels(struct hg_array *labels, char **path, const struct layout *layout,
                                  enum hg_split split, const char *directory, const char *samples_path)
{
    HG_TRY(find(path, directory, &layout->labels[split]));
    if (!*path)
        return hg_fail(HG_NO_INPUT, "%s/%s: no such file, nor .gz, though there is %s", directory,
                       layout->labels[split].names[0], samples_path);
    return hg_formats[layout->format].read_labels(labels, *path);
}

/* That what was read is not as one would think; for the training data, from which everything else follows. */
static enum hg_status note_layout(struct hg_dataset *dataset, const struct layout *layout,
                                  const struct hg_data_options *given)
{
    char *note;
    if (!layout || !layout->is_emnist || (given && given->feature_count > 0))
        return HG_OK;
    HG_TRY(hg_string_format(&note, "%s: EMNIST's images have rows and columns exchanged, and are taken as they are",
                            hg_dataset_name(dataset)));
    const enum hg_status status = hg_dataset_add_note(dataset, note);
    free(note);
    return status;
}

/* The dataset of what was read, which it takes over, its numbers as those of training where that is known.
 * `layout` is NULL for a file of its own. */
static enum hg_status make(struct hg_dataset **out, const char *samples_path, const char *labels_path,
                           struct hg_table *table, const struct layout *layout, const struct hg_data_options *given)
{
    char *note = NULL;
    struct hg_dataset *dataset = NULL;
    const bool known = given && given->like && given->like->numbers != HG_NUMBERS_UNKNOWN;
    enum hg_status status = HG_OK;
    if (known)
        HG_TRY_OR_CLEANUP(hg_array_read_like(&table->samples, samples_path, given->like, &note));
    HG_TRY_OR_CLEANUP(hg_dataset_from_table(&dataset, samples_path, labels_path, table));
    if (known)
        hg_dataset_set_numbers(dataset, given->like->numbers);
    if (note)
        HG_TRY_OR_CLEANUP(hg_dataset_add_note(dataset, note));
    HG_TRY_OR_CLEANUP(note_layout(dataset, layout, given));
    *out = dataset;
    dataset = NULL; /* the caller's */

cleanup:
    hg_dataset_free(dataset);
    free(note);
    hg_table_free(table);
    return status;
}

static enum hg_status load(struct hg_dataset **out, const struct layout *layout, enum hg_split split,
                           const char *directory, const char *samples_path, const struct hg_data_options *given)
{
    const struct hg_read_options options = {.given = given, .labelled = true};
    const bool apart = layout->labels[split].names[0] != NULL;
    struct hg_table table = {.names = NULL};
    struct hg_array labels = {.dimensions = 0};
    char *labels_path = NULL;
    enum hg_status status = HG_OK;
    if (apart)
        HG_TRY_OR_CLEANUP(load_labels(&labels, &labels_path, layout, split, directory, samples_path));
    HG_TRY_OR_CLEANUP(hg_formats[layout->format].read(&table, samples_path, &options));
    if (apart) {
        table.labels = labels;
        labels = (struct hg_array){.dimensions = 0};
    }
    status = make(out, samples_path, apart ? labels_path : samples_path, &table, layout, given);
cleanup:
    hg_array_free(&labels);
    free(labels_path);
    return status;
}

/* Says what to do with the first file of another kind that lies there. */
static enum hg_status refuse_foreign_files(const char *directory)
{
    DIR *entries = opendir(directory);
    enum hg_status status = HG_OK;
    if (!entries)
        return HG_OK; /* what is wrong with it is said elsewhere */
    for (struct dirent *entry; status == HG_OK && (entry = readdir(entries));) {
        char *path;
        HG_TRY_OR_CLEANUP(hg_string_format(&path, "%s/%s", directory, entry->d_name));
        status = hg_foreign_refuse_file(path);
        free(path);
    }
cleanup:
    closedir(entries);
    return status;
}

static enum hg_status no_layout(const char *directory, enum hg_split split)
{
    const char *names[LAYOUTS + 1] = {NULL};
    char sentence[256];
    size_t count = 0;
    HG_TRY(refuse_foreign_files(directory));
    for (size_t i = 0; i < LAYOUTS; ++i)
        if (!layouts[i].is_emnist)
            names[count++] = layouts[i].samples[split].names[0];
    return hg_fail(HG_NO_INPUT, "%s: holds none of %s (nor one of them with .gz, nor EMNIST's)", directory,
                   hg_words_join(sentence, sizeof sentence, names, ", ", ", "));
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

/* One split of an archive. */
static enum hg_status load_npz(struct hg_dataset **out, const char *path, enum hg_split split,
                               const struct hg_data_options *given)
{
    struct hg_table table;
    char *samples_path, *labels_path;
    HG_TRY(hg_npz_read_split(&table, &samples_path, &labels_path, path, split));
    const enum hg_status status = make(out, samples_path, labels_path, &table, NULL, given);
    free(labels_path);
    free(samples_path);
    return status;
}

/* A dataset that is one file. */
static enum hg_status load_file(struct hg_dataset **out, const char *path, enum hg_split split,
                                const struct hg_data_options *given)
{
    const struct hg_format *format;
    HG_TRY(hg_format_find(&format, path));
    if (format == &hg_formats[HG_FORMAT_NPZ])
        return load_npz(out, path, split, given);
    HG_TRY(hg_foreign_refuse_file(path));
    return hg_fail(HG_NO_INPUT,
                   "%s: is a file, expected a directory with a dataset, in which a table is called train.csv, or an "
                   "NPZ file",
                   path);
}

enum hg_status hg_dataset_load_with(struct hg_dataset **out, const char *directory, enum hg_split split,
                                    const struct hg_data_options *options)
{
    struct stat info;
    if (hg_npz_file_length(directory) > 0)
        return load_npz(out, directory, split, options);
    if (stat(directory, &info) != 0)
        return hg_fail(HG_NO_INPUT, "%s: %s", directory, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return load_file(out, directory, split, options);

    for (size_t i = 0; i < LAYOUTS; ++i) {
        char *path;
        HG_TRY(find(&path, directory, &layouts[i].samples[split]));
        if (!path)
            continue;
        enum hg_status status = layouts[i].is_emnist ? require_one_emnist(directory, i, split) : HG_OK;
        if (status == HG_OK)
            status = load(out, &layouts[i], split, directory, path, options);
        free(path);
        return status;
    }
    return no_layout(directory, split);
}

enum hg_status hg_dataset_load(struct hg_dataset **out, const char *directory, enum hg_split split)
{
    return hg_dataset_load_with(out, directory, split, NULL);
}

enum hg_status hg_dataset_read_with(struct hg_dataset **out, const char *file, const struct hg_data_options *options)
{
    const struct hg_read_options reading = {.given = options, .labelled = false};
    const struct hg_format *format;
    struct hg_table table;
    HG_TRY(hg_format_find(&format, file));
    HG_TRY(format->read(&table, file, &reading));
    return make(out, file, file, &table, NULL, options);
}

enum hg_status hg_dataset_read(struct hg_dataset **out, const char *file)
{
    return hg_dataset_read_with(out, file, NULL);
}
