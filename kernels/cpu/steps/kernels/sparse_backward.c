/* The first layer's weight gradient, X^T G, with the zeros of X skipped, and the update of the weights in the same
 * pass: docs/MATH.md (M12), (A17), (S1) to (S3).
 *
 *              <- width: up to 8 vectors ->                        one visit = (pixel d, up to 128 samples):
 *            +-----------------------------+
 *            |  128 rows of g = 32 KB      |                         sum = 0               8 registers
 *   samples  |  (AVX2) stay in L1 and L2   |                         for each sample b with x[b][d] != 0:
 *      |     +-----------------------------+                             sum += x[b][d] * g[b]
 *      v                                                             w[d] += sum, or velocity and w[d]
 *
 * The mirror image of sparse_forward.c: the words of bits are turned, so that they run over the samples of one pixel; g
 * takes the place of w, and w streams through, read and written once a visit. The factor -lr / B is in g already: plain
 * SGD has no gradient buffer, and a pixel that no sample of the batch has costs nothing at all. The sum begins at 0,
 * not at w: every addition then rounds at the size of the gradient, and w itself rounds once or twice a step.
 *
 * Roofline: the same 4.5 cycles a pixel and panel; w is 784 x 256 x 4 = 0.8 MB read and written a step, from
 * the second-level caches of the threads that own it: 50,000 cycles at 32 bytes each, overlapped. Velocity doubles it.
 */
#include "kernels/cpu/isa/unit.h"
#include "kernels/cpu/steps/kernels/update_rows.h"

HG_INLINE void backward(const struct hg_tiles *tiles, size_t tile, size_t tile_count, size_t first, size_t last,
                        const size_t vectors, const float *g, const struct hg_descent *descent,
                        const struct hg_descent_rows *rows)
{
    const size_t width = vectors * HG_LANES, features = tiles->words * HG_TILE, capacity = tiles->capacity;
    const uint8_t *bytes = tiles->bytes;
    const uint64_t *bits = tiles->by_feature;
    const bool skip_empty = descent->kind == HG_ADD && descent->decay == 0 && !rows->dense;
    for (size_t d = first; d < last; ++d) {
        hg_vec sum[HG_PANEL];
        for (size_t v = 0; v < vectors; ++v)
            sum[v] = hg_splat(0);
        uint64_t any = 0;
        for (size_t s = tile; s < tile + tile_count; ++s) {
            const uint8_t *pixels = bytes + (d / HG_TILE * capacity + s * HG_TILE) * HG_TILE + d % HG_TILE;
            const float *samples = g + s * HG_TILE * width;
            uint64_t m = bits[s * features + d];
            any |= m;
            for (; m; m &= m - 1) {
                const unsigned i = (unsigned)__builtin_ctzll(m);
                const hg_vec x = hg_splat(hg_unit[pixels[i * HG_TILE]]);
                const float *row = samples + i * width;
                for (size_t v = 0; v < vectors; ++v)
                    sum[v] = hg_fma(x, hg_load(row + v * HG_LANES), sum[v]);
            }
        }
        if (any || !skip_empty)
            hg_descend(descent, rows, d, d - first, vectors, sum);
    }
}

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        backward(tiles, tile, tile_count, first, last, n, g, descent, rows);                                           \
        break;

void HG_VARIANT(hg_sparse_backward)(const struct hg_tiles *tiles, size_t tile, size_t tile_count, size_t first,
                                    size_t last, size_t vectors, const float *g, const struct hg_descent *descent,
                                    const struct hg_descent_rows *rows)
{
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
}
