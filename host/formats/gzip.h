/* Decompression of gzip data that lies in memory, and gzip's checksum. The only place that knows zlib. */
#ifndef HANDGRAD_HOST_FORMATS_GZIP_H
#define HANDGRAD_HOST_FORMATS_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/base/file.h"

/* Deflate cannot do better than 258 bytes for 2 bits: what is announced as larger than this many times the compressed
 * size is a lie, and need not be allocated to find out. */
enum { HG_GZIP_RATIO = 1032 };

struct hg_gzip;

bool hg_gzip_recognise(struct hg_mapping content);

/* Decompresses `content`, which must outlive it; `path` is for messages. Several members follow each other as in
 * gzip(1). Status: HG_BAD_DATA (not gzip, damaged, cut off), HG_INTERNAL (out of memory). */
enum hg_status hg_gzip_open(struct hg_gzip **out, const char *path, struct hg_mapping content);
void hg_gzip_close(struct hg_gzip *gzip);

/* Up to `size` bytes; *got is less only at the end of the data, whose checksum has then been verified. */
enum hg_status hg_gzip_read(struct hg_gzip *gzip, void *to, size_t size, size_t *got);

/* CRC-32 of any bytes. */
uint32_t hg_crc32(const void *bytes, size_t size);

#endif
