/* A data file, or a member of a ZIP archive, read from front to back, compressed or not: a header in small pieces, then
 * everything that is left. Sizes that a header announces are believed only after they have been compared with the file.
 */
#ifndef HANDGRAD_HOST_FORMATS_READER_H
#define HANDGRAD_HOST_FORMATS_READER_H

#include <stddef.h>

#include "host/formats/gzip.h"
#include "host/formats/zip.h"
#include "kernels/base/file.h"

/* What a compressed file may expand to in memory. Larger data belongs in an uncompressed file, which is mapped. */
#define HG_READER_MEMORY_MAX ((size_t)4 << 30)

struct hg_reader {
    const char *path;
    struct hg_mapping mapping;
    struct hg_gzip *gzip;         /* NULL: not gzip data */
    struct hg_zip_member *member; /* NULL: not a member of an archive */
    size_t compressed;            /* bytes in the file, where either of these is given */
    size_t position;              /* bytes of the (decompressed) content read so far */
};

/* Bytes that are either part of a mapped file or memory of their own. */
struct hg_block {
    const unsigned char *data;
    size_t size;
    struct hg_mapping mapping; /* .data NULL: not mapped */
    void *memory;              /* NULL: not allocated */
};

/* Status of all of these: HG_NO_INPUT, HG_BAD_DATA, HG_IO, HG_INTERNAL. `path` must outlive `reader`. */
enum hg_status hg_reader_open(struct hg_reader *reader, const char *path);
/* A member of an archive, which must outlive `reader`, too. */
enum hg_status hg_reader_open_member(struct hg_reader *reader, const struct hg_zip *zip, size_t index,
                                     const char *path);
void hg_reader_close(struct hg_reader *reader);

/* The first `size` bytes of a file just opened, which is then as if it had not been read; the rest is zero where the
 * file is shorter. */
enum hg_status hg_reader_peek(const char *path, void *to, size_t size);

/* Exactly `size` bytes. */
enum hg_status hg_reader_read(struct hg_reader *reader, void *to, size_t size);

/* All that is left, which must be exactly `size` bytes, else HG_BAD_DATA saying how the content differs from what its
 * header announces. Leaves `reader` fit for hg_reader_close alone. */
enum hg_status hg_reader_rest(struct hg_reader *reader, size_t size, struct hg_block *out);

/* All that is left, whatever its size. */
enum hg_status hg_reader_text(struct hg_reader *reader, struct hg_block *out);

void hg_block_free(struct hg_block *block);

#endif
