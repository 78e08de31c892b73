/* Inside of the whole-step tied autoencoder: autoencoder.c sets it up, autoencoder_train.c runs it, in one of two
 * forms: autoencoder_moments.c or autoencoder_outputs.c. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_AUTOENCODER_H
#define HANDGRAD_KERNELS_CPU_STEPS_AUTOENCODER_H

#include "kernels/cpu/steps/step.h"

/* What one thread owns: some of the features, such that all threads have equal work, and their column of W: all latent
 * units of these features, in panels (kernels.h). */
struct hg_autoencoder_share {
    size_t first, features;
    struct hg_tiles tiles; /* its features of all samples of a chunk */
    struct hg_tensor w;    /* panels of [features][width] */
    float *dense; /* panels of [HG_TILE][width]: the gradient's dense part, d Z^T R / B, for a tile of features */
    float *z;     /* panels of [capacity][width]: its features' part of Z = X W^T, later of R W^T */
    float *r;     /* [features][capacity]: R^T (autoencoder_outputs.c); NULL in the moments' form */
    float *g, *s; /* squares (hg_autoencoder_at): its parts of G = W W^T and S = Z^T Z / B */
    double loss;
};

struct hg_autoencoder {
    struct hg_whole_step step;
    size_t vectors, width;               /* of all latent units; width = vectors * lanes */
    struct hg_autoencoder_share *shares; /* [threads] */
    float *z, *y;                        /* panels of [capacity][width]: all of Z, and Y (autoencoder_train.c) */
    float *g, *s;                        /* squares: all of G and S */
    bool outputs;                        /* train in the outputs' form, not the moments' */
    float *z_turned;                     /* [width][capacity]: Z^T (autoencoder_outputs.c); NULL in the moments' form */
};

static inline size_t hg_autoencoder_panels(const struct hg_autoencoder *ae)
{
    return hg_panel_count(ae->vectors);
}

static inline struct hg_panel hg_autoencoder_panel(const struct hg_autoencoder *ae, size_t p)
{
    return hg_panel_of(ae->vectors, ae->step.lanes, p);
}

/* Squares, that is m x m matrices over the latent units, are panels of [width of all][width]. Where row `row` of panel
 * q begins: */
static inline size_t hg_autoencoder_at(const struct hg_autoencoder *ae, size_t row, struct hg_panel q)
{
    return hg_panel_row(q, ae->width, row);
}

/* Rows of a thread's panel of W as an operand of a dense product. */
static inline struct hg_block hg_autoencoder_rows(const struct hg_autoencoder_share *share, struct hg_panel panel,
                                                  size_t first)
{
    return (struct hg_block){share->w.values + hg_panel_row(panel, share->features, first), panel.width, 1};
}

/* The moments' form, autoencoder_moments.c. What each function computes is named first; those marked "waits" contain a
 * barrier, so that every thread must call them.
 *   of_weights   the thread's part of G, from its features
 *   of_codes     its part of S, from its samples; all of G. Waits
 *   of_batch     all of S, and the thread's summands of the batch's loss. Waits
 *   project      Y for the thread's samples
 *   decode       alpha S W for a tile of its features, into share->dense */
void hg_autoencoder_moments_of_weights(struct hg_autoencoder *ae, int thread);
void hg_autoencoder_moments_of_codes(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk);
void hg_autoencoder_moments_of_batch(struct hg_autoencoder *ae, int thread, size_t batch);
void hg_autoencoder_moments_project(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk, float scale);
void hg_autoencoder_moments_decode(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                   struct hg_range features, float alpha);

/* The outputs' form, autoencoder_outputs.c. None of them waits.
 *   turn          Z^T for the thread's samples
 *   reconstruct   R^T, and the part of R W^T, for its features
 *   project       Y for its samples
 *   decode        alpha R^T Z for a tile of its features, into share->dense */
void hg_autoencoder_outputs_turn(struct hg_autoencoder *ae, int thread, size_t rows);
void hg_autoencoder_outputs_reconstruct(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                        size_t rows);
void hg_autoencoder_outputs_project(struct hg_autoencoder *ae, int thread, size_t rows, float scale);
void hg_autoencoder_outputs_decode(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                   struct hg_range features, size_t rows, float alpha);

/* Work of one thread (struct hg_autoencoder *). */
void hg_autoencoder_train_thread(void *ae, int thread);
void hg_autoencoder_evaluate_thread(void *ae, int thread);
void hg_autoencoder_forward_thread(void *ae, int thread);

#endif
