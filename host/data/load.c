/* Which files make a dataset. docs/FORMATS.md is the long form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/data/dataset.h"
#include "host/data/folder.h"
#include "host/data/layout.h"
#include "host/data/reading.h"
#include "host/formats/foreign.h"
#include "host/formats/npz.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* That what was read is not as one would think; for the training data, from which everything else follows. */
static enum hg_status note_layout(struct hg_dataset *dataset, const struct hg_layout *layout,
                                  const struct hg_data_options *given)
{
    char *note;
    if (!layout || !hg_layout_is_emnist(layout) || (given && given->feature_count > 0))
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
                           struct hg_table *table, const struct hg_layout *layout, const struct hg_data_options *given)
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

static enum hg_status load_layout(struct hg_dataset **out, const struct hg_layout *layout, enum hg_split split,
                                  const char *directory, const char *samples_path, const struct hg_data_options *given)
{
    struct hg_table table;
    char *labels_path;
    enum hg_status status = hg_layout_read(&table, &labels_path, layout, split, directory, samples_path, given);
    if (status == HG_OK)
        status = make(out, samples_path, labels_path ? labels_path : samples_path, &table, layout, given);
    free(labels_path);
    return status;
}

/* The pictures of one part of a directory; *out stays NULL where there are none. */
static enum hg_status load_pictures(struct hg_dataset **out, const struct hg_folder *folder, bool labelled,
                                    const struct hg_data_options *given)
{
    struct hg_table table;
    *out = NULL;
    HG_TRY(hg_folder_read(&table, folder, labelled, given));
    return table.sample_names ? make(out, folder->path, folder->path, &table, NULL, given) : HG_OK;
}

static enum hg_status no_pictures(const struct hg_folder *folder, const char *directory, enum hg_split split)
{
    if (folder->parts)
        return hg_fail(HG_NO_INPUT, "%s: has no pictures in a folder called %s", directory,
                       split == HG_TEST ? "test" : "train");
    if (folder->undivided && !folder->path)
        return hg_fail(HG_NO_INPUT,
                       "%s: has no test samples apart from those for training; to have both, put its folders into two "
                       "called train and test",
                       directory);
    return hg_layout_missing(directory, split);
}

static enum hg_status load_folder(struct hg_dataset **out, const char *directory, enum hg_split split, bool labelled,
                                  const struct hg_data_options *given)
{
    struct hg_folder folder;
    enum hg_status status = HG_OK;
    HG_TRY(hg_folder_find(&folder, directory, split));
    *out = NULL;
    if (folder.path)
        HG_TRY_OR_CLEANUP(load_pictures(out, &folder, labelled, given));
    if (!*out)
        status = no_pictures(&folder, directory, split);

cleanup:
    hg_folder_free(&folder);
    return status;
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

static enum hg_status load_directory(struct hg_dataset **out, const char *directory, enum hg_split split,
                                     const struct hg_data_options *given)
{
    const struct hg_layout *layout;
    char *samples_path;
    HG_TRY(hg_layout_find(&layout, &samples_path, directory, split));
    const enum hg_status status = layout ? load_layout(out, layout, split, directory, samples_path, given)
                                         : load_folder(out, directory, split, true, given);
    free(samples_path);
    return status;
}

enum hg_status hg_dataset_load_with(struct hg_dataset **out, const char *directory, enum hg_split split,
                                    const struct hg_data_options *options)
{
    struct stat info;
    if (hg_npz_file_length(directory) > 0)
        return load_npz(out, directory, split, options);
    if (stat(directory, &info) != 0)
        return hg_fail(HG_NO_INPUT, "%s: %s", directory, strerror(errno));
    return S_ISDIR(info.st_mode) ? load_directory(out, directory, split, options)
                                 : load_file(out, directory, split, options);
}

enum hg_status hg_dataset_load(struct hg_dataset **out, const char *directory, enum hg_split split)
{
    return hg_dataset_load_with(out, directory, split, NULL);
}

/* The test samples of a dataset's directory; of pictures that have no such part all of them, labelled or not. */
static enum hg_status read_directory(struct hg_dataset **out, const char *directory,
                                     const struct hg_data_options *given)
{
    const struct hg_layout *layout;
    char *samples_path;
    struct hg_folder folder;
    HG_TRY(hg_layout_find(&layout, &samples_path, directory, HG_TEST));
    free(samples_path);
    if (layout)
        return load_directory(out, directory, HG_TEST, given);
    HG_TRY(hg_folder_find(&folder, directory, HG_TEST));
    const enum hg_split split = folder.path ? HG_TEST : HG_TRAIN;
    hg_folder_free(&folder);
    return load_folder(out, directory, split, false, given);
}

enum hg_status hg_dataset_read_with(struct hg_dataset **out, const char *file, const struct hg_data_options *options)
{
    const struct hg_read_options reading = {.given = options, .labelled = false};
    const struct hg_format *format;
    struct hg_table table;
    struct stat info;
    if (stat(file, &info) == 0 && S_ISDIR(info.st_mode))
        return read_directory(out, file, options);
    HG_TRY(hg_format_find(&format, file));
    HG_TRY(format->read(&table, file, &reading));
    return make(out, file, file, &table, NULL, options);
}

enum hg_status hg_dataset_read(struct hg_dataset **out, const char *file)
{
    return hg_dataset_read_with(out, file, NULL);
}

enum hg_status hg_dataset_read_files(struct hg_dataset **out, const char *const *files, size_t count,
                                     const struct hg_data_options *options)
{
    struct hg_table table;
    if (count == 0)
        return hg_fail(HG_NO_INPUT, "there are no files to read");
    if (count == 1)
        return hg_dataset_read_with(out, files[0], options);
    HG_TRY(hg_pictures_read(&table, files, count, options));
    return make(out, files[0], files[0], &table, NULL, options);
}
