/* Datasets: samples of numbers, one a row, with a label each where there are labels. docs/FORMATS.md says which files
 * are understood. A dataset is immutable once made and may be read by any number of threads. */
#ifndef HANDGRAD_DATASET_H
#define HANDGRAD_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_dataset;

enum hg_split {
    HG_TRAIN, /* train-images-idx3-ubyte, x_train.npy, train.csv */
    HG_TEST   /* t10k-images-idx3-ubyte, x_test.npy, test.csv */
};

/* What a number of the data stands for. */
enum hg_numbers {
    HG_NUMBERS_UNKNOWN,
    HG_NUMBERS_PIXELS, /* what a byte stands for: number / 255 */
    HG_NUMBERS_VALUES  /* itself */
};

/* What the inputs of a model are: what its numbers stand for, and the statistics of all of them, as training sees them.
 * A model's file records this, and it decides how data are read for the model. */
struct hg_input_scale {
    enum hg_numbers numbers;
    double mean, deviation; /* over at most 4096 samples, evenly spread */
    double least, largest;
};

/* Reads one split, with labels, of a directory that holds the MNIST files (either spelling of their names), NPY files
 * or CSV files, each as it is or as .gz; or of an NPZ file, FILE.npz, whose arrays go by their usual names (x_train,
 * y_train ...) or by those given: FILE.npz:SAMPLES,LABELS,TEST_SAMPLES,TEST_LABELS, of which the last two or three may
 * be left out. An NPZ file may lack the labels. Uncompressed IDX and NPY files are memory-mapped and must stay
 * unchanged while the dataset lives. Status: HG_NO_INPUT (no such directory or file), HG_BAD_DATA (a malformed file, or
 * a table that does not say which column is what; the message says what is wrong with it), HG_IO, HG_INTERNAL (out of
 * memory). */
enum hg_status hg_dataset_load(struct hg_dataset **out, const char *directory, enum hg_split split);

/* Reads one file of samples: IDX, NPY or CSV, as it is or as .gz, or NPZ: FILE.npz:NAME, or the test samples of
 * FILE.npz where it has them. There are no labels, unless the file is CSV and its header names a column of them.
 * Mapping and status as hg_dataset_load. */
enum hg_status hg_dataset_read(struct hg_dataset **out, const char *file);

enum hg_header { HG_HEADER_AUTO, HG_HEADER_YES, HG_HEADER_NO };

/* How a picture (PNG, JPEG) becomes a sample. */
enum hg_prepare {
    HG_PREPARE_AUTO,   /* MNIST where the model was trained on such digits and the picture has another size; else RESIZE
                        */
    HG_PREPARE_NONE,   /* as it is: one of another size is refused */
    HG_PREPARE_RESIZE, /* its sides are stretched to the size wanted */
    HG_PREPARE_MNIST   /* as the digits of MNIST were made: light on dark, cropped to the ink, centred by its mass */
};

/* How files are read. All zero is the usual, which is what hg_dataset_load and hg_dataset_read do.
 *
 * The first three say which columns of a table (CSV) are what; other formats have no columns. A column is given by its
 * name in the header, or by its number, from 1. By themselves, a header is recognised and says which column holds the
 * labels, an index of the samples is left out, and where there is no header, the first column holds the labels.
 *
 * The others say what a model, or the training set, has of its data, for the files that are read for it. */
struct hg_data_options {
    enum hg_header header; /* whether the first line is one; AUTO: if it looks like one */
    const char *label;     /* the column of the labels, "last" or "none"; NULL: what the header says */
    const char *skip;      /* columns to leave out, with commas between them; "none": not even an index */

    size_t feature_count; /* 0: not known */
    /* The names of its classes, NULL-terminated (hg_dataset_class_names, hg_model_class_names): labels are then words,
     * and each is looked up among these. NULL: not known, or the labels were numbers. */
    const char *const *class_names;
    bool unlabelled; /* labels are of no use: a column of them is found, so that it is no feature, and not read */
    const char *const *features; /* [feature_count], their names, by which columns are taken in any order; or NULL */
    /* What the inputs were (hg_dataset_scale, hg_model_scale): numbers are read as those of training were. Whole
     * numbers in a CSV file are pixels or values as they were there, and bytes, or floats from 0 to 255, are divided by
     * 255 or not, where only one of the two can be meant; docs/FORMATS.md has the rules. NULL, or HG_NUMBERS_UNKNOWN in
     * it: not known. */
    const struct hg_input_scale *like;

