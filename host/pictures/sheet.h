/* Images side by side on one picture. */
#ifndef HANDGRAD_HOST_PICTURES_SHEET_H
#define HANDGRAD_HOST_PICTURES_SHEET_H

#include "host/pictures/picture.h"

/* What is shown. Numbers are from `dark` to `bright`, and are clamped to these. */
struct hg_sheet {
    size_t count;                   /* images, at least 1 */
    size_t columns;                 /* images a row at most; 0: ten */
    size_t scale;                   /* a pixel of an image is so many a side; 0: what is easily seen */
    size_t height, width, channels; /* of an image; channels 1: grey, 3: red, green, blue */
    const float *images;            /* [count][height][width][channels] */
    const float *below;             /* the same: under each image another one; NULL: none */
    const char *const *labels;      /* [count]: under each image a text (host/pictures/font.h); NULL: none */
    float dark, bright;
};

/* Images are drawn from left to right and from top to bottom, small ones enlarged unless `scale` says otherwise.
 * HG_BAD_DATA: too large for a picture, which the message calls `what`; HG_INTERNAL. */
enum hg_status hg_sheet_draw(struct hg_picture *out, const struct hg_sheet *sheet, const char *what);
/* The same as a PNG file, which is replaced as a whole. Also HG_CANNOT_CREATE, HG_IO. */
enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet);

#endif
