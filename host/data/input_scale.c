#include "host/data/input_scale.h"

#include <math.h>

enum { ROWS = 4096 };

/* What a stored number is divided by to be what training sees. */
static double divisor_of(enum hg_element element)
{
    return element == HG_U8 ? 255 : 1;
}

static void range_of_bytes(const uint8_t *x, size_t count, double *least, double *largest)
{
    uint8_t low = UINT8_MAX, high = 0;
    for (size_t i = 0; i < count; ++i) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *least = low;
    *largest = high;
}

static void range_of_floats(const float *x, size_t count, double *least, double *largest)
{
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; ++i) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *least = low;
    *largest = high;
}

void hg_samples_range(const struct hg_samples *s, size_t first, size_t rows, double *least, double *largest)
{
    if (s->element == HG_U8)
        range_of_bytes((const uint8_t *)s->values + first * s->features, rows * s->features, least, largest);
    else
        range_of_floats((const float *)s->values + first * s->features, rows * s->features, least, largest);
}

size_t hg_samples_sampled(const struct hg_samples *s)
{
    return s->count < ROWS ? s->count : ROWS;
}

/* How often each byte occurs in the samples that are looked at. */
static void count_bytes(const struct hg_samples *s, uint64_t counts[256])
{
    const size_t rows = hg_samples_sampled(s);
    for (size_t k = 0; k < rows; ++k) {
        const uint8_t *x = (const uint8_t *)s->values + hg_samples_spread(s, k, rows) * s->features;
        for (size_t d = 0; d < s->features; ++d)
            ++counts[x[d]];
    }
}

static void moments_of_bytes(const struct hg_samples *s, double count, double *mean, double *deviation)
{
    uint64_t counts[256] = {0};
    double sum = 0, squares = 0;
    count_bytes(s, counts);
    for (int v = 0; v < 256; ++v)
        sum += (double)counts[v] * v;
    *mean = sum / count;
    for (int v = 0; v < 256; ++v)
        squares += (double)counts[v] * (v - *mean) * (v - *mean);
    *deviation = sqrt(squares / count);
}

void hg_samples_moments(const struct hg_samples *s, double *mean, double *deviation)
{
    const size_t rows = hg_samples_sampled(s);
    const double count = (double)rows * (double)s->features;
    if (s->element == HG_U8) {
        moments_of_bytes(s, count, mean, deviation);
        return;
    }
    double sum = 0, squares = 0; /* in two passes, since the numbers may all lie far from zero */
    for (size_t k = 0; k < rows; ++k) {
        const size_t row = hg_samples_spread(s, k, rows);
        for (size_t d = 0; d < s->features; ++d)
            sum += hg_samples_number(s, row, d);
    }
    *mean = sum / count;
    for (size_t k = 0; k < rows; ++k) {
        const size_t row = hg_samples_spread(s, k, rows);
        for (size_t d = 0; d < s->features; ++d) {
            const double away = hg_samples_number(s, row, d) - *mean;
            squares += away * away;
        }
    }
    *deviation = sqrt(squares / count);
}

void hg_samples_scale(const struct hg_samples *samples, enum hg_numbers numbers, struct hg_input_scale *input)
{
    const double divisor = divisor_of(samples->element);
    *input = (struct hg_input_scale){.numbers = numbers};
    hg_samples_moments(samples, &input->mean, &input->deviation);
    hg_samples_range(samples, 0, samples->count, &input->least, &input->largest);
    input->mean /= divisor;
    input->deviation /= divisor;
    input->least /= divisor;
    input->largest /= divisor;
}
