/* NumPy's .npy files: samples, and labels of whatever integer type NumPy happened to choose. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/array.h"
#include "host/formats/npy_header.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static void replace_block(struct hg_block *block, void *memory, size_t size)
{
    hg_block_free(block);
    *block = (struct hg_block){.data = memory, .size = size, .memory = memory};
}

static enum hg_status check_finite(const char *path, const float *values, size_t count)
{
    size_t holes = 0, first = 0;
    for (size_t i = count; i-- > 0;) {
        if (!isfinite(values[i])) {
            first = i;
            ++holes;
        }
    }
    if (holes == 0)
        return HG_OK;
    return hg_fail(
        HG_BAD_DATA,
        "%s: element %zu is not a finite number in 32 bits%s; %zu in all, of %zu: fill them in first, or leave "
        "such samples out",
        path, first, isnan(values[first]) ? " (nan)" : "", holes, count);
}

static double double_at(const unsigned char *bytes)
{
    double wide;
    memcpy(&wide, bytes, sizeof wide);
    return wide;
}

static float float_at(const unsigned char *bytes, size_t item_size)
{
    float narrow;
    if (item_size != sizeof narrow)
        return (float)double_at(bytes);
    memcpy(&narrow, bytes, sizeof narrow);
    return narrow;
}

/* Floats in place if they can be read there: of 32 bits, and aligned. */
static enum hg_status to_floats(const char *path, struct hg_block *block, size_t item_size)
{
    const size_t count = block->size / item_size;
    if (item_size != sizeof(float) || (uintptr_t)block->data % sizeof(float) != 0) {
        float *values;
        HG_TRY(hg_allocate(&values, count, path));
        for (size_t i = 0; i < count; ++i)
            values[i] = float_at(block->data + i * item_size, item_size);
        replace_block(block, values, count * sizeof(float));
    }
    return check_finite(path, (const float *)block->data, count);
}

/* Exact for every number that may be a label, and none else is taken for one. */
static double number_at(const unsigned char *bytes, const struct hg_npy_header *header)
{
    if (header->kind == 'f')
        return header->item_size == sizeof(float) ? float_at(bytes, sizeof(float)) : double_at(bytes);
    uint64_t value = 0;
    for (size_t j = 0; j < header->item_size; ++j)
        value |= (uint64_t)bytes[j] << 8 * j;
    const bool negative = header->kind == 'i' && bytes[header->item_size - 1] >= 128;
    return negative ? -1 : (double)value;
}

/* The one column of a row of `columns` that is 1 where the others are 0; else -1. */
static double hot_column(const unsigned char *row, size_t columns, const struct hg_npy_header *header)
{
    double hot = -1;
    for (size_t c = 0; c < columns; ++c) {
        const double value = number_at(row + c * header->item_size, header);
        if (value == 0)
            continue;
        if (value != 1 || hot >= 0)
            return -1;
        hot = (double)c;
    }
    return hot;
}

static enum hg_status to_labels(const char *path, struct hg_array *array, const struct hg_npy_header *header)
{
    const size_t count = array->shape[0], columns = array->dimensions == 2 ? array->shape[1] : 1;
    uint8_t *labels;
    if (array->dimensions > 2 || columns == 0)
        return hg_fail(HG_BAD_DATA, "%s: has %zu dimensions; labels have 1", path, array->dimensions);
    HG_TRY(hg_allocate(&labels, count, path));
    for (size_t i = 0; i < count; ++i) {
        const unsigned char *row = array->values.data + i * columns * header->item_size;
        const double label = columns > 1 ? hot_column(row, columns, header) : number_at(row, header);
        if (!(label >= 0 && label <= UINT8_MAX && label == floor(label))) {
            free(labels);
            return columns > 1
                       ? hg_fail(HG_BAD_DATA,
                                 "%s: row %zu of its %zu columns is not one-hot; labels are one number a sample: "
                                 "save numpy.argmax(y, axis=1)",
                                 path, i, columns)
                       : hg_fail(HG_BAD_DATA,
                                 "%s: label %zu is not an integer in 0 ... 255; save numpy.unique(y, "
                                 "return_inverse=True)[1], which numbers the classes",
                                 path, i);
        }
        labels[i] = (uint8_t)label;
    }
    replace_block(&array->values, labels, count);
    array->dimensions = 1;
    return HG_OK;
}

