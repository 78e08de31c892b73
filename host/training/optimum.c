#include "host/training/optimum.h"

#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* LAPACK's form: all eigenvalues in ascending order, and where `vectors`, the eigenvectors as the rows of `matrix`,
 * which is overwritten in any case. C is symmetric, so column-major order is the same as row-major, and spares LAPACKE
 * a transposed copy. */
static enum hg_status decompose(double *matrix, size_t features, bool vectors, double *ascending)
{
    if (features > INT_MAX)
        return hg_fail(HG_USAGE, "%zu features are too many for their eigenvalues", features);
    const lapack_int n = (lapack_int)features;
    const lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U', n, matrix, n, ascending);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return hg_fail_out_of_memory("the eigenvalues");
    if (info != 0)
        return hg_fail(HG_INTERNAL, "LAPACK found no eigenvalues of the second moment (dsyevd: %d)", (int)info);
    return HG_OK;
}

/* Of v and -v, both eigenvectors, the one whose largest element is positive: the same on every machine. */
static void copy_vector(double *to, const double *from, size_t features)
{
    double largest = 0;
    for (size_t d = 0; d < features; ++d)
        largest = fabs(from[d]) > fabs(largest) ? from[d] : largest;
    for (size_t d = 0; d < features; ++d)
        to[d] = largest < 0 ? -from[d] : from[d];
}

enum hg_status hg_eigen(const double *c, size_t features, double *values, size_t vectors, double *w)
{
    double *matrix = NULL, *ascending = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&matrix, features, features * sizeof *matrix, "a copy of the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate(&ascending, features, "the eigenvalues"));
    memcpy(matrix, c, features * features * sizeof *matrix);
    HG_TRY_OR_CLEANUP(decompose(matrix, features, vectors > 0, ascending));
    /* The zeros of a singular C come out as large as the rounding of the largest eigenvalue, of either sign. */
    const double zero = (double)features * DBL_EPSILON * ascending[features - 1];
    for (size_t i = 0; i < features; ++i) {
        const double value = ascending[features - 1 - i];
        values[i] = value > zero ? value : 0;
    }
    for (size_t i = 0; i < vectors; ++i)
        copy_vector(w + i * features, matrix + (features - 1 - i) * features, features);
cleanup:
    free(ascending);
    free(matrix);
    return status;
}

double hg_optimum_loss(const double *values, size_t features, size_t latent)
{
    double discarded = 0;
    for (size_t i = features; i > latent; --i) /* the smallest first: the least rounding */
        discarded += values[i - 1];
    return discarded / 2;
}

enum hg_status hg_optimum(const double *c, size_t features, size_t latent, struct hg_spectrum *out)
{
    double *values;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&values, features, "the eigenvalues"));
    HG_TRY_OR_CLEANUP(hg_eigen(c, features, values, 0, NULL));
    *out = (struct hg_spectrum){
        .optimum = hg_optimum_loss(values, features, latent), .largest = latent ? values[0] : NAN, .least_kept = NAN};
    for (size_t i = latent; i > 0 && !(out->least_kept > 0); --i)
        out->least_kept = values[i - 1];
cleanup:
    free(values);
    return status;
}

double hg_optimality_gap(double loss, double optimum)
{
    return optimum > 0 ? (loss - optimum) / optimum : NAN;
}
