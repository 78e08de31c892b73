/* Small dense products for the autoencoder's m x m matrices: a micro-kernel without packing, for operands that lie in
 * the first- and second-level caches already.
 *
 *              2 vectors                 12 sums (AVX2: 6 rows x 2 vectors; AVX-512: 12 x 2, of 32 registers)
 *            +-----------+               for k < inner:
 *     6 rows |    c      |                   2 loads of b[k], 6 broadcasts of a[.][k], 12 multiply-adds
 *            +-----------+
 *
 * 8 loads for 12 multiply-adds: bound by the two FMA units, not by the two loads a cycle. a is read with two strides,
 * so that A^T B needs no transposing: its broadcasts go along a row then. */
#include "kernels/cpu/steps/kernels/kernels.h"

/* A tile of 64 rows ends in one strip of 4, whose 8 sums still hide the latency of a multiply-add. */
enum { ROWS = HG_LANES == 16 ? 12 : 6, FEWER_ROWS = 4 };

HG_INLINE void micro(const size_t rows, const size_t vectors, size_t inner, float alpha, struct hg_block a,
                     struct hg_block b, float beta, float *c, size_t c_row)
{
    hg_vec sum[ROWS][2];
    for (size_t r = 0; r < rows; ++r)
        for (size_t v = 0; v < vectors; ++v)
            sum[r][v] = hg_splat(0);
    for (size_t k = 0; k < inner; ++k) {
        const float *ak = a.data + k * a.column, *bk = b.data + k * b.row;
        hg_vec bv[2];
        for (size_t v = 0; v < vectors; ++v)
            bv[v] = hg_load(bk + v * HG_LANES);
        for (size_t r = 0; r < rows; ++r) {
            const hg_vec x = hg_splat(ak[r * a.row]);
            for (size_t v = 0; v < vectors; ++v)
                sum[r][v] = hg_fma(x, bv[v], sum[r][v]);
        }
    }
    for (size_t r = 0; r < rows; ++r) {
        for (size_t v = 0; v < vectors; ++v) {
            float *to = c + r * c_row + v * HG_LANES;
            hg_vec value = sum[r][v] * alpha;
            if (beta != 0)
                value = hg_fma(hg_splat(beta), hg_load(to), value);
            hg_store(to, value);
        }
    }
}

/* Strips of `height` rows from row `first` on, as many as fit; gives the row after them. */
HG_INLINE size_t strips(const size_t height, size_t first, size_t rows, size_t cols, size_t inner, float alpha,
                        struct hg_block a, struct hg_block b, float beta, float *c, size_t c_row, bool upper)
{
    size_t i = first;
    for (; i + height <= rows; i += height) {
        const struct hg_block ai = {a.data + i * a.row, a.row, a.column};
        float *ci = c + i * c_row;
        size_t j = upper ? i / HG_LANES * HG_LANES : 0;
        for (; j + 2 * HG_LANES <= cols; j += 2 * HG_LANES)
            micro(height, 2, inner, alpha, ai, (struct hg_block){b.data + j, b.row, 1}, beta, ci + j, c_row);
        if (j < cols)
            micro(height, 1, inner, alpha, ai, (struct hg_block){b.data + j, b.row, 1}, beta, ci + j, c_row);
    }
    return i;
}

void HG_VARIANT(hg_dense_product)(size_t rows, size_t cols, size_t inner, float alpha, struct hg_block a,
                                  struct hg_block b, float beta, float *c, size_t c_row, bool upper)
{
    size_t i = strips(ROWS, 0, rows, cols, inner, alpha, a, b, beta, c, c_row, upper);
    i = strips(FEWER_ROWS, i, rows, cols, inner, alpha, a, b, beta, c, c_row, upper);
    strips(1, i, rows, cols, inner, alpha, a, b, beta, c, c_row, upper);
}