/* Images of one colour, whichever dimension that is: [samples][height][width][1] or [samples][1][height][width]. Those
 * of three stay [samples][height][width][3]. */
static enum hg_status drop_colours(const char *path, struct hg_npy_header *header)
{
    size_t *shape = header->shape;
    if (header->dimensions < 4 || (shape[3] == 3 && shape[1] != 1))
        return HG_OK;
    if (shape[1] == 1 && shape[3] != 1) {
        shape[1] = shape[2];
        shape[2] = shape[3];
    } else if (shape[3] != 1) {
        return hg_fail(HG_BAD_DATA, "%s: its samples have 3 dimensions, %zu x %zu x %zu; save %s", path, shape[1],
                       shape[2], shape[3],
                       shape[1] == 3 ? "numpy.ascontiguousarray(numpy.moveaxis(x, 1, 3)), whose colours come last"
                                     : "x.mean(axis=3) for one colour, or x.reshape(len(x), -1) for all as features");
    }
    header->dimensions = 3;
    return HG_OK;
}

/* How integers become something that is read: only the user knows what they mean. */
static enum hg_status refuse_type(const char *path, const struct hg_npy_header *header)
{
    return hg_fail(HG_BAD_DATA, "%s: holds elements of type '%c%zu'; expected u1, f4 or f8; save %s", path,
                   header->kind, header->item_size,
                   header->kind == 'b' ? "x.astype('<f4')"
                                       : "x.astype('u1') of pixels from 0 to 255, x.astype('<f4') of other numbers");
}

static enum hg_status read_block(struct hg_npy_header *header, struct hg_block *block, struct hg_reader *reader)
{
    size_t bytes = 0;
    HG_TRY(hg_npy_header_read(header, reader));
    HG_TRY(hg_array_bytes(reader->path, header->dimensions, header->shape, header->item_size, &bytes));
    return hg_reader_rest(reader, bytes, block);
}

enum hg_status hg_npy_read_from(struct hg_array *out, struct hg_reader *reader, bool as_labels)
{
    const char *path = reader->path;
    struct hg_npy_header header = {.dimensions = 0};
    struct hg_array array = {.element = HG_U8};
    enum hg_status status = HG_OK;
    HG_TRY(read_block(&header, &array.values, reader));
    HG_TRY_OR_CLEANUP(drop_colours(path, &header));
    array.dimensions = header.dimensions;
    memcpy(array.shape, header.shape, sizeof array.shape);

    if (as_labels) {
        HG_TRY_OR_CLEANUP(to_labels(path, &array, &header));
    } else if (header.kind == 'f') {
        array.element = HG_F32;
        HG_TRY_OR_CLEANUP(to_floats(path, &array.values, header.item_size));
    } else if (header.item_size != 1 || header.kind != 'u') {
        status = refuse_type(path, &header);
        goto cleanup;
    }
    *out = array;
    array = (struct hg_array){.element = HG_U8}; /* the caller's */

cleanup:
    hg_array_free(&array);
    return status;
}

static enum hg_status read_file(struct hg_array *out, const char *path, bool as_labels)
{
    struct hg_reader reader;
    HG_TRY(hg_reader_open(&reader, path));
    const enum hg_status status = hg_npy_read_from(out, &reader, as_labels);
    hg_reader_close(&reader);
    return status;
}

enum hg_status hg_npy_read(struct hg_array *out, const char *path)
{
    return read_file(out, path, false);
}

enum hg_status hg_npy_read_labels(struct hg_array *out, const char *path)
{
    return read_file(out, path, true);
}
