/* Files that are written piece by piece, and yet replaced as a whole. Status as in kernels/base/file.h. */
#ifndef HANDGRAD_KERNELS_BASE_WRITER_H
#define HANDGRAD_KERNELS_BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

struct hg_writer {
    int fd;          /* -1: closed */
    bool attached;   /* the descriptor is the caller's */
    char *name;      /* the file, for messages */
    char *temporary; /* what becomes the file; NULL: it is written to directly */
    char *buffer;    /* what has not been written yet */
    size_t used;     /* of the buffer */
};

/* Begins to replace `path`: at any time, even after a crash, it is either the old file or the complete new one. Devices
 * and pipes cannot be replaced and are written to. */
enum hg_status hg_writer_open(struct hg_writer *out, const char *path);

/* Begins to write to a descriptor that is open and stays so. */
enum hg_status hg_writer_attach(struct hg_writer *out, int fd, const char *name);

enum hg_status hg_writer_write(struct hg_writer *writer, const void *data, size_t size);
enum hg_status hg_writer_text(struct hg_writer *writer, const char *text);

/* Room for at least `size` bytes, at most HG_WRITER_ROOM, which the caller fills and hg_writer_advance counts. */
enum { HG_WRITER_ROOM = 4096 };
enum hg_status hg_writer_room(struct hg_writer *writer, size_t size, char **room);
void hg_writer_advance(struct hg_writer *writer, size_t size);

/* Everything is on disk, and in the place of the old file. On failure that is as it was. Either way the writer is
 * closed. */
enum hg_status hg_writer_commit(struct hg_writer *writer);

/* The file stays as it was. A writer that is closed, or all zero but its fd -1, is fine. */
void hg_writer_discard(struct hg_writer *writer);

#endif
