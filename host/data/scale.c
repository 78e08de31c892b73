#include "host/data/scale.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

enum { MEAN_ROWS = 4096, SPREAD_ROWS = 2048, ITERATIONS = 30 };

/* An estimate of the spread that grows by less than this part of it in an iteration is near enough: what follows from
 * it is rounded to powers of two. */
static const double near_enough = 0.01;

static size_t fewer(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row k of `rows` rows spread evenly over the samples, less the centre (NULL: less nothing). */
static void read_row(const struct hg_samples *samples, size_t k, size_t rows, const double *centre, double *x)
{
    const size_t features = samples->features, place = hg_samples_spread(samples, k, rows) * features;
    if (samples->element == HG_U8)
        for (size_t d = 0; d < features; ++d)
            x[d] = ((const uint8_t *)samples->values + place)[d] * (1 / 255.0);
    else
        for (size_t d = 0; d < features; ++d)
            x[d] = (double)((const float *)samples->values + place)[d];
    for (size_t d = 0; centre && d < features; ++d)
        x[d] -= centre[d];
}

static double value_at(const struct hg_samples *samples, size_t place)
{
    return samples->element == HG_U8 ? ((const uint8_t *)samples->values)[place] * (1 / 255.0)
                                     : (double)((const float *)samples->values)[place];
}

static double square_of_row(const struct hg_samples *samples, size_t row)
{
    const size_t place = row * samples->features;
    double sum = 0;
    if (samples->element == HG_U8) { /* in integers, which is many times as fast: every row may be asked for */
        const uint8_t *x = (const uint8_t *)samples->values + place;
        uint64_t squares = 0;
        for (size_t d = 0; d < samples->features; ++d)
            squares += (uint32_t)x[d] * x[d];
        return (double)squares / (255.0 * 255.0);
    }
    for (size_t d = 0; d < samples->features; ++d)
        sum += value_at(samples, place + d) * value_at(samples, place + d);
    return sum;
}

double hg_largest_square(const struct hg_samples *samples)
{
    double largest = 0;
    for (size_t row = 0; row < samples->count; ++row)
        largest = fmax(largest, square_of_row(samples, row));
    return largest;
}

double hg_mean_square(const struct hg_samples *samples)
{
    const size_t rows = fewer(samples->count, MEAN_ROWS);
    double sum = 0;
    for (size_t k = 0; k < rows; ++k)
        sum += square_of_row(samples, hg_samples_spread(samples, k, rows));
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

static double dot(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; ++i)
        sum += a[i] * b[i];
    return sum;
}

/* to = mean of (x - c) (x - c)^T v, c the centre; gives its length. */
static double multiply(const struct hg_samples *samples, const double *centre, const double *v, double *x, double *to)
{
    const size_t features = samples->features, rows = fewer(samples->count, SPREAD_ROWS);
    for (size_t d = 0; d < features; ++d)
        to[d] = 0;
    for (size_t k = 0; k < rows; ++k) {
        read_row(samples, k, rows, centre, x);
        const double product = dot(features, x, v) / (double)rows;
        for (size_t d = 0; d < features; ++d)
            to[d] += product * x[d];
    }
    return sqrt(dot(features, to, to));
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
