/* Products of matrices in double, on the processor and the calling thread: by the first backend of the build that has
 * them in its table (backend.h), which computes them by BLAS. */
#ifndef HANDGRAD_KERNELS_PRODUCT_H
#define HANDGRAD_KERNELS_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* c[rows][cols] += op(a) op(b), dense and row-major; inner: the length of the sums. false: nothing was done, since no
 * backend of this build has it. */
bool hg_product_add(size_t rows, size_t inner, size_t cols, const double *a, enum hg_transpose op_a, const double *b,
                    enum hg_transpose op_b, double *c);

#ifdef __cplusplus
}
#endif
#endif
