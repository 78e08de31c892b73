/* SGD with momentum, Nesterov's form and weight decay: docs/MATH.md (S1), (S2). Memory-bound: three streams in, two
 * out, each element once. */
#include "kernels/cpu/ops/op_kernels.h"

void HG_VARIANT(hg_sgd_update)(size_t count, float *w, const float *g, float *v, struct hg_cpu_sgd sgd)
{
    for (size_t i = 0; i < count; i += HG_LANES) {
        const size_t n = count - i < HG_LANES ? count - i : HG_LANES;
        const bool whole = n == HG_LANES;
        const hg_vec wi = whole ? hg_load(w + i) : hg_load_part(w + i, n);
        const hg_vec gi = whole ? hg_load(g + i) : hg_load_part(g + i, n);
        const hg_vec d = sgd.gain * gi + sgd.weight_decay * wi;
        hg_vec direction = d;
        if (v) {
            const hg_vec vi = sgd.momentum * (whole ? hg_load(v + i) : hg_load_part(v + i, n)) + d;
            if (whole)
                hg_store(v + i, vi);
            else
                hg_store_part(v + i, vi, n);
            direction = sgd.nesterov ? d + sgd.momentum * vi : vi;
        }
        if (whole)
            hg_store(w + i, wi - sgd.rate * direction);
        else
            hg_store_part(w + i, wi - sgd.rate * direction, n);
    }
}
