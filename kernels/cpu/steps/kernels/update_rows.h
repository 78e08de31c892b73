/* How a finished sum of gradients, one row of a panel in registers, enters the weights: kernels.h, struct hg_descent.
 */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_KERNELS_UPDATE_ROWS_H
#define HANDGRAD_KERNELS_CPU_STEPS_KERNELS_UPDATE_ROWS_H

#include "kernels/cpu/steps/kernels/kernels.h"

/* Row `row` of the panel; dense_row is its place in rows->dense. `vectors` is a constant where this is inlined. */
HG_INLINE void hg_descend(const struct hg_descent *descent, const struct hg_descent_rows *rows, size_t row,
                          size_t dense_row, const size_t vectors, hg_vec sum[HG_PANEL])
{
    const size_t width = vectors * HG_LANES;
    float *target = rows->target + row * width;
    if (rows->dense)
        for (size_t v = 0; v < vectors; ++v)
            sum[v] += hg_load(rows->dense + dense_row * width + v * HG_LANES);
    if (descent->kind == HG_ADD) {
        const hg_vec decay = hg_splat(-descent->decay);
        if (descent->decay != 0)
            for (size_t v = 0; v < vectors; ++v)
                sum[v] = hg_fma(decay, hg_load(target + v * HG_LANES), sum[v]);
        for (size_t v = 0; v < vectors; ++v)
            hg_store(target + v * HG_LANES, hg_load(target + v * HG_LANES) + sum[v]);
        return;
    }
    if (descent->kind == HG_STORE) {
        for (size_t v = 0; v < vectors; ++v)
            hg_store(target + v * HG_LANES, sum[v]);
        return;
    }
    /* Kept in registers: the compiler cannot know that no store below changes *descent. */
    const hg_vec momentum = hg_splat(descent->momentum), weight_decay = hg_splat(descent->weight_decay);
    const hg_vec rate = hg_splat(-descent->rate);
    const bool nesterov = descent->nesterov;
    for (size_t v = 0; v < vectors; ++v) {
        const size_t at = row * width + v * HG_LANES;
        const hg_vec w = hg_load(rows->target + at);
        hg_vec g = sum[v];
        if (rows->earlier)
            g += hg_load(rows->earlier + at);
        g = hg_fma(weight_decay, w, g);
        hg_vec step = g;
        if (rows->velocity) {
            const hg_vec velocity = hg_fma(momentum, hg_load(rows->velocity + at), g);
            hg_store(rows->velocity + at, velocity);
            step = nesterov ? hg_fma(momentum, velocity, g) : velocity;
        }
        hg_store(rows->target + at, hg_fma(rate, step, w));
    }
}

#endif
