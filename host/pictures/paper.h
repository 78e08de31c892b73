/* The paper that something is written on: its brightness, which light makes uneven. */
#ifndef HANDGRAD_HOST_PICTURES_PAPER_H
#define HANDGRAD_HOST_PICTURES_PAPER_H

#include "host/pictures/picture.h"

/* What each grey pixel differs from the paper, [height][width], and the standard deviation of the paper's own pixels
 * from it. The paper is a surface of second degree through most of the pixels near the margin, and then through all
 * that are close to it. */
void hg_paper_subtract(float *residual, double *noise, const struct hg_picture *picture);

#endif
