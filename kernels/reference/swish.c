#include "kernels/reference/reference.h"

/* The logistic function without overflow: exp is only ever taken of a non-positive number. */
static real sigmoid(real a)
{
    const real e = real_exp(-real_fabs(a));
    return (a >= 0 ? 1 : e) / (1 + e);
}

enum hg_status REF(bias_swish)(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                               struct hg_matrix h, struct hg_matrix slope)
{
    (void)ctx;
    for (size_t b = 0; b < z.rows; ++b) {
        for (size_t j = 0; j < z.cols; ++j) {
            const real a = AT(z, b, j) + AT(bias, 0, j);
            const real s = sigmoid(a);
            AT(h, b, j) = a * s;
            if (slope.data)
                AT(slope, b, j) = s + a * s * (1 - s);
        }
    }
    return HG_OK;
}

void REF(bias_gradient)(struct hg_context *ctx, struct hg_const_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                        struct hg_matrix db)
{
    const real factor = ref_scalar(ctx, alpha), kept = ref_scalar(ctx, beta);
    for (size_t j = 0; j < dz.cols; ++j) {
        real sum = 0;
        for (size_t b = 0; b < dz.rows; ++b)
            sum += AT(dz, b, j);
        AT(db, 0, j) = factor * sum + (beta == HG_ZERO ? 0 : kept * AT(db, 0, j));
    }
}

enum hg_status REF(swish_backward)(struct hg_context *ctx, struct hg_const_matrix slope, struct hg_const_matrix dh,
                                   struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta, struct hg_matrix db)
{
    for (size_t b = 0; b < dz.rows; ++b)
        for (size_t j = 0; j < dz.cols; ++j)
            AT(dz, b, j) = AT(slope, b, j) * AT(dh, b, j);
    REF(bias_gradient)(ctx, hg_in(dz), alpha, beta, db);
    return HG_OK;
}
