/* Pictures in memory, and the files that hold them. */
#ifndef HANDGRAD_HOST_PICTURES_PICTURE_H
#define HANDGRAD_HOST_PICTURES_PICTURE_H

#include <stdbool.h>
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

/* What the header of a file says of its picture, upright. */
struct hg_picture_info {
    size_t height, width, channels;
    bool transparent;     /* parts of it may be */
    unsigned orientation; /* in which the camera was held: 1 upright ... 8, as EXIF counts */
};

/* Whether a file begins like one of the formats that are read: PNG, JPEG. HG_PICTURE_MAGIC bytes are enough. */
enum { HG_PICTURE_MAGIC = 8 };
bool hg_picture_recognise(const void *bytes, size_t size);

/* Reads a PNG or JPEG file of any kind as 8 bits a channel, upright: grey where the file is grey, else colour; what is
 * transparent lies on white. `info` may be NULL. HG_NO_INPUT, HG_BAD_DATA (another kind of file, malformed, more pixels
 * than its bytes can hold, a side too large, CMYK), HG_IO, HG_INTERNAL. */
enum hg_status hg_picture_read(struct hg_picture *out, struct hg_picture_info *info, const char *path);
/* The header alone. The same failures, though pixels may turn out damaged later. */
enum hg_status hg_picture_probe(struct hg_picture_info *info, const char *path);

/* A picture of another kind, made of one: `channels` 1 makes grey of colours by their luma (ITU-R BT.601), 3 equal
 * colours of grey. `out` is another picture. HG_INTERNAL. */
enum hg_status hg_picture_convert(struct hg_picture *out, const struct hg_picture *in, size_t channels,
                                  const char *what);
/* The same picture in another size, its sides stretched as it takes: along a side that gets shorter each pixel is the
 * mean of those that it covers, along one that gets longer it is interpolated linearly. HG_INTERNAL. */
enum hg_status hg_picture_resize(struct hg_picture *out, const struct hg_picture *in, size_t height, size_t width,
                                 const char *what);

/* The pixel that a number is shown as: 0 at `dark` and below, 255 at `bright` and above. */
uint8_t hg_picture_shade(float number, float dark, float bright);

/* The bytes of a PNG file, which the caller frees. HG_INTERNAL; `what` names the picture in the message. */
enum hg_status hg_png_encode(void **bytes, size_t *size, const struct hg_picture *picture, const char *what);

/* Replaces `file` as a whole. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_png_write(const char *file, const struct hg_picture *picture);

#endif
