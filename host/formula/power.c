#include "host/formula/power.h"

#include <stdlib.h>
#include <string.h>

#include "host/formula/tree.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static enum hg_status allocate(double **out, size_t n)
{
    return hg_allocate_bytes(out, n, n * sizeof **out, "a power of a matrix");
}

/* In *base what is multiplied with itself: a, or its inverse, which the caller frees as *inverse. */
static enum hg_status find_base(size_t n, const double *a, int exponent, const double **base, double **inverse,
                                bool *singular)
{
    double unused;
    *base = a;
    *singular = false;
    if (exponent >= 0)
        return HG_OK;
    HG_TRY(allocate(inverse, n));
    *base = *inverse;
    return hg_invert(n, a, *inverse, &unused, singular);
}

enum hg_status hg_matrix_power(size_t n, const double *a, int exponent, double *out, bool *singular)
{
    const double *base;
    double *inverse = NULL, *product = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(allocate(&product, n));
    HG_TRY_OR_CLEANUP(find_base(n, a, exponent, &base, &inverse, singular));
    for (size_t i = 0; i < n * n; ++i)
        out[i] = exponent ? base[i] : i % (n + 1) == 0;
    for (int k = 1; !*singular && k < abs(exponent); ++k) {
        memset(product, 0, n * n * sizeof *product);
        hg_multiply_add(n, n, n, out, false, base, false, product);
        memcpy(out, product, n * n * sizeof *out);
    }
cleanup:
    free(product);
    free(inverse);
    return status;
}

enum hg_status hg_inverse_back(size_t n, const double *inverse, const double *g, double *out)
{
    double *product = NULL, *sum = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(allocate(&product, n));
    HG_TRY_OR_CLEANUP(allocate(&sum, n));
    hg_multiply_add(n, n, n, inverse, true, g, false, product);
    hg_multiply_add(n, n, n, product, false, inverse, true, sum);
    for (size_t i = 0; i < n * n; ++i)
        out[i] -= sum[i];
cleanup:
    free(sum);
    free(product);
    return status;
}

/* Of b^k: S_k, where S_1 = g and S_(j + 1) = b' S_j + g (b')^j. `power` is (b')^j. */
enum hg_status hg_matrix_power_back(size_t n, const double *a, int exponent, const double *g, double *out)
{
    const double *base;
    double *inverse = NULL, *sum = NULL, *power = NULL, *next = NULL;
    bool singular;
    enum hg_status status = HG_OK;
    if (exponent == 0)
        return HG_OK;
    HG_TRY_OR_CLEANUP(allocate(&sum, n));
    HG_TRY_OR_CLEANUP(allocate(&power, n));
    HG_TRY_OR_CLEANUP(allocate(&next, n));
    HG_TRY_OR_CLEANUP(find_base(n, a, exponent, &base, &inverse, &singular));
    memcpy(sum, g, n * n * sizeof *sum);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j)
            power[i * n + j] = base[j * n + i];
    for (int k = 1; k < abs(exponent); ++k) {
        memset(next, 0, n * n * sizeof *next);
        hg_multiply_add(n, n, n, base, true, sum, false, next);
        hg_multiply_add(n, n, n, g, false, power, false, next);
        memcpy(sum, next, n * n * sizeof *sum);
        memset(next, 0, n * n * sizeof *next);
        hg_multiply_add(n, n, n, power, false, base, true, next);
        memcpy(power, next, n * n * sizeof *power);
    }
    if (exponent < 0)
        status = hg_inverse_back(n, base, sum, out);
    for (size_t i = 0; exponent > 0 && i < n * n; ++i)
        out[i] += sum[i];
cleanup:
    free(next);
    free(power);
    free(sum);
    free(inverse);
    return status;
}
