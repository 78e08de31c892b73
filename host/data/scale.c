#include "host/data/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 4096 };

static double square_of_bytes(const uint8_t *x, size_t count)
{
    uint64_t sum = 0;
    for (size_t d = 0; d < count; ++d)
        sum += (uint64_t)x[d] * x[d];
    return (double)sum / (255.0 * 255.0);
}

static double square_of_floats(const float *x, size_t count)
{
    double sum = 0;
    for (size_t d = 0; d < count; ++d)
        sum += (double)x[d] * (double)x[d];
    return sum;
}

double hg_mean_square(const struct hg_samples *samples)
{
    const size_t features = samples->features, rows = samples->count < ROWS ? samples->count : ROWS;
    double sum = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t row = hg_samples_spread(samples, k, rows);
        sum += samples->element == HG_U8 ? square_of_bytes((const uint8_t *)samples->values + row * features, features)
                                         : square_of_floats((const float *)samples->values + row * features, features);
    }
    const double mean = sum / (double)rows;
    return mean > 0 && isfinite(mean) ? mean : 1;
}

double hg_rate_by_data(enum hg_model_kind model, double mean_square)
{
    char rounded[32];
    snprintf(rounded, sizeof rounded, "%.1e", (model == HG_MLP ? 26.4 : 0.88) / mean_square);
    return strtod(rounded, NULL);
}
