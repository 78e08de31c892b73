/* Directories of pictures, one a sample. */
#ifndef HANDGRAD_SRC_OUTPUT_PICTURE_DIRECTORY_H
#define HANDGRAD_SRC_OUTPUT_PICTURE_DIRECTORY_H

#include "host/pictures/picture.h"

struct hg_picture_directory {
    char *path, *temporary; /* the pictures are in `temporary` until all of them are there */
};

/* Begins a directory at `path`, which may be missing, empty, or one that was written before and is then replaced as a
 * whole. HG_CANNOT_CREATE: it is something else, or holds other files. */
enum hg_status hg_picture_directory_open(struct hg_picture_directory *out, const char *path);

/* Adds the picture of sample `index`: a PNG file of that number. */
enum hg_status hg_picture_directory_add(struct hg_picture_directory *directory, size_t index,
                                        const struct hg_picture *picture);

/* The directory takes its place, on disk. On failure what was there before is there. Either way it is closed. */
enum hg_status hg_picture_directory_commit(struct hg_picture_directory *directory);

/* Removes what was written; one that is closed, or all zero, is fine. */
void hg_picture_directory_discard(struct hg_picture_directory *directory);

#endif
