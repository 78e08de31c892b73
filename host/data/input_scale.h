/* What the numbers of data mean (handgrad/dataset.h: struct hg_input_scale), measured and compared. */
#ifndef HANDGRAD_HOST_DATA_INPUT_SCALE_H
#define HANDGRAD_HOST_DATA_INPUT_SCALE_H

#include "handgrad/dataset.h"
#include "kernels/backend.h"

/* Number `feature` of a sample as it is stored, a byte from 0 to 255. Here, because it is what innermost loops do. */
static inline double hg_samples_number(const struct hg_samples *samples, size_t row, size_t feature)
{
    const size_t at = row * samples->features + feature;
    return samples->element == HG_U8 ? ((const uint8_t *)samples->values)[at]
                                     : (double)((const float *)samples->values)[at];
}

/* Least and largest number of samples first ... first + rows - 1, as stored. */
void hg_samples_range(const struct hg_samples *samples, size_t first, size_t rows, double *least, double *largest);

/* How many samples are looked at: all, or 4096, evenly spread (hg_samples_spread). */
size_t hg_samples_sampled(const struct hg_samples *samples);

/* Mean and standard deviation of the numbers of those, as stored. */
void hg_samples_moments(const struct hg_samples *samples, double *mean, double *deviation);

/* The statistics of all numbers, as training sees them. */
void hg_samples_scale(const struct hg_samples *samples, enum hg_numbers numbers, struct hg_input_scale *input);

#endif
