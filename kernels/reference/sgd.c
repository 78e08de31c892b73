#include "kernels/reference/reference.h"

enum hg_status REF(sgd_update)(struct hg_context *ctx, struct hg_matrix w, struct hg_const_matrix g, struct hg_matrix v,
                               float gain, float momentum, float weight_decay, bool nesterov)
{
    const real lr = ref_scalar(ctx, HG_RATE);
    for (size_t r = 0; r < w.rows; ++r) {
        for (size_t c = 0; c < w.cols; ++c) {
            const real d = gain * AT(g, r, c) + weight_decay * AT(w, r, c);
            real direction = d;
            if (v.data) {
                AT(v, r, c) = momentum * AT(v, r, c) + d;
                direction = nesterov ? d + momentum * AT(v, r, c) : AT(v, r, c);
            }
            AT(w, r, c) -= lr * direction;
        }
    }
    return HG_OK;
}
