/* The least loss that any autoencoder of a given size can reach on a dataset, and the weights that reach it. */
#ifndef HANDGRAD_HOST_TRAINING_OPTIMUM_H
#define HANDGRAD_HOST_TRAINING_OPTIMUM_H

#include <stddef.h>

#include "handgrad/status.h"

/* The eigenvalues of C, largest first, and the eigenvectors of the first `vectors` of them. What a singular C has as
 * the rounding of its largest eigenvalue is 0. An eigenvector is of length 1, and its element of the largest magnitude
 * is positive.
 *
 *   c        in: [features][features], the second moment, symmetric (kernels/second_moment.h)
 *   values   out: [features]
 *   w        out: [vectors][features], orthonormal rows; not touched where `vectors` is 0
 *   vectors  at most features */
enum hg_status hg_eigen(const double *c, size_t features, double *values, size_t vectors, double *w);

/* L* = half the sum of the (features - latent) smallest eigenvalues: docs/MATH.md (A16). It is reached where the rows
 * of W are an orthonormal basis of the space that the eigenvectors of the others span, such as these eigenvectors.
 *
 *   values  in: [features], of hg_eigen
 *   latent  at most features */
double hg_optimum_loss(const double *values, size_t features, size_t latent);

struct hg_spectrum {
    double optimum;             /* L*, (A16); 0 if what is left is only rounding of larger eigenvalues */
    double largest, least_kept; /* of the `latent` largest eigenvalues of C that are not 0; latent 0: NAN */
};

/* The optimum alone, and the eigenvalues that a learning rate is chosen by.
 *
 *   c       in: [features][features], the second moment, symmetric (kernels/second_moment.h)
 *   latent  at most features */
enum hg_status hg_optimum(const double *c, size_t features, size_t latent, struct hg_spectrum *out);

/* (loss - L*) / L*; NAN where L* is 0. */
double hg_optimality_gap(double loss, double optimum);

#endif
