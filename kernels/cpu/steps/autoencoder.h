/* Inside of the whole-step tied autoencoder: autoencoder.c sets it up, autoencoder_train.c runs it, in one of two
 * forms. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_AUTOENCODER_H
#define HANDGRAD_KERNELS_CPU_STEPS_AUTOENCODER_H

#include "kernels/cpu/steps/step.h"

/* What one member of the team owns: a run of features, balanced by the work they make, and all latent units of them. */
struct hg_autoencoder_share {
    size_t first, features;
    struct hg_tiles tiles;          /* its features of all samples of a chunk */
    float *w, *velocity, *gradient; /* panels of [features][width]; velocity and gradient NULL where not needed */
    float *dense;                   /* panels of [HG_TILE][width]: the product with no sparse operand, for a tile */
    float *z;                       /* panels of [capacity][width]: its features' part of Z = X W^T, then of R W^T */
    float *r;                       /* [features][capacity]: R^T (autoencoder_outputs.c); NULL in the moments' form */
    float *g, *s;                   /* blocks (hg_autoencoder_at): its parts of G = W W^T and S = Z^T Z / B */
    double loss;
};

struct hg_autoencoder {
    struct hg_whole_step step;
    int members;
    size_t lanes, vectors, width;        /* latent units in vectors; width = vectors * lanes */
    struct hg_autoencoder_share *shares; /* [members] */
    float *z, *y;                        /* panels of [capacity][width]: all of Z, and Y (autoencoder_train.c) */
    float *g, *s;                        /* blocks: all of G and S */
    bool outputs;                        /* train in the outputs' form, not the moments' */
    float *z_turned;                     /* [width][capacity]: Z^T (autoencoder_outputs.c); NULL in the moments' form */

    /* evaluate and forward: the samples first ... first + count - 1 of `data`. */
    const struct hg_data *data;
    size_t first, count;
    float *out; /* [count][hidden]; NULL: the loss is wanted */
};

/* One panel of latent units: its first unit and its width. */
struct hg_autoencoder_panel {
    size_t begin, width, vectors;
};

static inline size_t hg_autoencoder_panels(const struct hg_autoencoder *ae)
{
    return hg_panels(ae->vectors);
}

static inline struct hg_autoencoder_panel hg_autoencoder_panel(const struct hg_autoencoder *ae, size_t p)
{
    const size_t begin = hg_panel_begin(ae->vectors, p), end = hg_panel_begin(ae->vectors, p + 1);
    return (struct hg_autoencoder_panel){begin * ae->lanes, (end - begin) * ae->lanes, end - begin};
}

/* Square matrices over the latent units are stored in block columns, one a panel: [width][panel's width], so that the
 * block of two panels is contiguous. Place of element (row, 0) of panel q. */
static inline size_t hg_autoencoder_at(const struct hg_autoencoder *ae, size_t row, struct hg_autoencoder_panel q)
{
    return q.begin * ae->width + row * q.width;
}

struct hg_range {
    size_t begin, end;
};

/* A member's run of `count` samples, or rows of a matrix. */
static inline struct hg_range hg_autoencoder_share_of(const struct hg_autoencoder *ae, size_t count, int member)
{
    return (struct hg_range){hg_cpu_share(count, 1, member, ae->members),
                             hg_cpu_share(count, 1, member + 1, ae->members)};
}

/* autoencoder_moments.c. G's part, from its features; S's part, from its samples, then all of G; all of S, and the
 * batch's loss; Y for its samples; alpha S W for a tile of features, into share->dense. Those "of" something wait for
 * the others. */
void hg_autoencoder_moments_of_weights(const struct hg_autoencoder *ae, int member);
void hg_autoencoder_moments_of_codes(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk);
void hg_autoencoder_moments_of_batch(const struct hg_autoencoder *ae, int member, size_t batch);
void hg_autoencoder_moments_project(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk,
                                    float scale);
void hg_autoencoder_moments_decode(const struct hg_autoencoder *ae, const struct hg_autoencoder_share *share,
                                   struct hg_range rows, float alpha);

/* autoencoder_outputs.c. Z^T for its samples; R^T and the part of R W^T for its features; Y for its samples; alpha R^T
 * Z for a tile of features, into share->dense. None waits. */
void hg_autoencoder_outputs_turn(const struct hg_autoencoder *ae, int member, size_t rows);
void hg_autoencoder_outputs_reconstruct(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                        size_t rows);
void hg_autoencoder_outputs_project(const struct hg_autoencoder *ae, int member, size_t rows, float scale);
void hg_autoencoder_outputs_decode(const struct hg_autoencoder *ae, const struct hg_autoencoder_share *share,
                                   struct hg_range features, size_t rows, float alpha);

/* Work of one member (struct hg_autoencoder *). */
void hg_autoencoder_train_member(void *ae, int member);
void hg_autoencoder_evaluate_member(void *ae, int member);
void hg_autoencoder_forward_member(void *ae, int member);

#endif
