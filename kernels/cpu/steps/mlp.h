/* Inside of the whole-step MLP: mlp.c sets it up, mlp_train.c runs it. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_MLP_H
#define HANDGRAD_KERNELS_CPU_STEPS_MLP_H

#include "kernels/cpu/steps/step.h"

/* What one thread owns: some of the hidden units, in panels (kernels.h), with all their weights. Of the output bias
 * every thread keeps a copy and updates it in the same way. */
struct hg_mlp_share {
    size_t first,
        vectors; /* of hidden units, in vectors; a team with more threads than vectors leaves some with none */
    struct hg_tiles tiles;
    struct hg_tensor w1, b1, w2, b2; /* panels of [features][width], [1][width], [classes][width]; [classes] */
    float *h, *slope;                /* panels of [capacity][width]: Swish and Swish'; the slope becomes the gradient */
    float *dz;                       /* [classes][capacity] */
    uint8_t *labels;                 /* [capacity + the longest vector] */
    struct hg_score score;
};

struct hg_mlp {
    struct hg_whole_step step;
    struct hg_mlp_share *shares; /* [threads] */
    float *logits;               /* [2][threads][classes][capacity]: partial logits, double-buffered (mlp_train.c) */
};

/* Panel p of the hg_panel_count(share->vectors) that a thread's hidden units are cut into. */
static inline struct hg_panel hg_mlp_panel(const struct hg_mlp *mlp, const struct hg_mlp_share *share, size_t p)
{
    return hg_panel_of(share->vectors, mlp->step.lanes, p);
}

/* Work of one thread (struct hg_mlp *). */
void hg_mlp_train_thread(void *mlp, int thread);
void hg_mlp_forward_thread(void *mlp, int thread);

#endif
