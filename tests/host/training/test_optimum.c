/* Claims: the second moment is that of a naive sum in double, to the last bit where the samples are bytes and whatever
 * the number of threads; the optimum on MNIST is the published one; the loss by the second moment is the definition's.
 */
#include <math.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/training/optimum.h"
#include "kernels/second_moment.h"
#include "tests/support/check.h"

enum { ROWS = 1037, FEATURES = 37, LATENT = 5 }; /* no multiple of a block, a vector or a thread count */

/* A small generator of our own: the same numbers on every machine. */
static uint32_t random_bits(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void naive(const double *x, double scale, double *c)
{
    for (size_t i = 0; i < FEATURES; ++i)
        for (size_t j = 0; j < FEATURES; ++j) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; ++r)
                sum += x[r * FEATURES + i] * x[r * FEATURES + j];
            c[i * FEATURES + j] = sum / (scale * ROWS);
        }
}

static void bytes_are_exact(void **state)
{
    (void)state;
    static uint8_t bytes[ROWS * FEATURES];
    static double x[ROWS * FEATURES], expected[FEATURES * FEATURES], c[FEATURES * FEATURES];
    uint32_t random = 1;
    /* The first feature is 255 throughout: the largest sum a block can have. */
    for (size_t i = 0; i < COUNT(bytes); ++i)
        x[i] = bytes[i] = i % FEATURES == 0 ? 255 : (uint8_t)random_bits(&random);
    naive(x, 255.0 * 255.0, expected);

    const struct hg_samples samples = {ROWS, FEATURES, HG_U8, bytes, NULL};
    for (int threads = 1; threads <= 5; ++threads) {
        double squares = 0, trace = 0;
        memset(c, 0xff, sizeof c);
        assert_ok(hg_second_moment(&samples, threads, c, &squares));
        assert_memory_equal(c, expected, sizeof c);
        for (size_t i = 0; i < FEATURES; ++i)
            trace += expected[i * FEATURES + i];
        assert_true(fabs(squares - trace * ROWS) <= 1e-12 * squares);
    }
}

static void floats_agree_with_double(void **state)
{
    (void)state;
    static float floats[ROWS * FEATURES];
    static double x[ROWS * FEATURES], expected[FEATURES * FEATURES], c[FEATURES * FEATURES];
    uint32_t random = 2;
    for (size_t i = 0; i < COUNT(floats); ++i)
        x[i] = (double)(floats[i] = (float)random_bits(&random) / 8388608.0F - 1.0F);
    naive(x, 1, expected);

    const struct hg_samples samples = {ROWS, FEATURES, HG_F32, floats, NULL};
    double squares;
    for (int threads = 1; threads <= 3; ++threads) {
        assert_ok(hg_second_moment(&samples, threads, c, &squares));
        /* Sums of ROWS products below 1 in double, twice rounded differently: 2 * ROWS * 2^-53. */
        for (size_t i = 0; i < COUNT(c); ++i)
            assert_true(fabs(c[i] - expected[i]) <= 2 * ROWS * 0x1p-53);
    }
}

/* L of the definition, 1/2 the mean of ||W^T W x - x||^2. */
static double definition(const double *x, const double *w)
{
    double sum = 0;
    for (size_t r = 0; r < ROWS; ++r) {
        double z[LATENT] = {0};
        for (size_t k = 0; k < LATENT; ++k)
            for (size_t d = 0; d < FEATURES; ++d)
                z[k] += w[k * FEATURES + d] * x[r * FEATURES + d];
        for (size_t d = 0; d < FEATURES; ++d) {
            double residual = -x[r * FEATURES + d];
            for (size_t k = 0; k < LATENT; ++k)
                residual += w[k * FEATURES + d] * z[k];
            sum += residual * residual / 2;
        }
    }
    return sum / ROWS;
}

