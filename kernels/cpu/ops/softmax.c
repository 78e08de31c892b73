/* Bias, softmax, cross-entropy and its gradient in one pass over the logits: docs/MATH.md (M4), (M5), (M6). */
#include <math.h>

#include "kernels/cpu/isa/vecmath.h"
#include "kernels/cpu/ops/op_kernels.h"
#include "kernels/ops.h"

/* Place of the first element that equals `value`; count where none does (NaN). */
static size_t find(const float *a, size_t count, float value)
{
    size_t c = 0;
    while (c < count && a[c] != value)
        ++c;
    return c;
}

double HG_VARIANT(hg_softmax_xent)(size_t rows, size_t cols, struct hg_cpu_const_rows z, const float *bias,
                                   const uint8_t *labels, struct hg_cpu_rows dz, uint64_t *correct)
{
    /* Padded to whole vectors with -inf, whose exponential is 0. */
    float a[HG_MAX_CLASSES + HG_LANES];
    const size_t padded = (cols + HG_LANES - 1) / HG_LANES * HG_LANES;
    for (size_t c = cols; c < padded; ++c)
        a[c] = -INFINITY;

    double loss = 0;
    for (size_t b = 0; b < rows; ++b) {
        const float *zb = z.data + b * z.stride;
        const size_t label = labels[b];
        for (size_t c = 0; c < cols; ++c)
            a[c] = zb[c] + bias[c];
        hg_vec most = hg_load(a);
        for (size_t c = HG_LANES; c < padded; c += HG_LANES)
            most = hg_select(hg_load(a + c) > most, hg_load(a + c), most);
        float largest = most[0];
        for (size_t i = 1; i < HG_LANES; ++i)
            largest = most[i] > largest ? most[i] : largest;
        *correct += find(a, cols, largest) == label;

        /* Relative to the largest logit no exponential overflows, and the sum is at least 1. */
        const float chosen = a[label] - largest;
        hg_vec sums = {0};
        for (size_t c = 0; c < padded; c += HG_LANES) {
            const hg_vec e = hg_exp(hg_load(a + c) - largest);
            sums += e;
            hg_store(a + c, e);
        }
        const float sum = hg_sum(sums);
        loss += (double)(logf(sum) - chosen);
        if (dz.data) {
            float *dzb = dz.data + b * dz.stride;
            for (size_t c = 0; c < cols; ++c)
                dzb[c] = a[c] / sum;
            dzb[label] -= 1;
        }
        for (size_t c = cols; c < padded; ++c)
            a[c] = -INFINITY;
    }
    return loss;
}
