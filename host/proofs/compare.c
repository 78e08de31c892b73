#include "host/proofs/compare.h"

#include <math.h>

double hg_relative_error(double actual, double expected, double scale)
{
    if (!isfinite(actual) || !isfinite(expected) || !isfinite(scale) || scale < 0)
        return INFINITY;
    if (actual == expected)
        return 0;
    return fabs(actual - expected) / scale;
}

struct hg_comparison hg_compare(size_t n, const double *actual, const double *expected, const double *scale)
{
    struct hg_comparison worst = {0};
    for (size_t i = 0; i < n; ++i) {
        const double error = hg_relative_error(actual[i], expected[i], scale ? scale[i] : 1);
        if (i == 0 || error > worst.error)
            worst = (struct hg_comparison){error, i, actual[i], expected[i]};
    }
    return worst;
}

double hg_relative_l2(size_t n, const double *actual, const double *expected)
{
    double difference = 0, norm = 0;
    for (size_t i = 0; i < n; ++i) {
        if (!isfinite(actual[i]) || !isfinite(expected[i]))
            return INFINITY;
        difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
        norm += expected[i] * expected[i];
    }
    return hg_relative_error(sqrt(difference), 0, sqrt(norm));
}

bool hg_within(double error, double limit)
{
    return error <= limit;
}
