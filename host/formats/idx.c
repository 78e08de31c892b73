/* IDX, the format of MNIST: two zero bytes, the type of the elements, the number of dimensions, each dimension as 32
 * bits big-endian, then the elements. */
#include <stdint.h>
#include <stdlib.h>

#include "host/formats/array.h"
#include "host/formats/foreign.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { IDX_UNSIGNED_BYTE = 0x08, IDX_INTEGER = 0x0c, QMNIST_COLUMNS = 8, IDX_DIMENSIONS = 3 };

static size_t big_endian_32(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* The header of a file of the type `type`, or of unsigned bytes. */
static enum hg_status read_header(struct hg_reader *reader, struct hg_array *array, int *type)
{
    unsigned char magic[4];
    HG_TRY(hg_reader_read(reader, magic, sizeof magic));
    if (magic[0] != 0 || magic[1] != 0) {
        HG_TRY(hg_foreign_refuse_file(reader->path));
        return hg_fail(HG_BAD_DATA, "%s: is not an IDX file: it begins with bytes %02x %02x instead of 00 00",
                       reader->path, magic[0], magic[1]);
    }
    if (magic[2] != IDX_UNSIGNED_BYTE && magic[2] != *type)
        return hg_fail(HG_BAD_DATA, "%s: holds IDX elements of type 0x%02x; only unsigned bytes (0x08) are read",
                       reader->path, magic[2]);
    *type = magic[2];
    array->dimensions = magic[3];
    if (array->dimensions < 1 || array->dimensions > IDX_DIMENSIONS)
        return hg_fail(HG_BAD_DATA, "%s: has %zu dimensions, expected 1 to %d", reader->path, array->dimensions,
                       IDX_DIMENSIONS);
    for (size_t i = 0; i < array->dimensions; ++i) {
        unsigned char size[4];
        HG_TRY(hg_reader_read(reader, size, sizeof size));
        array->shape[i] = big_endian_32(size);
    }
    return HG_OK;
}

/* *type: which one is read beside unsigned bytes, then which one it is. */
static enum hg_status read_elements(struct hg_array *out, const char *path, int *type)
{
    struct hg_reader reader;
    enum hg_status status = HG_OK;
    HG_TRY(hg_reader_open(&reader, path));
    struct hg_array array = {.element = HG_U8};
    size_t bytes = 0;
    HG_TRY_OR_CLEANUP(read_header(&reader, &array, type));
    HG_TRY_OR_CLEANUP(hg_array_bytes(path, array.dimensions, array.shape,
                                     *type == IDX_INTEGER ? sizeof(uint32_t) : sizeof(uint8_t), &bytes));
    HG_TRY_OR_CLEANUP(hg_reader_rest(&reader, bytes, &array.values));
    *out = array;

cleanup:
    hg_reader_close(&reader);
    return status;
}

enum hg_status hg_idx_read(struct hg_array *out, const char *path)
{
    int type = IDX_UNSIGNED_BYTE;
    return read_elements(out, path, &type);
}

/* Integers become bytes: those of the first column. */
static enum hg_status to_labels(struct hg_array *array, const char *path)
{
    const size_t count = array->shape[0], columns = array->dimensions == 2 ? array->shape[1] : 1;
    uint8_t *labels;
    if (array->dimensions > 2 || (columns != 1 && columns != QMNIST_COLUMNS))
        return hg_fail(HG_BAD_DATA, "%s: holds neither labels nor QMNIST's eight columns of them", path);
    HG_TRY(hg_allocate(&labels, count, path));
    for (size_t i = 0; i < count; ++i) {
        const size_t label = big_endian_32(array->values.data + i * columns * sizeof(uint32_t));
        if (label > UINT8_MAX) {
            free(labels);
            return hg_fail(HG_BAD_DATA, "%s: label %zu is not in 0 ... 255", path, i);
        }
        labels[i] = (uint8_t)label;
    }
    hg_block_free(&array->values);
    array->values = (struct hg_block){.data = labels, .size = count, .memory = labels};
    array->dimensions = 1;
    return HG_OK;
}

enum hg_status hg_idx_read_labels(struct hg_array *out, const char *path)
{
    int type = IDX_INTEGER;
    struct hg_array array;
    enum hg_status status = HG_OK;
    HG_TRY(read_elements(&array, path, &type));
    if (type == IDX_INTEGER)
        HG_TRY_OR_CLEANUP(to_labels(&array, path));
    *out = array;
    array = (struct hg_array){.element = HG_U8}; /* the caller's */

cleanup:
    hg_array_free(&array);
    return status;
}
