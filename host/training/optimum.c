#include "host/training/optimum.h"

#include <lapacke.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum hg_status hg_optimum(const double *c, size_t features, size_t latent, double *optimum)
{
    if (features > INT_MAX)
        return hg_fail(HG_USAGE, "%zu features are too many for their eigenvalues", features);
    const lapack_int n = (lapack_int)features;
    double *matrix = malloc(features * features * sizeof *matrix); /* LAPACK overwrites it */
    double *eigenvalues = malloc(features * sizeof *eigenvalues);
    enum hg_status status = HG_OK;
    if (!matrix || !eigenvalues) {
        status = hg_fail(HG_INTERNAL, "out of memory: the eigenvalues of a %zu x %zu matrix", features, features);
        goto cleanup;
    }
    memcpy(matrix, c, features * features * sizeof *matrix);
    /* C is symmetric: column-major says the same as row-major, and spares LAPACKE a transposed copy. */
    const lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'U', n, matrix, n, eigenvalues);
    if (info != 0) {
        status = hg_fail(HG_INTERNAL, "LAPACK found no eigenvalues of the second moment (dsyevd: %d)", (int)info);
        goto cleanup;
    }
    /* Ascending. Rounding can push the zeros of a singular C below zero. */
    double discarded = 0;
    for (size_t i = 0; i < features - latent; ++i)
        discarded += eigenvalues[i] > 0 ? eigenvalues[i] : 0;
    *optimum = discarded / 2;
cleanup:
    free(eigenvalues);
    free(matrix);
    return status;
}
