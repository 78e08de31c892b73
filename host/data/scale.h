/* The size of the data, and what follows from it where the user chooses nothing: docs/MATH.md, "Choices by the data".
 */
#ifndef HANDGRAD_HOST_DATA_SCALE_H
#define HANDGRAD_HOST_DATA_SCALE_H

#include "handgrad/options.h"
#include "kernels/backend.h"

/* Mean of ||x||^2 over at most 4096 samples, evenly spread, as training sees them (bytes divided by 255). 1 where that
 * is zero or not finite, for there is nothing to go by. */
double hg_mean_square(const struct hg_samples *samples);

/* (S8), rounded to two digits. */
double hg_rate_by_data(enum hg_model_kind model, double mean_square);

#endif
