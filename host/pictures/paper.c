#include "host/pictures/paper.h"

#include <math.h>
#include <string.h>

enum {
    TERMS = 6,   /* 1, u, v, u u, u v, v v, u and v from -1 to 1 along the sides */
    ROUNDS = 12, /* of fitting and leaving out what does not fit; it settles in fewer */
    LEVELS = 256
};

/* Pixels within this part of the sides are near the margin, where paper is likelier than ink. */
static const double MARGIN = 1.0 / 12;
/* Pixels that differ by more than this many deviations are not paper; noise is never taken for less than this. */
static const double BEYOND = 2.5, LEAST_NOISE = 1.5;
/* The standard deviation of normal numbers, in their median distance from the mean. */
static const double DEVIATIONS_A_MEDIAN = 1.4826;

static double along(size_t position, size_t length)
{
    return length > 1 ? 2 * (double)position / (double)(length - 1) - 1 : 0;
}

static void terms_at(double terms[TERMS], const struct hg_picture *picture, size_t y, size_t x)
{
    const double u = along(x, picture->width), v = along(y, picture->height);
    const double values[TERMS] = {1, u, v, u * u, u * v, v * v};
    memcpy(terms, values, sizeof values);
}

/* Solves a x = b, a symmetric and positive definite, by Cholesky's decomposition; a term that the pixels do not
 * determine (a line of them has no v) stays 0. */
static void solve(double x[TERMS], double a[TERMS][TERMS], const double b[TERMS])
{
    static const double SINGULAR = 1e-9;
    for (size_t j = 0; j < TERMS; ++j) {
        double pivot = a[j][j];
        for (size_t k = 0; k < j; ++k)
            pivot -= a[j][k] * a[j][k];
        const bool determined = pivot > SINGULAR * a[0][0];
        a[j][j] = determined ? sqrt(pivot) : INFINITY;
        for (size_t i = j + 1; i < TERMS; ++i) {
            double sum = a[i][j];
            for (size_t k = 0; k < j; ++k)
                sum -= a[i][k] * a[j][k];
            a[i][j] = determined ? sum / a[j][j] : 0;
        }
    }
    for (size_t i = 0; i < TERMS; ++i) {
        double sum = b[i];
        for (size_t k = 0; k < i; ++k)
            sum -= a[i][k] * x[k];
        x[i] = sum / a[i][i];
    }
    for (size_t i = TERMS; i-- > 0;) {
        double sum = x[i];
        for (size_t k = i + 1; k < TERMS; ++k)
            sum -= a[k][i] * x[k];
        x[i] = sum / a[i][i];
    }
}

/* Pixels that a fit takes in: near the margin alone, and those that the last fit misses by less. */
struct choice {
    bool margin;
    double most; /* the distance */
};

static bool chosen(const struct choice *choice, const struct hg_picture *picture, const float *residual, size_t y,
                   size_t x)
{
    const double u = fabs(along(x, picture->width)), v = fabs(along(y, picture->height));
    const bool inside = u < 1 - 2 * MARGIN && v < 1 - 2 * MARGIN;
    return !(choice->margin && inside) && fabsf(residual[y * picture->width + x]) <= choice->most;
}

static void fit(double surface[TERMS], const struct hg_picture *picture, const float *residual,
                const struct choice *choice)
{
    double a[TERMS][TERMS] = {{0}}, b[TERMS] = {0}, terms[TERMS];
    for (size_t y = 0; y < picture->height; ++y) {
        for (size_t x = 0; x < picture->width; ++x) {
            if (!chosen(choice, picture, residual, y, x))
                continue;
            terms_at(terms, picture, y, x);
            for (size_t i = 0; i < TERMS; ++i) {
                b[i] += terms[i] * picture->pixels[y * picture->width + x];
                for (size_t j = 0; j <= i; ++j)
                    a[i][j] += terms[i] * terms[j];
            }
        }
    }
    if (a[0][0] > 0)
        solve(surface, a, b);
}

static void subtract(float *residual, const struct hg_picture *picture, const double surface[TERMS])
{
    double terms[TERMS];
    for (size_t y = 0; y < picture->height; ++y) {
        for (size_t x = 0; x < picture->width; ++x) {
            double paper = 0;
            terms_at(terms, picture, y, x);
            for (size_t i = 0; i < TERMS; ++i)
                paper += surface[i] * terms[i];
            paper = fmin(fmax(paper, 0), LEVELS - 1); /* where light is too bright, all of it is white */
            residual[y * picture->width + x] = (float)(picture->pixels[y * picture->width + x] - paper);
        }
    }
}

/* The deviation of most of the chosen pixels, by the median of their distances, to a quarter of a level. */
static double measure_noise(const struct hg_picture *picture, const float *residual, const struct choice *choice)
{
    enum { STEPS = 4 };
    size_t counts[STEPS * LEVELS] = {0}, count = 0, below = 0, step = 0;
    for (size_t y = 0; y < picture->height; ++y) {
        for (size_t x = 0; x < picture->width; ++x) {
            if (!chosen(choice, picture, residual, y, x))
                continue;
            ++counts[(size_t)fmin(STEPS * fabsf(residual[y * picture->width + x]), STEPS * LEVELS - 1)];
            ++count;
        }
    }
    while (step < STEPS * LEVELS - 1 && 2 * (below += counts[step]) < count)
        ++step;
    return fmax(LEAST_NOISE, DEVIATIONS_A_MEDIAN * ((double)step + 0.5) / STEPS);
}

void hg_paper_subtract(float *residual, double *noise, const struct hg_picture *picture)
{
    double surface[TERMS] = {0};
    struct choice choice = {.margin = true, .most = INFINITY};
    memset(residual, 0, picture->height * picture->width * sizeof *residual);
    for (int round = 0; round < ROUNDS; ++round) {
        fit(surface, picture, residual, &choice);
        subtract(residual, picture, surface);
        choice.margin = round < ROUNDS / 2;
        choice.most = INFINITY;
        *noise = measure_noise(picture, residual, &choice);
        choice.most = BEYOND * *noise;
    }
}
