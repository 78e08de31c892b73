#include "kernels/cpu/steps/density.h"

enum { ROWS = 1024 };

static size_t sampled_rows(const struct hg_samples *samples)
{
    return samples->count < ROWS ? samples->count : ROWS;
}

static size_t count_bytes(const uint8_t *values, size_t count)
{
    size_t nonzero = 0;
    for (size_t d = 0; d < count; ++d)
        nonzero += values[d] != 0;
    return nonzero;
}

static size_t count_floats(const float *values, size_t count)
{
    size_t nonzero = 0;
    for (size_t d = 0; d < count; ++d)
        nonzero += values[d] != 0;
    return nonzero;
}

double hg_cpu_density(const struct hg_samples *samples)
{
    const size_t rows = sampled_rows(samples), features = samples->features;
    if (rows == 0)
        return 1;
    size_t nonzero = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t first = hg_samples_spread(samples, k, rows) * features;
        nonzero += samples->element == HG_U8 ? count_bytes((const uint8_t *)samples->values + first, features)
                                             : count_floats((const float *)samples->values + first, features);
    }
    return (double)nonzero / ((double)rows * (double)features);
}

size_t hg_cpu_feature_counts(const struct hg_samples *samples, uint32_t *counts)
{
    const size_t rows = sampled_rows(samples), features = samples->features;
    for (size_t k = 0; k < rows; ++k) {
        const uint8_t *row = (const uint8_t *)samples->values + hg_samples_spread(samples, k, rows) * features;
        for (size_t d = 0; d < features; ++d)
            counts[d] += row[d] != 0;
    }
    return rows;
}
