/* Small dense products for the autoencoder's m x m matrices. The operands already lie in the first- and second-level
 * caches, so the micro-kernel reads them in place and nothing is packed. One register tile of c at a time:
 *
 *              2 vectors                 12 sums (AVX2: 6 rows x 2 vectors; AVX-512: 12 x 2, of 32 registers)
 *            +-----------+               for k < inner:
 *     6 rows |    c      |                   2 loads of b[k], 6 broadcasts of a[.][k], 12 multiply-adds
 *            +-----------+
 *
 * 8 loads for 12 multiply-adds: the two FMA units are the limit, not the two loads a cycle. a has a stride for rows and
 * one for columns, so that A^T B needs no transposed copy: the broadcasts then run along a row of A. */
#include "kernels/cpu/steps/kernels/kernels.h"

/* The rest of the rows is done by 4: a tile of 64 is 10 x 6 + 4 (5 x 12 + 4), and 4 x 2 sums still hide the latency of
 * a multiply-add. */
enum { ROWS = HG_LANES == 16 ? 12 : 6, FEWER_ROWS = 4 };

/* `rows` x `vectors` of c, from where the operands of p begin. */
HG_INLINE void micro(const size_t rows, const size_t vectors, const struct hg_product p)
{
    hg_vec sum[ROWS][2];
    for (size_t r = 0; r < rows; ++r)
        for (size_t v = 0; v < vectors; ++v)
            sum[r][v] = hg_splat(0);
    for (size_t k = 0; k < p.inner; ++k) {
        const float *ak = p.a.data + k * p.a.column, *bk = p.b.data + k * p.b.row;
        hg_vec bv[2];
        for (size_t v = 0; v < vectors; ++v)
            bv[v] = hg_load(bk + v * HG_LANES);
        for (size_t r = 0; r < rows; ++r) {
            const hg_vec x = hg_splat(ak[r * p.a.row]);
            for (size_t v = 0; v < vectors; ++v)
                sum[r][v] = hg_fma(x, bv[v], sum[r][v]);
        }
    }
    for (size_t r = 0; r < rows; ++r) {
        for (size_t v = 0; v < vectors; ++v) {
            float *to = p.c + r * p.c_row + v * HG_LANES;
            hg_vec value = sum[r][v] * p.alpha;
            if (p.beta != 0)
                value = hg_fma(hg_splat(p.beta), hg_load(to), value);
            hg_store(to, value);
        }
    }
}

/* The product from row i and column j on. */
HG_INLINE struct hg_product from(struct hg_product p, size_t i, size_t j)
{
    p.a.data += i * p.a.row;
    p.b.data += j;
    p.c += i * p.c_row + j;
    return p;
}

/* Strips of `height` rows from row `first` on, as many as fit; gives the row after them. */
HG_INLINE size_t strips(const size_t height, size_t first, const struct hg_product p)
{
    size_t i = first;
    for (; i + height <= p.rows; i += height) {
        size_t j = p.upper ? i / HG_LANES * HG_LANES : 0;
        for (; j + 2 * HG_LANES <= p.cols; j += 2 * HG_LANES)
            micro(height, 2, from(p, i, j));
        if (j < p.cols)
            micro(height, 1, from(p, i, j));
    }
    return i;
}

void HG_VARIANT(hg_dense_product)(const struct hg_product *product)
{
    const struct hg_product p = *product;
    size_t i = strips(ROWS, 0, p);
    i = strips(FEWER_ROWS, i, p);
    strips(1, i, p);
}
