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
    for (size_t i = 0; i < count; ++i) {
        if (!isfinite(values[i]))
            return hg_fail(HG_BAD_DATA, "%s: element %zu is not a finite number in 32 bits", path, i);
    }
    return HG_OK;
}

static float float_at(const unsigned char *bytes, size_t item_size)
{
    float narrow;
    double wide;
    if (item_size == sizeof narrow) {
        memcpy(&narrow, bytes, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, bytes, sizeof wide);
    return (float)wide;
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

static enum hg_status to_labels(const char *path, struct hg_block *block, const struct hg_npy_header *header)
{
    const size_t size = header->item_size;
    const size_t count = block->size / size;
    uint8_t *labels;
    HG_TRY(hg_allocate(&labels, count, path));
    for (size_t i = 0; i < count; ++i) {
        /* Little-endian: a label is its lowest byte, and fits if the others are zero. */
        const unsigned char *bytes = block->data + i * size;
        bool fits = size > 1 || header->kind == 'u' || bytes[0] < 128;
        for (size_t j = 1; j < size; ++j)
            fits = fits && bytes[j] == 0;
        if (!fits) {
            free(labels);
            return hg_fail(HG_BAD_DATA, "%s: label %zu is not in 0 ... 255", path, i);
        }
        labels[i] = bytes[0];
    }
    replace_block(block, labels, count);
    return HG_OK;
}

static enum hg_status read_block(struct hg_npy_header *header, struct hg_block *block, const char *path)
{
    struct hg_reader reader;
    enum hg_status status = HG_OK;
    HG_TRY(hg_reader_open(&reader, path));
    size_t bytes = 0;
    HG_TRY_OR_CLEANUP(hg_npy_header_read(header, &reader));
    HG_TRY_OR_CLEANUP(hg_array_bytes(path, header->dimensions, header->shape, header->item_size, &bytes));
    HG_TRY_OR_CLEANUP(hg_reader_rest(&reader, bytes, block));

cleanup:
    hg_reader_close(&reader);
    return status;
}

static enum hg_status read_array(struct hg_array *out, const char *path, bool as_labels)
{
    struct hg_npy_header header = {.dimensions = 0};
    struct hg_array array = {.element = HG_U8};
    enum hg_status status = HG_OK;
    HG_TRY(read_block(&header, &array.values, path));
    array.dimensions = header.dimensions;
    memcpy(array.shape, header.shape, sizeof array.shape);

    if (as_labels && header.kind != 'f') {
        HG_TRY_OR_CLEANUP(to_labels(path, &array.values, &header));
    } else if (!as_labels && header.kind == 'f') {
        array.element = HG_F32;
        HG_TRY_OR_CLEANUP(to_floats(path, &array.values, header.item_size));
    } else if (as_labels || header.item_size != 1 || header.kind != 'u') {
        status = hg_fail(HG_BAD_DATA, "%s: holds elements of type '%c%zu'; expected %s", path, header.kind,
                         header.item_size, as_labels ? "integers, one a sample" : "u1, f4 or f8");
        goto cleanup;
    }
    *out = array;
    array = (struct hg_array){.element = HG_U8}; /* the caller's */

cleanup:
    hg_array_free(&array);
    return status;
}

enum hg_status hg_npy_read(struct hg_array *out, const char *path)
{
    return read_array(out, path, false);
}

enum hg_status hg_npy_read_labels(struct hg_array *out, const char *path)
{
    return read_array(out, path, true);
}
