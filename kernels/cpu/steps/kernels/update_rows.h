/* The fused update: a finished sum of gradients goes from registers straight into the weights. This file is the only
 * place in steps/ that knows how (kernels.h, struct hg_descent): once for a row of a panel, in vectors, and once for a
 * single float, which the few output biases are. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_KERNELS_UPDATE_ROWS_H
#define HANDGRAD_KERNELS_CPU_STEPS_KERNELS_UPDATE_ROWS_H

#include "kernels/cpu/steps/kernels/kernels.h"

/* Element `at` of the tensor. */
static inline void hg_descend_one(const struct hg_descent *descent, size_t at, float sum)
{
    float *w = descent->target + at;
    if (descent->kind == HG_ADD) {
        *w += sum - descent->decay * *w;
        return;
    }
    if (descent->kind == HG_STORE) {
        *w = sum;
        return;
    }
    if (descent->earlier)
        sum += descent->earlier[at];
    const float g = descent->gain * sum + descent->weight_decay * *w;
    float step = g;
    if (descent->velocity) {
        const float velocity = descent->momentum * descent->velocity[at] + g;
        descent->velocity[at] = velocity;
        step = descent->nesterov ? g + descent->momentum * velocity : velocity;
    }
    *w -= descent->rate * step;
}

#ifdef HG_ISA_NAME

/* Row `row` of the panel; dense_row is its row in descent->dense. `vectors` is a constant where this is inlined. */
HG_INLINE void hg_descend(const struct hg_descent *descent, size_t row, size_t dense_row, const size_t vectors,
                          hg_vec sum[HG_PANEL])
{
    const size_t width = vectors * HG_LANES;
    float *target = descent->target + row * width;
    if (descent->dense)
        for (size_t v = 0; v < vectors; ++v)
            sum[v] += hg_load(descent->dense + dense_row * width + v * HG_LANES);
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
    const hg_vec rate = hg_splat(-descent->rate), gain = hg_splat(descent->gain);
    const bool nesterov = descent->nesterov;
    for (size_t v = 0; v < vectors; ++v) {
        const size_t at = row * width + v * HG_LANES;
        const hg_vec w = hg_load(descent->target + at);
        hg_vec g = sum[v];
        if (descent->earlier)
            g += hg_load(descent->earlier + at);
        g = hg_fma(weight_decay, w, gain * g);
        hg_vec step = g;
        if (descent->velocity) {
            const hg_vec velocity = hg_fma(momentum, hg_load(descent->velocity + at), g);
            hg_store(descent->velocity + at, velocity);
            step = nesterov ? hg_fma(momentum, velocity, g) : velocity;
        }
        hg_store(descent->target + at, hg_fma(rate, step, w));
    }
}

#endif
#endif
