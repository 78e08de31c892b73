/* The header of NumPy's .npy files, versions 1 to 3. */
#ifndef HANDGRAD_HOST_FORMATS_NPY_HEADER_H
#define HANDGRAD_HOST_FORMATS_NPY_HEADER_H

#include <stddef.h>

#include "host/formats/array.h"
#include "host/formats/reader.h"

struct hg_npy_header {
    char kind;        /* 'f' float, 'i' integer, 'u' unsigned integer, 'b' bool: little-endian, or of one byte */
    size_t item_size; /* 1, 2, 4 or 8 */
    size_t dimensions;
    size_t shape[HG_ARRAY_DIMENSIONS];
};

/* Leaves `reader` at the first element. C order, 1 to HG_ARRAY_DIMENSIONS dimensions; HG_BAD_DATA for anything else. */
enum hg_status hg_npy_header_read(struct hg_npy_header *out, struct hg_reader *reader);

/* The header of an array of little-endian floats in C order, padded so that what follows it lies at a multiple of 64
 * bytes. `dimensions` is 1 or 2. */
enum { HG_NPY_HEADER_SIZE = 128 };
void hg_npy_header_fill(char header[HG_NPY_HEADER_SIZE], size_t dimensions, const size_t *shape);

#endif