    /* Pictures: the size and channels that they have as samples, "HxW" or "N" for NxN, with "x1" for grey or "x3" for
     * colour behind it; or in numbers, as hg_model_height, hg_model_width and hg_model_channels give it, for the files
     * that are read for a model. NULL, and 0: those of the files, which must then have one size, and are grey if all of
     * them are; where feature_count is known, a square of so many numbers. */
    const char *image_size;
    size_t image_height, image_width, image_channels;
    enum hg_prepare prepare;
};

/* The same as `options`, which may be NULL, say. HG_USAGE where a column is not there, or the names after FILE.npz: are
 * not 1 to 4; HG_BAD_DATA where the numbers
 * cannot be of the kind that training saw. Where feature_count is known, a table of a directory may lack labels
 * (hg_dataset_labels is then NULL), and so may a table its label or skipped columns. hg_dataset_note says what was done
 * that is not plain. */
enum hg_status hg_dataset_load_with(struct hg_dataset **out, const char *directory, enum hg_split split,
                                    const struct hg_data_options *options);
enum hg_status hg_dataset_read_with(struct hg_dataset **out, const char *file, const struct hg_data_options *options);

/* The same of several files, which must be pictures, in that order; of one file it is hg_dataset_read_with. */
enum hg_status hg_dataset_read_files(struct hg_dataset **out, const char *const *files, size_t count,
                                     const struct hg_data_options *options);

/* A dataset of the caller's own arrays, which are borrowed: they must outlive it, unchanged.
 *
 *   values [count][height * width]  bytes stand for value / 255; floats for themselves, and must be finite
 *   labels [count]                  NULL: no labels
 *
 * Images have one channel. Samples that are no images have height 0, and width is then the number of features. Status:
 * HG_BAD_DATA (no samples, no features, too many of either, a value that is not finite), HG_INTERNAL (out of memory).
 */
enum hg_status hg_dataset_from_bytes(struct hg_dataset **out, size_t count, size_t height, size_t width,
                                     const uint8_t *values, const uint8_t *labels);
enum hg_status hg_dataset_from_floats(struct hg_dataset **out, size_t count, size_t height, size_t width,
                                      const float *values, const uint8_t *labels);

/* Samples first ... first + count - 1 of `dataset`, whose memory and number of classes it shares: `dataset` must
 * outlive it. Status: HG_BAD_DATA where that range is empty or reaches beyond the last sample. */
enum hg_status hg_dataset_slice(struct hg_dataset **out, const struct hg_dataset *dataset, size_t first, size_t count);

/* NULL is fine. */
void hg_dataset_free(struct hg_dataset *dataset);

/* The number of samples, at least 1 and less than 2^32; and of features (numbers) of each, at least 1. */
size_t hg_dataset_count(const struct hg_dataset *dataset);
size_t hg_dataset_features(const struct hg_dataset *dataset);

/* The shape of an image, a sample being [height][width][channels], height * width * channels == features; all 0 where
 * the samples are not images. Of channels there is 1, grey, or there are 3: red, green, blue. */
size_t hg_dataset_height(const struct hg_dataset *dataset);
size_t hg_dataset_width(const struct hg_dataset *dataset);
size_t hg_dataset_channels(const struct hg_dataset *dataset);

/* [count], each less than hg_dataset_classes; NULL where there are none. Lives as long as the dataset. */
const uint8_t *hg_dataset_labels(const struct hg_dataset *dataset);

/* The number of names where the classes have names, else the largest label plus one, 1 ... 256; 0 without labels. */
size_t hg_dataset_classes(const struct hg_dataset *dataset);

/* The names of the classes, [hg_dataset_classes] and a NULL; NULL where the labels are plain numbers, or there are
 * none. Labels that are words become classes in the order of the bytes of their names. Lives as long as the dataset. */
const char *const *hg_dataset_class_names(const struct hg_dataset *dataset);

/* Sample `index` as features floats: pixel / 255 where the dataset holds bytes. */
void hg_dataset_sample(const struct hg_dataset *dataset, size_t index, float *out);

/* What the numbers of the dataset stand for, and their statistics. Reads the whole dataset once. */
void hg_dataset_scale(const struct hg_dataset *dataset, struct hg_input_scale *input);

/* The names of the features, NULL-terminated; NULL where they have none. Lives as long as the dataset. */
const char *const *hg_dataset_columns(const struct hg_dataset *dataset);

/* One line, which names the file, on what was taken for what, or a conversion of or a doubt about its numbers; "":
 * nothing to say. Lives as long as the dataset. */
const char *hg_dataset_note(const struct hg_dataset *dataset);

/* The file that sample `index` alone came from, such as a picture; NULL where it has none. Lives as long as the
 * dataset. */
const char *hg_dataset_sample_name(const struct hg_dataset *dataset, size_t index);

/* The file that the samples came from, or "memory". Lives as long as the dataset. */
const char *hg_dataset_name(const struct hg_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
