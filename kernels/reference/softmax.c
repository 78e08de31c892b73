#include "kernels/reference/reference.h"

enum hg_status REF(softmax_xent)(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                 struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                 enum hg_scalar beta, struct hg_matrix db)
{
    struct hg_totals *totals = &ref_context(ctx)->totals;
    real a[HG_MAX_CLASSES] = {0};
    for (size_t b = 0; b < z.rows; ++b) {
        const size_t label = labels.data[b];
        size_t best = 0;
        for (size_t c = 0; c < z.cols; ++c) {
            a[c] = AT(z, b, c) + AT(bias, 0, c);
            if (a[c] > a[best])
                best = c;
        }
        /* Relative to the largest logit no exponential overflows, and the sum is at least 1. */
        const real largest = a[best];
        real sum = 0;
        for (size_t c = 0; c < z.cols; ++c)
            sum += real_exp(a[c] - largest);
        totals->loss += (double)(real_log(sum) - (a[label] - largest));
        totals->correct += best == label;
        if (!dz.data)
            continue;
        for (size_t c = 0; c < z.cols; ++c)
            AT(dz, b, c) = real_exp(a[c] - largest) / sum - (c == label ? 1 : 0);
    }
    totals->samples += z.rows;
    if (dz.data)
        REF(bias_gradient)(ctx, hg_in(dz), alpha, beta, db);
    return HG_OK;
}
