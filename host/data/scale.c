#include "host/data/scale.h"

#include <math.h>
#include <stdlib.h>

#include "host/data/input_scale.h"
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

/* What a stored number is multiplied by to be what training sees. */
static double unit_of(const struct hg_samples *samples)
{
    return samples->element == HG_U8 ? 1 / 255.0 : 1;
}

/* A row less the centre (NULL: less nothing). */
static void read_row(const struct hg_samples *samples, size_t row, const double *centre, double *x)
{
    const double unit = unit_of(samples);
    for (size_t d = 0; d < samples->features; ++d)
        x[d] = hg_samples_number(samples, row, d) * unit;
    for (size_t d = 0; centre && d < samples->features; ++d)
        x[d] -= centre[d];
}

static double square_of_row(const struct hg_samples *samples, size_t row)
{
    double sum = 0;
    if (samples->element == HG_U8) { /* in integers, which is many times as fast: every row may be asked for */
        const uint8_t *x = (const uint8_t *)samples->values + row * samples->features;
        uint64_t squares = 0;
        for (size_t d = 0; d < samples->features; ++d)
            squares += (uint32_t)x[d] * x[d];
        return (double)squares / (255.0 * 255.0);
    }
    for (size_t d = 0; d < samples->features; ++d)
        sum += hg_samples_number(samples, row, d) * hg_samples_number(samples, row, d);
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
    const double unit = unit_of(samples);
    for (size_t d = 0; d < features; ++d)
        mean[d] = 0;
    for (size_t k = 0; k < rows; ++k) {
        const size_t row = hg_samples_spread(samples, k, rows);
        for (size_t d = 0; d < features; ++d)
            mean[d] += hg_samples_number(samples, row, d) * unit / (double)rows;
    }
}

/* In four sums, since one would wait for itself. */
static double dot(size_t count, const double *a, const double *b)
{
    double sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t j = 0; j < 4; ++j)
            sums[j] += a[i + j] * b[i + j];
    for (; i < count; ++i)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* to = mean of (x - c) (x - c)^T v, c the centre; gives its length. */
static double multiply(const struct hg_samples *samples, const double *centre, const double *v, double *x, double *to)
{
    const size_t features = samples->features, rows = fewer(samples->count, SPREAD_ROWS);
    for (size_t d = 0; d < features; ++d)
        to[d] = 0;
    for (size_t k = 0; k < rows; ++k) {
        read_row(samples, hg_samples_spread(samples, k, rows), centre, x);
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
