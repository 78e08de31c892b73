/* Pictures in memory, and the files that hold them. libpng is used in png.c alone. */
#ifndef HANDGRAD_HOST_PICTURES_PICTURE_H
#define HANDGRAD_HOST_PICTURES_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "handgrad/status.h"

/* Sides of a picture that viewers still show, and that no hostile header can exceed. */
enum { HG_PICTURE_SIDE_MAX = 1 << 14 };

struct hg_picture {
    size_t height, width; /* 1 ... HG_PICTURE_SIDE_MAX */
    size_t channels;      /* 1: grey; 3: red, green, blue */
    uint8_t *pixels;      /* [height][width][channels], 0 dark; owned */
};

/* All zero pixels. HG_BAD_DATA where a side is 0 or too large, HG_INTERNAL; `what` names the picture in the message. */
enum hg_status hg_picture_create(struct hg_picture *out, size_t height, size_t width, size_t channels,
                                 const char *what);
/* Leaves it empty; an empty one is fine. */
void hg_picture_free(struct hg_picture *picture);

/* Reads a PNG file of any kind as 8 bits a channel: grey where the file is grey, else colour; what is transparent lies
 * on white. HG_NO_INPUT, HG_BAD_DATA (malformed, or a side too large), HG_IO, HG_INTERNAL. */
enum hg_status hg_png_read(struct hg_picture *out, const char *path);

/* The bytes of a PNG file, which the caller frees. HG_INTERNAL; `what` names the picture in the message. */
enum hg_status hg_png_encode(void **bytes, size_t *size, const struct hg_picture *picture, const char *what);

/* Replaces `file` as a whole. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_png_write(const char *file, const struct hg_picture *picture);

#endif
