/* Samples of a dataset as images. */
#ifndef HANDGRAD_SRC_OUTPUT_SAMPLES_H
#define HANDGRAD_SRC_OUTPUT_SAMPLES_H

#include "handgrad/dataset.h"
#include "host/pictures/sheet.h"

/* Fills in what an image of the dataset is, and what of its numbers is black and white: 0 and 1, or where the data are
 * not of that range, the least and the largest of them. Samples that are no images are squares where they can be, else
 * HG_BAD_DATA. */
enum hg_status hg_samples_show(struct hg_sheet *sheet, const struct hg_dataset *dataset);

#endif
