/* Handwriting on paper made into a sample as the digits of MNIST were made. */
#ifndef HANDGRAD_HOST_PICTURES_INK_H
#define HANDGRAD_HOST_PICTURES_INK_H

#include "host/pictures/picture.h"

/* What was found on the paper. */
struct hg_ink {
    bool dark;                       /* the ink is darker than the paper, so light and dark are exchanged */
    size_t top, left, height, width; /* the rectangle of the ink, in pixels of the picture */
};

/* `out` has height x width grey pixels, light ink on black: the rectangle that holds the ink, its proportions kept, in
 * 20 of 28 parts of the size, and the centre of its mass in the middle. Uneven light on the paper, noise and specks are
 * removed. HG_BAD_DATA, naming the picture `what`: there is no ink. HG_INTERNAL. */
enum hg_status hg_ink_extract(struct hg_picture *out, const struct hg_picture *picture, size_t height, size_t width,
                              struct hg_ink *found, const char *what);

#endif
