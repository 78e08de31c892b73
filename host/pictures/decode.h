/* The formats of pictures, each in a file of its own; picture.c chooses. */
#ifndef HANDGRAD_HOST_PICTURES_DECODE_H
#define HANDGRAD_HOST_PICTURES_DECODE_H

#include "host/pictures/picture.h"

/* From the bytes of a file; `path` names it in messages. Sizes that a header announces are compared with the number of
 * bytes before memory is taken for them. HG_BAD_DATA, HG_INTERNAL. */
enum hg_status hg_png_probe(struct hg_picture_info *info, const void *bytes, size_t size, const char *path);
enum hg_status hg_png_decode(struct hg_picture *out, const void *bytes, size_t size, const char *path);
enum hg_status hg_jpeg_probe(struct hg_picture_info *info, const void *bytes, size_t size, const char *path);
enum hg_status hg_jpeg_decode(struct hg_picture *out, const void *bytes, size_t size, const char *path);

/* Puts a picture upright that a camera took in one of EXIF's orientations, 1 (upright) ... 8. HG_INTERNAL. */
enum hg_status hg_picture_turn(struct hg_picture *picture, unsigned orientation, const char *what);

#endif
