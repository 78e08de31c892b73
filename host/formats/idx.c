/* IDX, the format of MNIST: two zero bytes, the type of the elements, the number of dimensions, each dimension as 32
 * bits big-endian, then the elements. */
#include <stdint.h>

#include "host/formats/array.h"
#include "kernels/base/try.h"

enum { IDX_UNSIGNED_BYTE = 0x08 };

static size_t big_endian_32(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static enum hg_status read_header(struct hg_reader *reader, struct hg_array *array)
{
    unsigned char magic[4];
    HG_TRY(hg_reader_read(reader, magic, sizeof magic));
    if (magic[0] != 0 || magic[1] != 0)
        return hg_fail(HG_BAD_DATA, "%s: is not an IDX file: it begins with bytes %02x %02x instead of 00 00",
                       reader->path, magic[0], magic[1]);
    if (magic[2] != IDX_UNSIGNED_BYTE)
        return hg_fail(HG_BAD_DATA, "%s: holds IDX elements of type 0x%02x; only unsigned bytes (0x08) are read",
                       reader->path, magic[2]);
    array->dimensions = magic[3];
    if (array->dimensions < 1 || array->dimensions > HG_ARRAY_DIMENSIONS)
        return hg_fail(HG_BAD_DATA, "%s: has %zu dimensions, expected 1 to %d", reader->path, array->dimensions,
                       HG_ARRAY_DIMENSIONS);
    for (size_t i = 0; i < array->dimensions; ++i) {
        unsigned char size[4];
        HG_TRY(hg_reader_read(reader, size, sizeof size));
        array->shape[i] = big_endian_32(size);
    }
    return HG_OK;
}

enum hg_status hg_idx_read(struct hg_array *out, const char *path)
{
    struct hg_reader reader;
    enum hg_status status = HG_OK;
    HG_TRY(hg_reader_open(&reader, path));
    struct hg_array array = {.element = HG_U8};
    size_t bytes = 0;
    HG_TRY_OR_CLEANUP(read_header(&reader, &array));
    HG_TRY_OR_CLEANUP(hg_array_bytes(path, array.dimensions, array.shape, 1, &bytes));
    HG_TRY_OR_CLEANUP(hg_reader_rest(&reader, bytes, &array.values));
    *out = array;

cleanup:
    hg_reader_close(&reader);
    return status;
}
