#include "host/training/optimum.h"

#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_optimum(const double *c, size_t features, size_t latent, struct hg_spectrum *out)
{
    if (features > INT_MAX)
        return hg_fail(HG_USAGE, "%zu features are too many for their eigenvalues", features);
    const lapack_int n = (lapack_int)features;
    double *matrix = NULL, *eigenvalues = NULL; /* LAPACK overwrites its matrix */
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&matrix, features, features * sizeof *matrix, "a copy of the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate(&eigenvalues, features, "the eigenvalues"));
    memcpy(matrix, c, features * features * sizeof *matrix);
    /* C is symmetric, so column-major order is the same as row-major, and spares LAPACKE a transposed copy. */
    const lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'U', n, matrix, n, eigenvalues);
    if (info != 0) {
        status = hg_fail(HG_INTERNAL, "LAPACK found no eigenvalues of the second moment (dsyevd: %d)", (int)info);
        goto cleanup;
    }
    /* Ascending. The zeros of a singular C come out as large as the rounding of the largest eigenvalue, of either sign.
     */
    const double zero = (double)features * DBL_EPSILON * eigenvalues[features - 1];
    double discarded = 0;
    for (size_t i = 0; i < features - latent; ++i)
        discarded += eigenvalues[i] > zero ? eigenvalues[i] : 0;
    *out = (struct hg_spectrum){
        .optimum = discarded / 2, .largest = latent ? eigenvalues[features - 1] : NAN, .least_kept = NAN};
    for (size_t i = features - latent; i < features && !(out->least_kept > zero); ++i)
        out->least_kept = eigenvalues[i];
cleanup:
    free(eigenvalues);
    free(matrix);
    return status;
}

double hg_optimality_gap(double loss, double optimum)
{
    return optimum > 0 ? (loss - optimum) / optimum : NAN;
}
