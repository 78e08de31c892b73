/* ZIP archives. The only place that knows libzip. */
#ifndef HANDGRAD_HOST_FORMATS_ZIP_H
#define HANDGRAD_HOST_FORMATS_ZIP_H

#include <stddef.h>
#include <sys/uio.h>

#include "handgrad/status.h"

struct hg_zip;
struct hg_zip_member;

/* Status of all of these: HG_NO_INPUT, HG_BAD_DATA (no archive, damaged, encrypted), HG_IO, HG_INTERNAL. */
enum hg_status hg_zip_open(struct hg_zip **out, const char *path);
/* NULL is fine. Its members are to be closed before. */
void hg_zip_close(struct hg_zip *zip);

size_t hg_zip_count(const struct hg_zip *zip);
/* The name of a member; "" where the archive has none for it. Lives as long as the archive. */
const char *hg_zip_name(const struct hg_zip *zip, size_t index);

/* Begins to read a member that is stored or deflated. `path` names it in messages, and must outlive it. */
enum hg_status hg_zip_member_open(struct hg_zip_member **out, const struct hg_zip *zip, size_t index, const char *path);
/* NULL is fine. */
void hg_zip_member_close(struct hg_zip_member *member);
/* Up to `size` bytes; *got is less only at the end of the member, whose checksum has then been verified. */
enum hg_status hg_zip_member_read(struct hg_zip_member *member, void *to, size_t size, size_t *got);
/* The bytes that it takes in the archive, compressed. */
size_t hg_zip_member_compressed(const struct hg_zip_member *member);

/* A member to be written; its content is the parts, one after the other. */
struct hg_zip_entry {
    const char *name;
    struct iovec parts[2];
};

/* Replaces `path`, as a whole, by an archive of these members, uncompressed. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_zip_write(const char *path, const struct hg_zip_entry *entries, size_t count);

#endif
