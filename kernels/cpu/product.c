#include "kernels/cpu/blas.h"
#include "kernels/cpu/context.h"

bool hg_cpu_product_add(size_t rows, size_t inner, size_t cols, const double *a, enum hg_transpose op_a,
                        const double *b, enum hg_transpose op_b, double *c)
{
    if (!hg_blas_fits(rows, cols) || !hg_blas_fits(inner, 1))
        return false;
    hg_blas_single_thread();
    hg_blas_dgemm(rows, cols, inner, 1, a, op_a == HG_N ? inner : rows, op_a, b, op_b == HG_N ? cols : inner, op_b, 1,
                  c, cols);
    return true;
}
