/* The second layer of the MLP, one panel of hidden units at a time: docs/MATH.md (M3), (M7), (M8), (M10), (M11). Small
 * dense products, 128 x 256 x 10 each, whose operands are already in the first- and second-level caches.
 *
 * logits     a group of HG_LANES samples and one class: one sum a sample, each a vector over the units; then the square
 *            of sums is added across, so that lanes become samples and the result is one vector of logits[c][b...]
 * backward   dz is spread over the classes' rows of w2 for one sample (8 sums); then four classes x two vectors of w2's
 *            gradient at a time (8 sums), down the samples: 2 loads and 4 broadcasts for 8 multiply-adds */
#include "kernels/cpu/steps/kernels/update_rows.h"

void HG_VARIANT(hg_head_logits)(size_t rows, size_t vectors, const float *h, size_t classes, const float *w2, bool add,
                                float *logits, size_t stride)
{
    const size_t width = vectors * HG_LANES;
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

/* g[b] = slope[b] * sum over c of dz[c][b] w2[c]; sums[v] = sum over b of g[b]. `vectors` is a constant in every
 * inlined copy, so that the sums of a sample live in registers. */
HG_INLINE void hidden_gradient(size_t rows, const size_t vectors, float *g, size_t classes, const float *dz,
                               size_t stride, const float *w2, hg_vec sums[HG_PANEL])
{
    const size_t width = vectors * HG_LANES;
    for (size_t v = 0; v < vectors; ++v)
        sums[v] = hg_splat(0);
    for (size_t b = 0; b < rows; ++b) {
        hg_vec acc[HG_PANEL];
        for (size_t v = 0; v < vectors; ++v)
            acc[v] = hg_splat(0);
        for (size_t c = 0; c < classes; ++c) {
            const hg_vec d = hg_splat(dz[c * stride + b]);
            for (size_t v = 0; v < vectors; ++v)
                acc[v] = hg_fma(d, hg_load(w2 + c * width + v * HG_LANES), acc[v]);
        }
        for (size_t v = 0; v < vectors; ++v) {
            acc[v] *= hg_load(g + b * width + v * HG_LANES);
            hg_store(g + b * width + v * HG_LANES, acc[v]);
            sums[v] += acc[v];
        }
    }
}

/* sum over b of dz[c][b] h[b], for `count` classes and `vectors` vectors; to[c] gets `width` floats. */
HG_INLINE void class_sums(size_t rows, const size_t count, const size_t vectors, const float *h, size_t width,
                          const float *dz, size_t stride, float *to)
{
    hg_vec acc[4][2];
    for (size_t c = 0; c < count; ++c)
        for (size_t v = 0; v < vectors; ++v)
            acc[c][v] = hg_splat(0);
    for (size_t b = 0; b < rows; ++b) {
        for (size_t c = 0; c < count; ++c) {
            const hg_vec d = hg_splat(dz[c * stride + b]);
            for (size_t v = 0; v < vectors; ++v)
                acc[c][v] = hg_fma(d, hg_load(h + b * width + v * HG_LANES), acc[c][v]);
        }
    }
    for (size_t c = 0; c < count; ++c)
        for (size_t v = 0; v < vectors; ++v)
            hg_store(to + c * width + v * HG_LANES, acc[c][v]);
}

HG_INLINE void class_group(size_t rows, const size_t count, size_t vectors, const float *h, const float *dz,
                           size_t stride, float *to)
{
    const size_t width = vectors * HG_LANES;
    size_t v = 0;
    for (; v + 2 <= vectors; v += 2)
        class_sums(rows, count, 2, h + v * HG_LANES, width, dz, stride, to + v * HG_LANES);
    if (v < vectors)
        class_sums(rows, count, 1, h + v * HG_LANES, width, dz, stride, to + v * HG_LANES);
}

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        hidden_gradient(rows, n, slope, classes, dz, stride, w2_values, sums);                                         \
        break;

void HG_VARIANT(hg_head_backward)(size_t rows, size_t vectors, const float *h, float *slope, size_t classes,
                                  const float *dz, size_t stride, const float *w2_values,
                                  const struct hg_descent *descent, const struct hg_descent_rows *w2,
                                  const struct hg_descent_rows *b1)
{
    const size_t width = vectors * HG_LANES;
    hg_vec sums[HG_PANEL];
    switch (vectors) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
    }
    hg_descend(descent, b1, 0, 0, vectors, sums);

    float group[4 * HG_PANEL * HG_LANES];
    for (size_t c = 0; c < classes; c += 4) {
        const size_t count = classes - c < 4 ? classes - c : 4;
        switch (count) {
        case 1:
            class_group(rows, 1, vectors, h, dz + c * stride, stride, group);
            break;
        case 2:
            class_group(rows, 2, vectors, h, dz + c * stride, stride, group);
            break;
        case 3:
            class_group(rows, 3, vectors, h, dz + c * stride, stride, group);
            break;
        default:
            class_group(rows, 4, vectors, h, dz + c * stride, stride, group);
        }
        for (size_t k = 0; k < count; ++k) {
            for (size_t v = 0; v < vectors; ++v)
                sums[v] = hg_load(group + k * width + v * HG_LANES);
            hg_descend(descent, w2, c + k, 0, vectors, sums);
        }
    }
}
