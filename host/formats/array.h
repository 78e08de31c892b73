/* What a data file holds: a rectangular array of numbers, the samples along its first dimension. */
#ifndef HANDGRAD_HOST_FORMATS_ARRAY_H
#define HANDGRAD_HOST_FORMATS_ARRAY_H

#include <stdbool.h>

#include "host/formats/reader.h"
#include "kernels/backend.h"

enum { HG_ARRAY_DIMENSIONS = 4 };

struct hg_array {
    enum hg_element element;
    size_t dimensions; /* 1: labels; 2: [samples][features]; 3: [samples][height][width]; 4: also [channels] */
    size_t shape[HG_ARRAY_DIMENSIONS];
    struct hg_block values; /* aligned for its elements */
    bool from_text;         /* numbers in text: whether bytes are pixels or values the file does not say */
};

/* All zero: not images. */
struct hg_image_shape {
    size_t height, width, channels;
};
struct hg_image_shape hg_array_image_shape(const struct hg_array *array);
/* Numbers of a sample. */
size_t hg_array_features(const struct hg_array *array);

/* The bytes that an array takes; HG_BAD_DATA where that overflows. */
enum hg_status hg_array_bytes(const char *path, size_t dimensions, const size_t *shape, size_t element_size,
                              size_t *bytes);

void hg_array_free(struct hg_array *array);

/* The readers of the formats: docs/FORMATS.md. Status: HG_NO_INPUT, HG_BAD_DATA, HG_IO, HG_INTERNAL. */

/* Unsigned bytes in 1 to 3 dimensions. */
enum hg_status hg_idx_read(struct hg_array *out, const char *path);
/* Unsigned bytes, or integers of 32 bits, all of them 0 ... 255; of QMNIST's eight columns the first, which is the
 * digit. */
enum hg_status hg_idx_read_labels(struct hg_array *out, const char *path);

/* Unsigned bytes, or floats of 32 or 64 bits, which become 32 and must be finite, in 1 to 4 dimensions; of 4 the last,
 * that of colours, is 1 or 3, or the second is 1. One colour takes no dimension in `out`. */
enum hg_status hg_npy_read(struct hg_array *out, const char *path);
/* Numbers of any type, all of them whole and 0 ... 255, in 1 dimension, or in 2 of which the second is 1; or one-hot
 * rows. */
enum hg_status hg_npy_read_labels(struct hg_array *out, const char *path);
/* The same of what has just been opened, wherever it lies; it can only be closed afterwards. */
enum hg_status hg_npy_read_from(struct hg_array *out, struct hg_reader *reader, bool as_labels);

#endif
