/* The vectorised kernels of the whole training steps, and the table of all kernels of one instruction set.
 *
 * Panels. Every array over a thread's hidden (or latent) units is cut along the units into panels of at most HG_PANEL
 * vectors. A panel is a row-major matrix of its own, and contiguous:
 *
 *            panel 0      panel 1      panel 2
 *          +----------+ +----------+ +--------+      a row of the first-layer weights is a feature, of the
 *    row 0 |          | |          | |        |      activations a sample, of the output weights a class;
 *    row 1 |          | |          | |        |
 *    row 2 |          | |          | |        |      width = vectors * lanes units (lanes: floats in a vector)
 *          +----------+ +----------+ +--------+
 *
 * One row of a panel fits the registers, and a tile of 64 rows fits the first-level cache, whatever the sizes of the
 * model. The last vector may be padded with units whose weights are 0: they stay 0 and contribute nothing.
 *
 * Arrays over the samples of a chunk have room for a multiple of HG_TILE samples. What they hold for samples beyond the
 * last real one is finite, and its gradient is 0. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_KERNELS_KERNELS_H
#define HANDGRAD_KERNELS_CPU_STEPS_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HG_PANEL = 8,      /* most vectors of a panel: with x and a spare they fit the 16 registers of SSE2 and AVX2 */
    HG_TILE = 64,      /* samples or features of a tile: one bit each in a machine word */
    HG_PASS_TILES = 2, /* most tiles of one sparse_backward: their gradients fill the first-level cache */
    HG_ALIGN = 64      /* bytes: a cache line, and the widest vector */
};

/* The samples, features or rows from begin to end - 1. */
struct hg_range {
    size_t begin, end;
};

/* A chunk of samples in tiles, so that their nonzero pixels can be visited by sample and by feature: tiles.c. */
struct hg_tiles {
    size_t features, words; /* words = ceil(features / HG_TILE) */
    size_t rows, capacity;  /* samples held, and the most: a multiple of HG_TILE */
    uint8_t *bytes;         /* [words][capacity][HG_TILE]: pixels; 0 beyond the last feature */
    uint64_t *by_row;       /* [words][capacity]: bit i of (t, b): pixel 64 t + i of sample b is not zero */
    uint64_t *by_feature;   /* [capacity / 64][words * 64]: bit i of (s, d): pixel d of sample 64 s + i is not zero */
};

/* What to do with a sum of gradients, and the arrays of one tensor that this reads and writes, each a panel
 * [rows][width] or, for a tensor without panels, a vector: update_rows.h. */
struct hg_descent {
    enum {
        HG_ADD,   /* target += sum - decay * target: plain SGD with the factor -lr / B already in the gradients */
        HG_STORE, /* target = sum: the first of several parts of a gradient */
        HG_SGD    /* the sum plus the `earlier` parts is the mean gradient g: SGD as in docs/MATH.md (S1), (S2) */
    } kind;
    float decay; /* lr * weight decay. Not 1 - that: as a float it is off by 2^-25, which 200 steps multiply */
    float rate, gain, momentum, weight_decay; /* HG_SGD */
    bool nesterov;
    float *target;        /* HG_ADD: weights, or a gradient that grows; HG_STORE: a gradient; HG_SGD: weights */
    float *velocity;      /* HG_SGD; NULL: no momentum */
    const float *earlier; /* HG_SGD; NULL: the sum is the whole gradient */
    const float *dense;   /* added to the sum; its row 0 belongs to the first row that is updated; NULL: nothing */
};

/* A part of a chunk: whole tiles of samples (their numbers), and features. */
struct hg_tiles_part {
    struct hg_range tiles, features;
};

/* The second layer of the MLP for one panel of hidden units, and a chunk's samples. */
struct hg_head {
    size_t rows, classes, vectors;
    size_t stride;   /* floats from one class to the next in logits and dz */
    const float *h;  /* [rows][width] */
    const float *w2; /* [classes][width] */
};

/* Logits as sums: threads each have a part, and all of them add up. */
struct hg_logits {
    const float *values; /* [parts][classes][stride]: partial logits */
    size_t parts, classes, stride;
    const float *bias; /* [classes] */
};

