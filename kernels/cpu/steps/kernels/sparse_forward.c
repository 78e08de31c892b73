/* The first layer, X W^T, with the zeros of X skipped: docs/MATH.md (M1), (A1).
 *
 *              <- width: up to 8 vectors ->                        one visit = (tile t, sample b):
 *            +-----------------------------+
 *            |  tile of 64 rows of w       |   64 x 8 vectors        acc = z[b]           8 registers
 *   features |  = 16 KB (AVX2), 32 KB      |   stays in L1           for each nonzero pixel d of tile t:
 *      |     |  (AVX-512)                  |                             acc += x[b][d] * w[d]
 *      v     +-----------------------------+                         z[b] = acc
 *            |  next tile of w             |
 *
 * For one panel the loops are, from outer to inner: tile, sample, pixel. So a tile of w is read from the second-level
 * cache once and serves many samples, while their z streams through. The sum is exactly the dense one without its zero
 * terms.
 *
 * Roofline. A pixel costs 8 multiply-adds, each with a load of w from L1, and one broadcast of x: 9 vector loads at two
 * a cycle, 4.5 cycles (AVX2; AVX-512 does twice the width in the same time on cores with two FMA units). MNIST, 784 x
 * 256, B = 128: 19,200 nonzero pixels x 4 panels x 4.5 = 346,000 cycles, against 1.6 million for the dense product at
 * two FMAs a cycle. Each visit ends in a branch that cannot be predicted; with 15 pixels a visit, multiply-adds that
 * are queued already hide most of that. Measured: 6.4 cycles a pixel (Zen 3). Latency: 8 sums in flight cover 4 cycles
 * at two a cycle. */
#include "kernels/cpu/isa/unit.h"
#include "kernels/cpu/isa/vecmath.h"
#include "kernels/cpu/steps/kernels/kernels.h"

/* One panel; `vectors` is a constant in every inlined copy, so that acc lives in registers. */
HG_INLINE void forward(const struct hg_tiles *tiles, size_t first, size_t end, const size_t vectors, const float *w,
                       const float *bias, float *z)
{
    const size_t width = vectors * HG_LANES;
    for (size_t t = 0; t < tiles->words; ++t) {
        const uint8_t *bytes = tiles->bytes + t * tiles->capacity * HG_TILE;
        const uint64_t *bits = tiles->by_row + t * tiles->capacity;
        const float *tile = w + t * HG_TILE * width;
        const float *start = t == 0 ? bias : z; /* no bias: the sum begins at 0 */
        const size_t start_stride = t == 0 ? 0 : width;
        for (size_t b = first; b < end; ++b) {
            uint64_t m = bits[b];
            if (!m && t > 0)
                continue;
            hg_vec acc[HG_PANEL];
            for (size_t v = 0; v < vectors; ++v)
                acc[v] = start ? hg_load(start + b * start_stride + v * HG_LANES) : hg_splat(0);
            const uint8_t *pixels = bytes + b * HG_TILE;
            for (; m; m &= m - 1) {
                const unsigned i = (unsigned)__builtin_ctzll(m);
                const hg_vec x = hg_splat(hg_unit[pixels[i]]);
                const float *row = tile + i * width;
                for (size_t v = 0; v < vectors; ++v)
                    acc[v] = hg_fma(x, hg_load(row + v * HG_LANES), acc[v]);
            }
            for (size_t v = 0; v < vectors; ++v)
                hg_store(z + b * width + v * HG_LANES, acc[v]);
        }
    }
}

/* Samples that go through a panel together. Their z (32 KB on AVX2) is read and written once for each tile of w: a
 * larger group would read w less often from the second-level cache, a smaller one would keep more of z out of it. */
enum { GROUP = 2 * HG_TILE };

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        forward(tiles, first, end, n, w, bias, z);                                                                     \
        break;

static void forward_group(const struct hg_tiles *tiles, size_t first, size_t end, size_t vectors, const float *w,
                          const float *bias, float *z)
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

static size_t group_end(const struct hg_tiles *tiles, size_t first)
{
    return first + GROUP < tiles->rows ? first + GROUP : tiles->rows;
}

void HG_VARIANT(hg_sparse_forward)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias,
                                   float *z)
{
    for (size_t first = 0; first < tiles->rows; first += GROUP)
        forward_group(tiles, first, group_end(tiles, first), vectors, w, bias, z);
}

void HG_VARIANT(hg_sparse_swish)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias,
                                 float *h, float *slope)
{
    const size_t width = vectors * HG_LANES;
    for (size_t first = 0; first < tiles->rows; first += GROUP) {
        const size_t end = group_end(tiles, first);
        forward_group(tiles, first, end, vectors, w, bias, h);
        for (size_t i = first * width; i < end * width; i += HG_LANES) { /* z of the group is in the cache still */
            hg_vec value, derivative;
            hg_swish(hg_load(h + i), &value, &derivative);
            hg_store(h + i, value);
            if (slope)
                hg_store(slope + i, derivative);
        }
    }
}
