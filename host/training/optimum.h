/* The least loss that any autoencoder of a given size can reach on a dataset. */
#ifndef HANDGRAD_HOST_TRAINING_OPTIMUM_H
#define HANDGRAD_HOST_TRAINING_OPTIMUM_H

#include <stddef.h>

#include "handgrad/status.h"

struct hg_spectrum {
    double optimum;             /* L*, (A16); 0 if what is left is only rounding of larger eigenvalues */
    double largest, least_kept; /* of the `latent` largest eigenvalues of C that are not 0; latent 0: NAN */
};

/* L* = half the sum of the (features - latent) smallest eigenvalues of C: docs/MATH.md (A16). It is reached where the
 * rows of W are an orthonormal basis of the space that the eigenvectors of the largest ones span.
 *
 *   c       in: [features][features], the second moment, symmetric (kernels/second_moment.h)
 *   latent  at most features */
enum hg_status hg_optimum(const double *c, size_t features, size_t latent, struct hg_spectrum *out);

/* (loss - L*) / L*; NAN where L* is 0. */
double hg_optimality_gap(double loss, double optimum);

#endif
