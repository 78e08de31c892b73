/* The second layer of the MLP, one panel of hidden units at a time: docs/MATH.md (M3), (M7), (M8), (M10), (M11). These
 * are small dense products, 128 x 256 x 10 each, whose operands are already in the first- and second-level caches.
 *
 * logits     One class and HG_LANES samples at a time: each sample's sum over the units is a vector of partial sums.
 *            The resulting square, HG_LANES vectors of HG_LANES lanes, is then added across (hg_sum_each), which makes
 *            it one vector of logits[c][b...], a lane a sample.
 * backward   First, sample by sample, g = dz W2 in 8 sums (a row of the panel) over the classes. Then W2's gradient in
 *            register tiles of four classes x two vectors, 8 sums over the samples: 2 loads and 4 broadcasts for 8
 *            multiply-adds. */
#include "kernels/cpu/steps/kernels/update_rows.h"

enum { CLASSES = 4 }; /* of a register tile */

void HG_VARIANT(hg_head_logits)(const struct hg_head *head, bool add, float *logits)
{
    const size_t rows = head->rows, classes = head->classes, vectors = head->vectors, stride = head->stride;
    const size_t width = vectors * HG_LANES;
    const float *h = head->h, *w2 = head->w2;
    for (size_t b = 0; b < rows; b += HG_LANES) {
        for (size_t c = 0; c < classes; ++c) {
            hg_vec sum[HG_LANES];
            for (size_t i = 0; i < HG_LANES; ++i)
                sum[i] = hg_splat(0);
            for (size_t v = 0; v < vectors; ++v) {
                const hg_vec w = hg_load(w2 + c * width + v * HG_LANES);
                for (size_t i = 0; i < HG_LANES; ++i)
                    sum[i] = hg_fma(w, hg_load(h + (b + i) * width + v * HG_LANES), sum[i]);
            }
            hg_vec total = hg_sum_each(sum);
            if (add)
                total += hg_load(logits + c * stride + b);
            hg_store(logits + c * stride + b, total);
        }
    }
}

/* g[b] = slope[b] * sum over c of dz[c][b] w2[c], in place of the slope; sums[v] = sum over b of g[b]. `vectors` is a
 * constant in every inlined copy, so that the sums of a sample live in registers. */
HG_INLINE void hidden_gradient(const struct hg_head head, const size_t vectors, const float *dz, float *g,
                               hg_vec sums[HG_PANEL])
{
    const size_t width = vectors * HG_LANES;
    for (size_t v = 0; v < vectors; ++v)
        sums[v] = hg_splat(0);
    for (size_t b = 0; b < head.rows; ++b) {
        hg_vec acc[HG_PANEL];
        for (size_t v = 0; v < vectors; ++v)
            acc[v] = hg_splat(0);
        for (size_t c = 0; c < head.classes; ++c) {
            const hg_vec d = hg_splat(dz[c * head.stride + b]);
            for (size_t v = 0; v < vectors; ++v)
                acc[v] = hg_fma(d, hg_load(head.w2 + c * width + v * HG_LANES), acc[v]);
        }
        for (size_t v = 0; v < vectors; ++v) {
            acc[v] *= hg_load(g + b * width + v * HG_LANES);
            hg_store(g + b * width + v * HG_LANES, acc[v]);
            sums[v] += acc[v];
        }
    }
}

/* One register tile of W2's gradient: to[c] = sum over b of dz[c][b] h[b], for `count` classes and the `vectors`
 * vectors from `first` on. */
HG_INLINE void class_sums(const struct hg_head head, const size_t count, size_t first, const size_t vectors,
                          const float *dz, float *to)
{
    const size_t width = head.vectors * HG_LANES;
    const float *h = head.h + first * HG_LANES;
    hg_vec acc[CLASSES][2];
    for (size_t c = 0; c < count; ++c)
        for (size_t v = 0; v < vectors; ++v)
            acc[c][v] = hg_splat(0);
    for (size_t b = 0; b < head.rows; ++b) {
        for (size_t c = 0; c < count; ++c) {
            const hg_vec d = hg_splat(dz[c * head.stride + b]);
            for (size_t v = 0; v < vectors; ++v)
                acc[c][v] = hg_fma(d, hg_load(h + b * width + v * HG_LANES), acc[c][v]);
        }
    }
    for (size_t c = 0; c < count; ++c)
        for (size_t v = 0; v < vectors; ++v)
            hg_store(to + c * width + (first + v) * HG_LANES, acc[c][v]);
}

/* The panel's row of W2's gradient for each of `count` classes. */
HG_INLINE void class_group(const struct hg_head head, const size_t count, const float *dz, float *to)
{
    size_t v = 0;
    for (; v + 2 <= head.vectors; v += 2)
        class_sums(head, count, v, 2, dz, to);
    if (v < head.vectors)
        class_sums(head, count, v, 1, dz, to);
}

static void update_w2(const struct hg_head head, const float *dz, const struct hg_descent *w2)
{
    float group[CLASSES * HG_PANEL * HG_LANES];
    hg_vec sums[HG_PANEL];
    for (size_t c = 0; c < head.classes; c += CLASSES) {
        const size_t count = head.classes - c < CLASSES ? head.classes - c : CLASSES;
        const float *dz_group = dz + c * head.stride;
        switch (count) {
        case 1:
            class_group(head, 1, dz_group, group);
            break;
        case 2:
            class_group(head, 2, dz_group, group);
            break;
        case 3:
            class_group(head, 3, dz_group, group);
            break;
        default:
            class_group(head, CLASSES, dz_group, group);
        }
        for (size_t k = 0; k < count; ++k) {
            for (size_t v = 0; v < head.vectors; ++v)
                sums[v] = hg_load(group + (k * head.vectors + v) * HG_LANES);
            hg_descend(w2, c + k, 0, head.vectors, sums);
        }
    }
}

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        hidden_gradient(*head, n, dz, slope, sums);                                                                    \
        break;

void HG_VARIANT(hg_head_backward)(const struct hg_head *head, const float *dz, float *slope,
                                  const struct hg_descent *w2, const struct hg_descent *b1)
{
    hg_vec sums[HG_PANEL];
    switch (head->vectors) { /* reads W2, before it is updated */
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
    }
    hg_descend(b1, 0, 0, head->vectors, sums);
    update_w2(*head, dz, w2);
}
