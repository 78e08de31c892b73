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
#include "kernels.h"

enum { ROWS = HG_LANES == 16 ? 12 : 6 };

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

/* `rows` rows of c at all columns from `column` on. */
HG_INLINE void strip(const size_t rows, size_t column, size_t cols, size_t inner, float alpha, struct hg_block a,
                     struct hg_block b, float beta, float *c, size_t c_row)
{
    size_t j = column;
    for (; j + 2 * HG_LANES <= cols; j += 2 * HG_LANES)
        micro(rows, 2, inner, alpha, a, (struct hg_block){b.data + j, b.row, 1}, beta, c + j, c_row);
    if (j < cols)
        micro(rows, 1, inner, alpha, a, (struct hg_block){b.data + j, b.row, 1}, beta, c + j, c_row);
}

void HG_VARIANT(hg_dense_product)(size_t rows, size_t cols, size_t inner, float alpha, struct hg_block a,
                                  struct hg_block b, float beta, float *c, size_t c_row, bool upper)
{
    size_t i = 0;
    for (; i + ROWS <= rows; i += ROWS) {
        const size_t column = upper ? i / HG_LANES * HG_LANES : 0;
        strip(ROWS, column, cols, inner, alpha, (struct hg_block){a.data + i * a.row, a.row, a.column}, b, beta,
              c + i * c_row, c_row);
    }
    for (; i < rows; ++i) {
        const size_t column = upper ? i / HG_LANES * HG_LANES : 0;
        strip(1, column, cols, inner, alpha, (struct hg_block){a.data + i * a.row, a.row, a.column}, b, beta,
              c + i * c_row, c_row);
    }
}
