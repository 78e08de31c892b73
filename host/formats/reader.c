#include "host/formats/reader.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static bool ends_in_gz(const char *path)
{
    const size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

enum hg_status hg_reader_open(struct hg_reader *reader, const char *path)
{
    *reader = (struct hg_reader){.path = path};
    HG_TRY(hg_file_map(&reader->mapping, path));
    if (!ends_in_gz(path) && !hg_gzip_recognise(reader->mapping))
        return HG_OK;
    reader->compressed = reader->mapping.size;
    const enum hg_status status = hg_gzip_open(&reader->gzip, path, reader->mapping);
    if (status != HG_OK)
        hg_reader_close(reader);
    return status;
}

enum hg_status hg_reader_open_member(struct hg_reader *reader, const struct hg_zip *zip, size_t index, const char *path)
{
    *reader = (struct hg_reader){.path = path};
    HG_TRY(hg_zip_member_open(&reader->member, zip, index, path));
    reader->compressed = hg_zip_member_compressed(reader->member);
    return HG_OK;
}

void hg_reader_close(struct hg_reader *reader)
{
    hg_gzip_close(reader->gzip);
    hg_zip_member_close(reader->member);
    hg_file_unmap(&reader->mapping);
    *reader = (struct hg_reader){.path = NULL};
}

/* Up to `size` bytes; *got is less only at the end. */
static enum hg_status read_some(struct hg_reader *reader, void *to, size_t size, size_t *got)
{
    if (reader->gzip) {
        HG_TRY(hg_gzip_read(reader->gzip, to, size, got));
    } else if (reader->member) {
        HG_TRY(hg_zip_member_read(reader->member, to, size, got));
    } else {
        const size_t left = reader->mapping.size - reader->position;
        *got = size < left ? size : left;
        if (*got > 0)
            memcpy(to, reader->mapping.data + reader->position, *got);
    }
    reader->position += *got;
    return HG_OK;
}

enum hg_status hg_reader_peek(const char *path, void *to, size_t size)
{
    struct hg_reader reader;
    HG_TRY(hg_reader_open(&reader, path));
    memset(to, 0, size);
    size_t got;
    const enum hg_status status = read_some(&reader, to, size, &got);
    hg_reader_close(&reader);
    return status;
}

enum hg_status hg_reader_read(struct hg_reader *reader, void *to, size_t size)
{
    size_t got;
    HG_TRY(read_some(reader, to, size, &got));
    if (got < size)
        return hg_fail(HG_BAD_DATA, "%s: ends within its header, after %zu bytes", reader->path, reader->position);
    return HG_OK;
}

/* Gives what is left of an uncompressed file to `out`, in place. */
static void take_mapping(struct hg_reader *reader, struct hg_block *out)
{
    *out = (struct hg_block){.data = reader->mapping.data ? reader->mapping.data + reader->position : NULL,
                             .size = reader->mapping.size - reader->position,
                             .mapping = reader->mapping};
    reader->mapping = (struct hg_mapping){NULL, 0};
}

static enum hg_status decompress_exactly(struct hg_reader *reader, size_t size, struct hg_block *out)
{
    if (size / HG_GZIP_RATIO > reader->compressed)
        return hg_fail(HG_BAD_DATA,
                       "%s: its header announces %zu bytes of data, more than %zu compressed bytes can hold",
                       reader->path, size, reader->compressed);
    if (size > HG_READER_MEMORY_MAX)
        return hg_fail(HG_BAD_DATA, "%s: holds %zu bytes, too many for memory; unpack it, and it will be mapped",
                       reader->path, size);
    unsigned char *memory;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&memory, size, reader->path));
    size_t got;
    size_t more = 0;
    unsigned char beyond;
    HG_TRY_OR_CLEANUP(read_some(reader, memory, size, &got));
    if (got == size)
        HG_TRY_OR_CLEANUP(read_some(reader, &beyond, 1, &more));
    if (got < size || more > 0) {
        status = hg_fail(HG_BAD_DATA, "%s: its header announces %zu bytes of data, but %s%zu follow", reader->path,
                         size, more > 0 ? "more than " : "", got);
        goto cleanup;
    }
    *out = (struct hg_block){.data = memory, .size = size, .memory = memory};
    memory = NULL;

cleanup:
    free(memory);
    return status;
}

enum hg_status hg_reader_rest(struct hg_reader *reader, size_t size, struct hg_block *out)
{
    if (reader->gzip || reader->member)
        return decompress_exactly(reader, size, out);
    if (reader->mapping.size - reader->position != size)
        return hg_fail(HG_BAD_DATA, "%s: its header announces %zu bytes of data, but %zu follow", reader->path, size,
                       reader->mapping.size - reader->position);
    take_mapping(reader, out);
    return HG_OK;
}

enum hg_status hg_reader_text(struct hg_reader *reader, struct hg_block *out)
{
    if (!reader->gzip && !reader->member) {
        take_mapping(reader, out);
        return HG_OK;
    }
    unsigned char *memory = NULL;
    size_t size = 0;
    enum hg_status status = HG_OK;
    for (size_t capacity = (size_t)1 << 16; size < HG_READER_MEMORY_MAX; capacity *= 2) {
        HG_TRY_OR_CLEANUP(hg_reallocate(&memory, capacity, reader->path));
        size_t got;
        HG_TRY_OR_CLEANUP(read_some(reader, memory + size, capacity - size, &got));
        size += got;
        if (size < capacity) {
            *out = (struct hg_block){.data = memory, .size = size, .memory = memory};
            return HG_OK;
        }
    }
    status = hg_fail(HG_BAD_DATA, "%s: expands to more than %zu bytes; decompress it before use", reader->path,
                     HG_READER_MEMORY_MAX);

cleanup:
    free(memory);
    return status;
}

void hg_block_free(struct hg_block *block)
{
    hg_file_unmap(&block->mapping);
    free(block->memory);
    *block = (struct hg_block){.data = NULL};
}