static void loss_is_the_definitions(void **state)
{
    (void)state;
    static double x[ROWS * FEATURES], c[FEATURES * FEATURES], w[LATENT * FEATURES];
    uint32_t random = 3;
    for (size_t i = 0; i < COUNT(x); ++i)
        x[i] = random_bits(&random) / 16777216.0;
    for (size_t i = 0; i < COUNT(w); ++i)
        w[i] = random_bits(&random) / 16777216.0 - 0.5;
    naive(x, 1, c);
    double loss;
    assert_ok(hg_second_moment_loss(c, FEATURES, w, LATENT, &loss));
    const double expected = definition(x, w);
    /* The traces are sums of about FEATURES^2 LATENT terms, larger than the loss by cancellation. */
    assert_true(fabs(loss - expected) <= 1e-12 * expected);
}

/* A diagonal matrix wears its eigenvalues; so does one turned by a Householder reflection. */
static void optimum_of_known_eigenvalues(void **state)
{
    (void)state;
    enum { N = 6 };
    const double eigenvalues[N] = {0, 5, 1, 4, 2, 3}, v[N] = {1, 2, -1, 0.5, -3, 1};
    double norm = 0, h[N][N], c[N * N];
    struct hg_spectrum spectrum;
    for (size_t i = 0; i < N; ++i)
        norm += v[i] * v[i];
    for (size_t i = 0; i < N; ++i)
        for (size_t j = 0; j < N; ++j)
            h[i][j] = (i == j) - 2 * v[i] * v[j] / norm;
    for (size_t i = 0; i < N; ++i)
        for (size_t j = 0; j < N; ++j) {
            c[i * N + j] = 0;
            for (size_t k = 0; k < N; ++k)
                c[i * N + j] += h[i][k] * eigenvalues[k] * h[j][k];
        }
    const double discarded[N + 1] = {15, 10, 6, 3, 1, 0, 0};
    for (size_t latent = 0; latent <= N; ++latent) {
        assert_ok(hg_optimum(c, N, latent, &spectrum));
        assert_true(fabs(spectrum.optimum - discarded[latent] / 2) < 1e-13);
        if (latent == 0)
            continue;
        assert_true(fabs(spectrum.largest - 5) < 1e-13);
        /* 5, 4, ... 1, and no sixth. */
        assert_true(fabs(spectrum.least_kept - (latent < N ? (double)(N - latent) : 1)) < 1e-13);
        assert_true(latent < N - 1 || spectrum.optimum == 0);
    }
}

static void optimum_of_mnist(void **state)
{
    (void)state;
    /* Computed elsewhere, with NumPy; to the digits given. Half the sum of all eigenvalues is the loss at W = 0. */
    static const struct {
        size_t latent;
        double optimum, digit;
    } known[] = {
        {0, 43.905011, 1e-6}, {16, 10.72456, 1e-5}, {32, 6.76642, 1e-5}, {64, 3.641569, 1e-6}, {128, 1.675021, 1e-6}};
    struct hg_dataset *mnist = NULL;
    assert_ok(hg_dataset_load(&mnist, HANDGRAD_DATA, HG_TRAIN));
    const size_t features = hg_dataset_features(mnist);
    double *c = malloc(features * features * sizeof *c);
    assert_non_null(c);
    double squares;
    struct hg_spectrum spectrum;
    assert_ok(hg_second_moment(hg_dataset_samples(mnist), 0, c, &squares));
    for (size_t k = 0; k < COUNT(known); ++k) {
        assert_ok(hg_optimum(c, features, known[k].latent, &spectrum));
        if (!(fabs(spectrum.optimum - known[k].optimum) <= 0.5 * known[k].digit))
            fail_msg("m = %zu: %.9f instead of %.6f", known[k].latent, spectrum.optimum, known[k].optimum);
    }
    free(c);
    hg_dataset_free(mnist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_exact),         cmocka_unit_test(floats_agree_with_double),
        cmocka_unit_test(loss_is_the_definitions), cmocka_unit_test(optimum_of_known_eigenvalues),
        cmocka_unit_test(optimum_of_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
