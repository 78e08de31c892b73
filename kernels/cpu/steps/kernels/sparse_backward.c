/* The first layer's weight gradient, X^T G, with the zeros of X skipped, and the fused update of the weights:
 * docs/MATH.md (M12), (A17), (S1) to (S3).
 *
 *              <- width: up to 8 vectors ->                        one visit = (pixel d, up to 128 samples):
 *            +-----------------------------+
 *            |  128 rows of g = 32 KB      |                         sum = 0               8 registers
 *   samples  |  (AVX2) stay in L1 and L2   |                         for each sample b with x[b][d] != 0:
 *      |     +-----------------------------+                             sum += x[b][d] * g[b]
 *      v                                                             w[d] += sum, or SGD with velocity
 *
 * The mirror image of sparse_forward.c. There a word of bits holds 64 pixels of one sample, here it holds one pixel of
 * 64 samples; there a tile of w stays in the cache and z streams through, here g stays and w streams through, read and
 * written once a visit. With plain SGD the factor -lr / B is in g already, so there is no gradient buffer, and a pixel
 * that is 0 in the whole batch costs nothing. The sum begins at 0 rather than at w, so that additions round at the
 * size of the gradient, and w itself rounds only once or twice a step.
 *
 * Roofline: 4.5 cycles a pixel and panel, as in sparse_forward.c. The weights, 784 x 256 x 4 = 0.8 MB, are read and
 * written once a step in the second-level caches of the threads that own them: 50,000 cycles at 32 bytes each,
 * overlapped with the arithmetic. A velocity doubles that. */
#include "kernels/cpu/isa/unit.h"
#include "kernels/cpu/steps/kernels/update_rows.h"

/* One panel; `vectors` is a constant in every inlined copy, so that the sums live in registers. */
HG_INLINE void backward(const struct hg_tiles *tiles, const struct hg_tiles_part part, const size_t vectors,
                        const float *g, const struct hg_descent *descent)
{
    const size_t width = vectors * HG_LANES, features = tiles->words * HG_TILE, capacity = tiles->capacity;
    const uint8_t *bytes = tiles->bytes;
    const uint64_t *bits = tiles->by_feature;
    const bool skip_empty = descent->kind == HG_ADD && descent->decay == 0 && !descent->dense;
    for (size_t d = part.features.begin; d < part.features.end; ++d) {
        hg_vec sum[HG_PANEL];
        for (size_t v = 0; v < vectors; ++v)
            sum[v] = hg_splat(0);
        uint64_t any = 0;
        for (size_t s = part.tiles.begin; s < part.tiles.end; ++s) {
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
            hg_descend(descent, d, d - part.features.begin, vectors, sum);
    }
}

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        backward(tiles, part, n, g, descent);                                                                          \
        break;

void HG_VARIANT(hg_sparse_backward)(const struct hg_tiles *tiles, struct hg_tiles_part part, size_t vectors,
                                    const float *g, const struct hg_descent *descent)
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
