/* Inside of the whole-step MLP: mlp.c sets it up, mlp_train.c runs it. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_MLP_H
#define HANDGRAD_KERNELS_CPU_STEPS_MLP_H

#include "kernels/cpu/steps/step.h"

/* A parameter with its company: the velocity exists where momentum > 0, the gradient where it comes in several parts.
 */
struct hg_mlp_tensor {
    float *values, *velocity, *gradient;
};

/* What one member of the team owns: a run of hidden units, in panels (kernels.h), and its own copy of the output bias,
 * which every member computes alike. */
struct hg_mlp_share {
    size_t first, vectors; /* of hidden units, in vectors */
    struct hg_tiles tiles;
    struct hg_mlp_tensor w1, b1, w2, b2; /* panels of [features][width], [1][width], [classes][width]; [classes] */
    float *h, *slope;                    /* panels of [capacity][width] */
    float *dz;                           /* [classes][capacity] */
    uint8_t *labels;                     /* [capacity + the longest vector] */
    double loss;
    uint64_t correct;
};

struct hg_mlp {
    struct hg_whole_step step;
    int members; /* of the team; more than there are vectors of hidden units leave some with none */
    size_t lanes;
    struct hg_mlp_share *shares; /* [members] */
    float *logits;               /* [2][members][classes][capacity]: partial logits, alternating from chunk to chunk */

    /* evaluate and forward: the samples first ... first + count - 1 of `data`. */
    const struct hg_data *data;
    size_t first, count;
    float *out; /* [count][classes]; NULL: losses and correct answers are wanted */
};

/* Work of one member (struct hg_mlp *). */
void hg_mlp_train_member(void *mlp, int member);
void hg_mlp_forward_member(void *mlp, int member);

#endif
