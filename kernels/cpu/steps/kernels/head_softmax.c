/* Bias, softmax, cross-entropy and its gradient for the whole-step MLP: docs/MATH.md (M4), (M5), (M6). Each lane is a
 * sample of its own, so nothing is ever added across a vector: 10 exponentials for 8 samples, ~2 us for a batch of 128.
 * Every thread computes this for the whole chunk from all partial logits, which is cheaper than a second barrier to
 * share the result. */
#include <math.h>

#include "kernels/cpu/isa/vecmath.h"
#include "kernels/cpu/steps/kernels/kernels.h"
#include "kernels/ops.h"

typedef uint8_t bytes __attribute__((vector_size(HG_LANES)));

HG_INLINE hg_ivec load_labels(const uint8_t *labels)
{
    bytes b;
    memcpy(&b, labels, sizeof b);
    return __builtin_convertvector(b, hg_ivec);
}

/* Logits of one class for HG_LANES samples, from sample b on: the bias and the threads' parts, in their order. */
HG_INLINE hg_vec logit(const struct hg_logits *logits, size_t c, size_t b)
{
    const size_t part = logits->classes * logits->stride;
    const float *values = logits->values + c * logits->stride + b;
    hg_vec a = hg_splat(logits->bias[c]);
    for (size_t t = 0; t < logits->parts; ++t)
        a += hg_load(values + t * part);
    return a;
}

void HG_VARIANT(hg_head_softmax)(const struct hg_logits *logits, struct hg_range samples, const uint8_t *labels,
                                 float scale, float *dz, struct hg_score *score)
{
    const size_t classes = logits->classes, stride = logits->stride, end = samples.end;
    hg_vec a[HG_MAX_CLASSES];
    hg_ivec lane;
    for (int i = 0; i < HG_LANES; ++i)
        lane[i] = i;
    for (size_t b = samples.begin; b < end; b += HG_LANES) {
        const hg_ivec label = load_labels(labels + b);
        hg_vec most = hg_splat(-INFINITY), chosen = hg_splat(0);
        hg_ivec best = hg_splat_int(0); /* the first of the largest */
        for (size_t c = 0; c < classes; ++c) {
            a[c] = logit(logits, c, b);
            best = hg_select_int(a[c] > most, hg_splat_int((int32_t)c), best);
            most = hg_select(a[c] > most, a[c], most);
            chosen = hg_select(label == hg_splat_int((int32_t)c), a[c], chosen);
        }
        /* Relative to the largest logit no exponential overflows, and the sum is at least 1. */
        hg_vec sum = hg_splat(0);
        for (size_t c = 0; c < classes; ++c) {
            a[c] = hg_exp(a[c] - most);
            sum += a[c];
        }
        if (dz) {
            const hg_vec inside = hg_select(lane < hg_splat_int((int32_t)(end - b)), hg_splat(scale), hg_splat(0));
            for (size_t c = 0; c < classes; ++c) {
                const hg_vec target = hg_select(label == hg_splat_int((int32_t)c), hg_splat(1), hg_splat(0));
                hg_store(dz + c * stride + b, (a[c] / sum - target) * inside);
            }
        }
        if (!score)
            continue;
        for (size_t i = 0; i < HG_LANES && b + i < end; ++i) {
            score->loss += (double)(logf(sum[i]) - (chosen[i] - most[i]));
            score->correct += best[i] == label[i] && !isnan(sum[i]);
        }
    }
}
