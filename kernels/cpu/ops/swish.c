/* Bias, Swish and Swish' in one pass, and the way back: docs/MATH.md (M2), (M9), (M10), (M11). */
#include "kernels/cpu/isa/vecmath.h"
#include "kernels/cpu/ops/op_kernels.h"

void HG_VARIANT(hg_bias_swish)(size_t rows, size_t cols, struct hg_cpu_const_rows z, const float *bias,
                               struct hg_cpu_rows h, struct hg_cpu_rows slope)
{
    for (size_t b = 0; b < rows; ++b) {
        const float *zb = z.data + b * z.stride;
        float *hb = h.data + b * h.stride;
        float *slope_b = slope.data ? slope.data + b * slope.stride : NULL;
        hg_vec value, derivative;
        size_t j = 0;
        for (; j + HG_LANES <= cols; j += HG_LANES) {
            hg_swish(hg_load(zb + j) + hg_load(bias + j), &value, &derivative);
            hg_store(hb + j, value);
            if (slope_b)
                hg_store(slope_b + j, derivative);
        }
        if (j == cols)
            continue;
        hg_swish(hg_load_part(zb + j, cols - j) + hg_load_part(bias + j, cols - j), &value, &derivative);
        hg_store_part(hb + j, value, cols - j);
        if (slope_b)
            hg_store_part(slope_b + j, derivative, cols - j);
    }
}

/* Columns that are summed in one pass down the rows: four vectors are whole cache lines on every instruction set, their
 * sums stay in registers, and four independent additions hide each other's latency. */
enum { VECTORS = 4, TILE = VECTORS * HG_LANES };

static void finish(struct hg_cpu_sums sums, size_t j, size_t count, const float *sum)
{
    for (size_t i = 0; i < count; ++i) {
        float *db = sums.db + j + i;
        *db = sums.alpha * sum[i] + (sums.beta == 0 ? 0 : sums.beta * *db); /* 0 * NaN is not 0 */
    }
}

void HG_VARIANT(hg_swish_backward)(size_t rows, size_t cols, struct hg_cpu_const_rows slope,
                                   struct hg_cpu_const_rows dh, struct hg_cpu_rows dz, struct hg_cpu_sums sums)
{
    float total[TILE];
    size_t j = 0;
    for (; j + TILE <= cols; j += TILE) {
        hg_vec sum[VECTORS] = {{0}};
        for (size_t b = 0; b < rows; ++b) {
            for (size_t v = 0; v < VECTORS; ++v) {
                const size_t c = j + v * HG_LANES;
                const hg_vec d = hg_load(slope.data + b * slope.stride + c) * hg_load(dh.data + b * dh.stride + c);
                hg_store(dz.data + b * dz.stride + c, d);
                sum[v] += d;
            }
        }
        memcpy(total, sum, sizeof total);
        finish(sums, j, TILE, total);
    }
    const size_t rest = cols - j;
    memset(total, 0, sizeof total);
    for (size_t b = 0; b < rows; ++b) {
        for (size_t i = 0; i < rest; ++i) {
            const float d = slope.data[b * slope.stride + j + i] * dh.data[b * dh.stride + j + i];
            dz.data[b * dz.stride + j + i] = d;
            total[i] += d;
        }
    }
    finish(sums, j, rest, total);
}

void HG_VARIANT(hg_column_sums)(size_t rows, size_t cols, struct hg_cpu_const_rows dz, struct hg_cpu_sums sums)
{
    float total[TILE];
    for (size_t j = 0; j < cols; j += TILE) {
        const size_t count = cols - j < TILE ? cols - j : TILE;
        memset(total, 0, sizeof total);
        for (size_t b = 0; b < rows; ++b)
            for (size_t i = 0; i < count; ++i)
                total[i] += dz.data[b * dz.stride + j + i];
        finish(sums, j, count, total);
    }
}
