/* What the numbers of data mean (handgrad/dataset.h: struct hg_input_scale), measured and compared. */
#ifndef HANDGRAD_HOST_DATA_INPUT_SCALE_H
#define HANDGRAD_HOST_DATA_INPUT_SCALE_H

#include "handgrad/dataset.h"
#include "kernels/backend.h"

/* The statistics of all numbers, as training sees them. */
void hg_samples_scale(const struct hg_samples *samples, enum hg_numbers numbers, struct hg_input_scale *input);

#endif
