/* The vectorised kernels of the whole-step networks, and the table of all kernels of one instruction set.
 *
 * Shapes. A thread's hidden units (or latent units) are cut into panels of at most HG_PANEL vectors, each panel's data
 * contiguous: its weights [features][width], its activations [rows][width], its output weights [classes][width], with
 * width = vectors * lanes. So a tile of 64 rows of any of them is a small contiguous block that fits the first-level
 * cache, whatever the sizes of the model. Units beyond the last real one have weights 0 and do no harm.
 *
 * Arrays over the samples of a chunk have room for a multiple of HG_TILE samples; what belongs to samples beyond the
 * last real one is finite and has gradient 0. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_KERNELS_KERNELS_H
#define HANDGRAD_KERNELS_CPU_STEPS_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HG_PANEL = 8, /* vectors a panel has at most: with x and a spare they fit the 16 registers of SSE2 and AVX2 */
    HG_TILE = 64, /* samples or features a tile has: one bit each in a machine word */
    HG_ALIGN = 64 /* bytes: a cache line, and the widest vector */
};

/* A chunk of samples in tiles, so that their nonzero pixels can be visited by row and by feature: tiles.c. */
struct hg_tiles {
    size_t features, words; /* words = ceil(features / HG_TILE) */
    size_t rows, capacity;  /* samples held, and the most: a multiple of HG_TILE */
    uint8_t *bytes;         /* [words][capacity][HG_TILE]: pixels; 0 beyond the last feature */
    uint64_t *by_row;       /* [words][capacity]: bit i of (t, b): pixel 64 t + i of sample b is not zero */
    uint64_t *by_feature;   /* [capacity / 64][words * 64]: bit i of (s, d): pixel d of sample 64 s + i is not zero */
};

/* How a sum of gradients enters the weights, row by row: update_rows.h. */
struct hg_descent {
    enum {
        HG_ADD,   /* target += sum - decay * target: plain SGD with the factor -lr / B already in the gradients */
        HG_STORE, /* target = sum: the first part of a gradient that comes in several */
        HG_SGD    /* the sum, plus `earlier` parts, is the mean gradient g: ops.h, sgd_update */
    } kind;
    float decay; /* lr * weight decay. Not 1 - that: as a float it is off by 2^-25, which 200 steps multiply */
    float rate, momentum, weight_decay;
    bool nesterov;
};

/* The arrays of one panel that a descent reads and writes, [rows][width] each. */
struct hg_descent_rows {
    float *target;        /* HG_ADD: weights, or a gradient that grows; HG_STORE: a gradient; HG_SGD: weights */
    float *velocity;      /* HG_SGD: NULL: no momentum */
    const float *earlier; /* HG_SGD: NULL: the sum is all */
    const float *dense;   /* added to the sum, indexed from the first row that is updated; NULL: nothing */
};

/* A matrix of small blocks for the dense kernel: element (r, c) is data[r * row + c * column]. */
struct hg_block {
    const float *data;
    size_t row, column;
};

struct hg_cpu_op_kernels;

struct hg_cpu_kernels {
    const char *name; /* "avx512", "avx2", "portable", "wide" */
    size_t lanes;
    const struct hg_cpu_op_kernels *ops; /* op_kernels.h */

    /* tiles.c: takes `rows` samples, order[b] or (order NULL) consecutive ones; pixel d of sample i is
     * values[i * stride + d]. gather fills bytes and by_row, turn fills by_feature from them; squares gives the sum of
     * the squares of all bytes. */
    void (*tiles_gather)(struct hg_tiles *tiles, const uint8_t *values, size_t stride, const uint32_t *order,
                         size_t rows);
    void (*tiles_turn)(struct hg_tiles *tiles);
    uint64_t (*tiles_squares)(const struct hg_tiles *tiles);

    /* sparse_forward.c: z[b] = bias + sum over the nonzero pixels d of sample b of x[b][d] w[d]. */
    void (*sparse_forward)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias, float *z);
    /* The same, and then h = Swish(z), slope = Swish'(z) (NULL: not wanted); z is scratch, may alias h. */
    void (*sparse_swish)(const struct hg_tiles *tiles, size_t vectors, const float *w, const float *bias, float *h,
                         float *slope);
    /* sparse_backward.c: for the features from `first` to `last`, sum over the nonzero samples b of the tiles from
     * `tile` on, `tiles_count` of them, of x[b][d] g[b], into row d of the descent's arrays. */
    void (*sparse_backward)(const struct hg_tiles *tiles, size_t tile, size_t tile_count, size_t first, size_t last,
                            size_t vectors, const float *g, const struct hg_descent *descent,
                            const struct hg_descent_rows *rows);

    /* head.c: logits[c][b] (+)= sum over the panel's units j of h[b][j] w2[c][j]; `stride` floats from class to class.
     */
    void (*head_logits)(size_t rows, size_t vectors, const float *h, size_t classes, const float *w2, bool add,
                        float *logits, size_t stride);
    /* g[b] = slope[b] * sum over c of dz[c][b] w2_values[c], in place of the slope; its sum over b enters b1; then
     * sum over b of dz[c][b] h[b] enters row c of w2. */
    void (*head_backward)(size_t rows, size_t vectors, const float *h, float *slope, size_t classes, const float *dz,
                          size_t stride, const float *w2_values, const struct hg_descent *descent,
                          const struct hg_descent_rows *w2, const struct hg_descent_rows *b1);

    /* head_softmax.c, for the samples from `first` (a multiple of lanes) to `last`: logits = bias + the `parts` partial
     * logits in their order, `part` floats apart; dz[c][b] = scale * (softmax - onehot), and 0 from b = last up to the
     * next multiple of lanes; NULL: not wanted. Adds to *loss and *correct; loss NULL: neither is wanted. */
    void (*head_softmax)(size_t first, size_t last, size_t classes, const float *logits, size_t parts, size_t part,
                         size_t stride, const float *bias, const uint8_t *labels, float scale, float *dz, double *loss,
                         uint64_t *correct);

    /* dense.c: c = alpha * a b + beta * c for a [rows][inner], b [inner][cols] and c [rows][cols], b and c with unit
     * column; cols a multiple of lanes. upper: only c's elements with column >= row are wanted. */
    void (*dense_product)(size_t rows, size_t cols, size_t inner, float alpha, struct hg_block a, struct hg_block b,
                          float beta, float *c, size_t c_row, bool upper);
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
