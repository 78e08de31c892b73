/* The size and the place of the inputs, from which training takes what the user does not choose: docs/MATH.md, "Choices
 * by the data". Inputs are as training sees them, bytes divided by 255. */
#ifndef HANDGRAD_HOST_DATA_SCALE_H
#define HANDGRAD_HOST_DATA_SCALE_H

#include "kernels/backend.h"

/* Over at most 4096 samples, evenly spread: the mean of ||x||^2, or 1 where that is zero or not finite, for there is
 * nothing to go by; and the mean of x, [features]. */
double hg_mean_square(const struct hg_samples *samples);
void hg_input_mean(const struct hg_samples *samples, double *mean);

/* The largest ||x||^2 of all samples. */
double hg_largest_square(const struct hg_samples *samples);

/* The largest eigenvalue of the mean of (x - centre)(x - centre)^T over at most 2048 samples, evenly spread, within a
 * few percent; `centre` NULL: the origin. Multiplying the samples by a power of two multiplies it by the square of
 * that, to the bit. */
enum hg_status hg_input_spread(const struct hg_samples *samples, const double *centre, double *largest);

#endif