/* Totals that a kernel adds to. */
struct hg_score {
    double loss;
    uint64_t correct;
};

/* A matrix for the dense product: element (r, c) is data[r * row + c * column]. */
struct hg_block {
    const float *data;
    size_t row, column;
};

/* c = alpha * a b + beta * c, for a [rows][inner], b [inner][cols] and c [rows][cols]. */
struct hg_product {
    size_t rows, cols, inner; /* cols: a multiple of lanes */
    float alpha, beta;
    struct hg_block a, b; /* b's column stride is 1 */
    float *c;
    size_t c_row;
    bool upper; /* only the elements of c with column >= row are wanted */
};

struct hg_cpu_op_kernels;

struct hg_cpu_kernels {
    const char *name; /* "avx512", "avx2", "portable", "wide" */
    size_t lanes;
    const struct hg_cpu_op_kernels *ops; /* op_kernels.h */

    /* tiles.c. gather copies `rows` samples and fills bytes and by_row: the samples order[b], or consecutive ones where
     * order is NULL; pixel d of sample i is values[i * stride + d]. turn fills by_feature from by_row. squares gives
     * the sum of the squares of all bytes. */
    void (*tiles_gather)(struct hg_tiles *tiles, const uint8_t *values, size_t stride, const uint32_t *order,
                         size_t rows);
    void (*tiles_turn)(struct hg_tiles *tiles);
    uint64_t (*tiles_squares)(const struct hg_tiles *tiles);

    /* sparse_forward.c, for one panel of w: z[b] = bias + sum over the nonzero pixels d of sample b of x[b][d] w[d].
     * bias NULL: 0. */
    void (*sparse_forward)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias, float *z);
    /* The same, then h = Swish(z) and slope = Swish'(z); slope NULL: not wanted. */
    void (*sparse_swish)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias, float *h,
                         float *slope);
    /* sparse_backward.c, for one panel: the sum over the nonzero samples b of x[b][d] g[b] enters row d. */
    void (*sparse_backward)(const struct hg_tiles *tiles, struct hg_tiles_part part, size_t vectors, const float *g,
                            const struct hg_descent *descent);

    /* head.c: logits[c][b] = sum over the panel's units j of h[b][j] w2[c][j]; add: += instead. */
    void (*head_logits)(const struct hg_head *head, bool add, float *logits);
    /* g[b] = slope[b] * sum over c of dz[c][b] w2[c], which overwrites the slope; the sum of g[b] over b enters b1;
     * then the sum of dz[c][b] h[b] over b enters row c of w2. */
    void (*head_backward)(const struct hg_head *head, const float *dz, float *slope, const struct hg_descent *w2,
                          const struct hg_descent *b1);

    /* head_softmax.c, for a range of samples that begins at a multiple of lanes: dz[c][b] = scale * (softmax - onehot),
     * and 0 from its end up to the next multiple of lanes; NULL: not wanted. Adds to *score; NULL: not wanted. */
    void (*head_softmax)(const struct hg_logits *logits, struct hg_range samples, const uint8_t *labels, float scale,
                         float *dz, struct hg_score *score);

    /* dense.c */
    void (*dense_product)(const struct hg_product *product);
};

#ifdef HG_ISA_NAME /* within the files that are compiled once an instruction set */
#include "kernels/cpu/isa/simd.h"

/* Declares a kernel with the type that the table gives it. */
#define HG_KERNEL(name) __typeof__(*((struct hg_cpu_kernels *)0)->name) HG_VARIANT(hg_##name)
HG_KERNEL(tiles_gather);
HG_KERNEL(tiles_turn);
HG_KERNEL(tiles_squares);
HG_KERNEL(sparse_forward);
HG_KERNEL(sparse_swish);
HG_KERNEL(sparse_backward);
HG_KERNEL(head_logits);
HG_KERNEL(head_backward);
HG_KERNEL(head_softmax);
HG_KERNEL(dense_product);
extern const struct hg_cpu_kernels HG_VARIANT(hg_cpu_kernels);
#endif

#endif
