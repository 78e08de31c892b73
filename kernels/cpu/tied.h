/* Inside of the whole-step tied autoencoder: tied.c sets it up, tied_step.c runs it. */
#ifndef HANDGRAD_CPU_TIED_H
#define HANDGRAD_CPU_TIED_H

#include "whole_step.h"

/* What one member of the team owns: a run of features, balanced by the work they make, and all latent units of them. */
struct hg_tied_share {
    size_t first, features;
    struct hg_tiles tiles;          /* its features of all samples of a chunk */
    float *w, *velocity, *gradient; /* panels of [features][width]; velocity and gradient NULL where not needed */
    float *dense;                   /* panels of [HG_TILE][width]: S W for a tile of features */
    float *z;                       /* panels of [capacity][width]: its features' part of Z = X W^T */
    float *g, *s;                   /* blocks (hg_tied_at): its parts of G = W W^T and S = Z^T Z / B */
    double loss;
};

struct hg_tied {
    struct hg_whole_step step;
    int members;
    size_t lanes, vectors, width; /* latent units in vectors; width = vectors * lanes */
    struct hg_tied_share *shares; /* [members] */
    float *z, *y;                 /* panels of [capacity][width]: all of Z, and Y (tied_step.c) */
    float *g, *s;                 /* blocks: all of G and S */

    /* evaluate and forward: the samples first ... first + count - 1 of `data`. */
    const struct hg_data *data;
    size_t first, count;
    float *out; /* [count][hidden]; NULL: the loss is wanted */
};

/* One panel of latent units: its first unit and its width. */
struct hg_tied_panel {
    size_t begin, width, vectors;
};

static inline size_t hg_tied_panels(const struct hg_tied *tied)
{
    return hg_panels(tied->vectors);
}

static inline struct hg_tied_panel hg_tied_panel(const struct hg_tied *tied, size_t p)
{
    const size_t begin = hg_panel_begin(tied->vectors, p), end = hg_panel_begin(tied->vectors, p + 1);
    return (struct hg_tied_panel){begin * tied->lanes, (end - begin) * tied->lanes, end - begin};
}

/* Square matrices over the latent units are stored in block columns, one a panel: [width][panel's width], so that the
 * block of two panels is contiguous. Place of element (row, 0) of panel q. */
static inline size_t hg_tied_at(const struct hg_tied *tied, size_t row, struct hg_tied_panel q)
{
    return q.begin * tied->width + row * q.width;
}

/* Work of one member (struct hg_tied *). */
void hg_tied_train_member(void *tied, int member);
void hg_tied_evaluate_member(void *tied, int member);
void hg_tied_forward_member(void *tied, int member);

#endif
