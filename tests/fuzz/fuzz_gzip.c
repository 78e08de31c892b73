#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "host/formats/format.h"
#include "tests/fuzz/harness.h"

/* As an IDX file, and as a table, whose size nothing announces. */
static void read_both(const void *bytes, size_t size)
{
    struct fuzz_file file = fuzz_file_create(bytes, size);
    const struct hg_read_options options = {.labelled = false};
    struct hg_array samples;
    struct hg_table table;
    if (hg_idx_read(&samples, file.path) == HG_OK)
        fuzz_array_consume(&samples);
    if (hg_csv_read(&table, file.path, &options) == HG_OK) {
        fuzz_array_consume(&table.samples);
        hg_table_free(&table);
    }
    fuzz_file_remove(&file);
}

/* The input as it is, whose checksum is hardly ever right, and compressed, so that what is behind the checksum is
 * reached too. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { GZIP_FORMAT = 16, MEMORY_LEVEL = 8 };
    read_both(bytes, size);
    z_stream stream = {.next_in = (unsigned char *)bytes, .avail_in = (uInt)size};
    if (deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + GZIP_FORMAT, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    const uLong bound = deflateBound(&stream, (uLong)size);
    unsigned char *compressed = malloc(bound);
    if (!compressed)
        abort();
    stream.next_out = compressed;
    stream.avail_out = (uInt)bound;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    read_both(compressed, bound - stream.avail_out);
    free(compressed);
    deflateEnd(&stream);
    return 0;
}
