/* Files as handgrad wants them: read whole or mapped, replaced whole, lines appended durably.
 *
 * Status: HG_NO_INPUT (missing, unreadable, not a file), HG_CANNOT_CREATE, HG_IO (reading or writing failed half way,
 * a full disk), HG_BAD_DATA (larger than it may be), HG_INTERNAL (out of memory). Messages name the path. */
#ifndef HANDGRAD_KERNELS_BASE_FILE_H
#define HANDGRAD_KERNELS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "handgrad/status.h"

/* A file's content, read-only. The file must not shrink while it is mapped. */
struct hg_mapping {
    const unsigned char *data; /* NULL: an empty file, or nothing mapped */
    size_t size;
};

enum hg_status hg_file_map(struct hg_mapping *out, const char *path);
void hg_file_unmap(struct hg_mapping *mapping);

/* The whole file, at most `limit` bytes, with a NUL after them; the caller frees *out. `size` may be NULL. */
enum hg_status hg_file_read(char **out, size_t *size, const char *path, size_t limit);

/* Between the name of a file that is being replaced, and the numbers of the process that replaces it and of its
 * attempt. */
#define HG_FILE_TEMPORARY ".tmp-"

/* Replaces `path` by the parts, one after the other. At any time, even after a crash, `path` is either the old file
 * or the complete new one; a failure leaves the old one. Devices and pipes cannot be replaced and are written to. */
enum hg_status hg_file_replace(const char *path, const struct iovec *parts, size_t count);
/* The same for one text. */
enum hg_status hg_file_replace_text(const char *path, const char *text);

/* Removes what killed processes left in `directory` while they replaced one of these files. No process may be replacing
 * one of them meanwhile. What cannot be removed stays. */
void hg_file_remove_unfinished(const char *directory, const char *const names[], size_t count);

/* Adds `line` and a newline to `path`, which is created if need be; the line is on disk on return, or not there at
 * all. */
enum hg_status hg_file_append_line(const char *path, const char *line);

/* Adds the parts to `path`, which is created if need be: all of them or, on failure, nothing. They are not waited for:
 * a power failure may take the last of them. */
enum hg_status hg_file_append(const char *path, const struct iovec *parts, size_t count);

/* Whether both paths name one existing file. */
bool hg_file_same(const char *a, const char *b);

/* The directory and its parents; one that exists is fine. *created, which may be NULL: whether `path` itself was made.
 */
enum hg_status hg_directory_create(const char *path, bool *created);

#endif
