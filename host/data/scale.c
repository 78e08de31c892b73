#include "host/data/scale.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

enum { MEAN_ROWS = 4096, SPREAD_ROWS = 1024, ITERATIONS = 30 };

/* An estimate of the spread that grows by less than this part of it in an iteration is near enough: what follows from
 * it is rounded to powers of two. */
static const double near_enough = 1e-3;

static size_t fewer(size_t a, size_t b)
{
    return a < b ? a : b;
}

static double value_at(const struct hg_samples *samples, size_t place)
{
    return samples->element == HG_U8 ? ((const uint8_t *)samples->values)[place] / 255.0
                                     : (double)((const float *)samples->values)[place];
}

double hg_mean_square(const struct hg_samples *samples)
{
    const size_t features = samples->features, rows = fewer(samples->count, MEAN_ROWS);
    double sum = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t place = hg_samples_spread(samples, k, rows) * features;
        for (size_t d = 0; d < features; ++d)
            sum += value_at(samples, place + d) * value_at(samples, place + d);
    }
    const double mean = sum / (double)rows;
    return mean > 0 && isfinite(mean) ? mean : 1;
}

void hg_input_mean(const struct hg_samples *samples, double *mean)
{
    const size_t features = samples->features, rows = fewer(samples->count, MEAN_ROWS);
    for (size_t d = 0; d < features; ++d)
        mean[d] = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t place = hg_samples_spread(samples, k, rows) * features;
        for (size_t d = 0; d < features; ++d)
            mean[d] += value_at(samples, place + d) / (double)rows;
    }
}

/* to = mean of (x - c) (x - c)^T v, c the centre; gives its length. */
static double multiply(const struct hg_samples *samples, const double *centre, const double *v, double *x, double *to)
{
    const size_t features = samples->features, rows = fewer(samples->count, SPREAD_ROWS);
    double squares = 0;
    for (size_t d = 0; d < features; ++d)
        to[d] = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t place = hg_samples_spread(samples, k, rows) * features;
        double product = 0;
        for (size_t d = 0; d < features; ++d) {
            x[d] = value_at(samples, place + d) - (centre ? centre[d] : 0);
            product += x[d] * v[d];
        }
        product /= (double)rows;
        for (size_t d = 0; d < features; ++d)
            to[d] += product * x[d];
    }
    for (size_t d = 0; d < features; ++d)
        squares += to[d] * to[d];
    return sqrt(squares);
}

/* Power iteration: v turns towards the eigenvector, and the length of its image towards the eigenvalue. */
enum hg_status hg_input_spread(const struct hg_samples *samples, const double *centre, double *largest)
{
    const size_t features = samples->features;
    double *memory;
    HG_TRY(hg_allocate(&memory, 3 * features, "the spread of the inputs"));
    double *v = memory, *image = memory + features, *x = memory + 2 * features;
    struct hg_random random = hg_random_stream(0, HG_RANDOM_WEIGHTS, 0);
    double before = 0, length = 0;
    for (size_t d = 0; d < features; ++d)
        v[d] = hg_random_normal(&random) / sqrt((double)features);
    for (size_t i = 0; i < ITERATIONS; ++i) {
        length = multiply(samples, centre, v, x, image);
        if (!(length > 0) || (i > 1 && length < (1 + near_enough) * before))
            break;
        before = length;
        for (size_t d = 0; d < features; ++d)
            v[d] = image[d] / length;
    }
    *largest = length;
    free(memory);
    return HG_OK;
}
