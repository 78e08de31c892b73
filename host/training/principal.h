/* What an autoencoder has learned, beside what there is to learn: its space and that of the principal components.
 *
 * The loss does not change when the rows of W are rotated among themselves, so that W itself never shows the principal
 * components. What the loss depends on is the space that the rows span; within it, the directions of the largest second
 * moment are the ones to look at (the Ritz vectors of C in that space). At the optimum they are the eigenvectors of C.
 */
#ifndef HANDGRAD_HOST_TRAINING_PRINCIPAL_H
#define HANDGRAD_HOST_TRAINING_PRINCIPAL_H

#include <stddef.h>

#include "handgrad/status.h"

struct hg_principal {
    size_t latent, features;
    size_t rank;        /* of W: directions that its rows span, at most `latent` */
    double *values;     /* [features], the eigenvalues of C, largest first */
    double *components; /* [latent][features], the eigenvectors of the largest: the principal components */
    double *directions; /* [rank][features], orthonormal: W's rows, rotated; of either sign the one nearer to the
                           component of the same place */
    double *moments;    /* [rank], the second moment of the data along each, largest first */
    size_t angle_count; /* the smaller of `rank` and the number of components whose eigenvalue is not 0 */
    double *angles;     /* [angle_count], principal angles between the two spaces, radians, smallest first */
};

/* Angles are good to about 1e-7: their cosines are computed.
 *
 *   c       in: [features][features], the second moment, symmetric (kernels/second_moment.h)
 *   w       in: [latent][features]
 *   latent  at most features
 *
 * HG_INTERNAL. The caller frees *out. */
enum hg_status hg_principal_create(struct hg_principal *out, const double *c, size_t features, const double *w,
                                   size_t latent);
/* Leaves it empty; an empty one is fine. */
void hg_principal_free(struct hg_principal *principal);

#endif
