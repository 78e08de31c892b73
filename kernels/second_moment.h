/* The second moment of a dataset and the autoencoder's loss by it, in double: what the optimum and the full-batch step
 * are computed from. docs/MATH.md has the equations. They are computed on the processor whatever backend trains: by the
 * first backend of the build that has them in its table (backend.h); HG_UNAVAILABLE where none has. */
#ifndef HANDGRAD_KERNELS_SECOND_MOMENT_H
#define HANDGRAD_KERNELS_SECOND_MOMENT_H

#include <stddef.h>

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_samples;

/* C = X^T X / N over all samples, uncentred, and the sum of ||x||^2. Exact but for one final rounding of each element
 * where the samples are bytes, whatever the number of threads.
 *
 *   threads      0: every core this process may use
 *   c            out: [features][features], symmetric
 *   square_sum   out: N tr(C) */
enum hg_status hg_second_moment(const struct hg_samples *samples, int threads, double *c, double *square_sum);

/* The autoencoder's mean loss over the samples that `c` was made of:
 * L = tr(GS)/2 - tr(S) + tr(C)/2, G = W W^T, S = W C W^T: (A14), (A15).
 *
 *   c      in: [features][features]
 *   w      in: [latent][features]
 *   loss   out */
enum hg_status hg_second_moment_loss(const double *c, size_t features, const double *w, size_t latent, double *loss);

#ifdef __cplusplus
}
#endif
#endif
