#include "kernels/reference/reference.h"

enum hg_status REF(gemm)(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a, enum hg_transpose op_a,
                         struct hg_const_matrix b, enum hg_transpose op_b, enum hg_scalar beta, struct hg_matrix c)
{
    const real factor = ref_scalar(ctx, alpha), kept = ref_scalar(ctx, beta);
    const size_t inner = op_a == HG_N ? a.cols : a.rows;
    for (size_t i = 0; i < c.rows; ++i) {
        for (size_t j = 0; j < c.cols; ++j) {
            real sum = 0;
            for (size_t k = 0; k < inner; ++k)
                sum += (op_a == HG_N ? AT(a, i, k) : AT(a, k, i)) * (op_b == HG_N ? AT(b, k, j) : AT(b, j, k));
            /* What c held may be NaN; 0 * NaN is not 0. */
            AT(c, i, j) = factor * sum + (beta == HG_ZERO ? 0 : kept * AT(c, i, j));
        }
    }
    return HG_OK;
}
