/* The whole training step of the tied autoencoder: docs/MATH.md, section A. With the weights e, d of the gradient's two
 * paths, Z = X W^T and the reconstructions R = Z W,
 *
 *     gradient = d Z^T R / B + Y^T X,     Y = (e R W^T - (e + d) Z) / B
 *
 * so X enters twice, sparsely both times: in Z (sparse_forward.c) and in Y^T X (sparse_backward.c). What lies between
 * the two is dense, and comes in two forms, of which the step takes the one with fewer multiply-adds (autoencoder.c).
 * One makes R, in three products of B x m x D: autoencoder_outputs.c. The other never does, because R W^T = Z G and
 * Z^T R = B S W with G = W W^T and S = Z^T Z / B: autoencoder_moments.c. Each thread owns some of the features, so no
 * part of W is shared. What one thread does with one chunk of samples:
 *
 *     its features:   its part of Z = X W^T                                  ---- barrier ----
 *     its samples:    Z = sum of parts
 *     either form:    Y and the loss; has barriers of its own                ---- barrier ----
 *     its features:   W -= rate (d Z^T R / B + Y^T X), 64 rows at a time
 *
 * Multiply-adds, 784 x 64, B = 128: sparse 19,200 x 64 x 2 = 2.5 M, dense 5.9 M (autoencoder_moments.c). Together 8.4 M
 * or 525,000 cycles of two 8-lane FMA units; with dense products throughout, (A13), they are 18 M. */
#include <string.h>

#include "kernels/cpu/steps/autoencoder.h"

/* ---- its features: parts of Z ---- */

static void latent_part(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share)
{
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        ae->step.cpu->kernels->sparse_forward(&share->tiles, panel.vectors,
                                              share->w.values + hg_panel_row(panel, share->features, 0), NULL,
                                              share->z + hg_panel_row(panel, ae->step.capacity, 0));
    }
}

/* ---- its samples: the sum of the threads' parts ---- */

static void sum_latent(struct hg_autoencoder *ae, struct hg_range samples)
{
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        const size_t begin = hg_panel_row(panel, ae->step.capacity, samples.begin);
        const size_t end = hg_panel_row(panel, ae->step.capacity, samples.end);
        memcpy(ae->z + begin, ae->shares[0].z + begin, (end - begin) * sizeof *ae->z);
        for (int k = 1; k < ae->step.threads; ++k)
            for (size_t i = begin; i < end; ++i)
                ae->z[i] += ae->shares[k].z[i];
    }
}

/* ---- its features: the update ---- */

/* The weights of a tile of features: Y^T X pass by pass, and the dense part with the last pass. */
static void update_tile(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                        const struct hg_chunk *chunk, struct hg_range features, bool dense)
{
    const size_t tiles = hg_tile_count(share->tiles.rows), passes = hg_pass_count(tiles);
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        const float *y = ae->y + hg_panel_row(panel, ae->step.capacity, 0);
        for (size_t pass = 0; pass < passes; ++pass) {
            const bool first = chunk->first && pass == 0, last = chunk->last && pass + 1 == passes;
            struct hg_descent descent =
                hg_descent_of(&ae->step, chunk, first, last, &share->w, hg_panel_row(panel, share->features, 0));
            if (last && dense)
                descent.dense = share->dense + hg_panel_row(panel, HG_TILE, 0);
            const struct hg_tiles_part part = {hg_pass_range(tiles, pass), features};
            ae->step.cpu->kernels->sparse_backward(&share->tiles, part, panel.vectors, y, &descent);
        }
    }
}

static void update(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share, const struct hg_chunk *chunk)
{
    const struct hg_samples *samples = &ae->step.data->samples;
    const float decoder = hg_gradient_factor(&ae->step, chunk) * ae->step.spec.decoder;
    const bool dense = chunk->last && ae->step.spec.decoder != 0;
    ae->step.cpu->kernels->tiles_turn(&share->tiles);
    for (size_t t = 0; t < share->tiles.words; ++t) {
        const struct hg_range features = hg_tile_range(share->features, t);
        hg_prefetch_rows(chunk, samples, share->first, share->features, t, share->tiles.words);
        if (dense && ae->outputs)
            hg_autoencoder_outputs_decode(ae, share, features, chunk->rows, decoder / (float)chunk->batch);
        else if (dense)
            hg_autoencoder_moments_decode(ae, share, features, decoder);
        update_tile(ae, share, chunk, features, dense);
    }
}

/* ---- the work of one thread ---- */

/* Z for the thread's samples. */
static void latent_codes(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk,
                         const struct hg_samples *samples)
{
    struct hg_autoencoder_share *share = &ae->shares[thread];
    hg_gather_chunk(ae->step.cpu->kernels, &share->tiles, chunk, samples, share->first);
    latent_part(ae, share);
    hg_team_barrier(ae->step.cpu->team);
    sum_latent(ae, hg_thread_range(&ae->step, chunk->rows, 1, thread));
}

/* The loss's ||X||^2 / 2, over the thread's features. */
static void add_squares(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share)
{
    share->loss += (double)ae->step.cpu->kernels->tiles_squares(&share->tiles) / (2 * 255.0 * 255.0);
}

/* All of Z and G, and the thread's part of S. */
static void moments(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk,
                    const struct hg_samples *samples)
{
    if (chunk->first)
        hg_autoencoder_moments_of_weights(ae, thread);
    latent_codes(ae, thread, chunk, samples);
    add_squares(ae, &ae->shares[thread]);
    hg_autoencoder_moments_of_codes(ae, thread, chunk);
}

static void step_by_outputs(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk, float scale)
{
    struct hg_cpu *cpu = ae->step.cpu;
    struct hg_autoencoder_share *share = &ae->shares[thread];
    hg_whole_step_phase(cpu, thread, HG_PHASE_FORWARD);
    latent_codes(ae, thread, chunk, &ae->step.data->samples);
    add_squares(ae, share);
    hg_autoencoder_outputs_turn(ae, thread, chunk->rows);
    hg_team_barrier(cpu->team);
    hg_whole_step_phase(cpu, thread, HG_PHASE_BACKWARD);
    hg_autoencoder_outputs_reconstruct(ae, share, chunk->rows);
    hg_team_barrier(cpu->team);
    hg_autoencoder_outputs_project(ae, thread, chunk->rows, scale);
    hg_team_barrier(cpu->team);
}

static void step_by_moments(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk, float scale)
{
    struct hg_cpu *cpu = ae->step.cpu;
    hg_whole_step_phase(cpu, thread, HG_PHASE_FORWARD);
    moments(ae, thread, chunk, &ae->step.data->samples);
    hg_whole_step_phase(cpu, thread, HG_PHASE_BACKWARD);
    hg_autoencoder_moments_project(ae, thread, chunk, scale);
    if (chunk->last)
        hg_autoencoder_moments_of_batch(ae, thread, chunk->batch);
    else
        hg_team_barrier(cpu->team);
}

void hg_autoencoder_train_thread(void *argument, int thread)
{
    struct hg_autoencoder *ae = argument;
    struct hg_chunks chunks = hg_chunks_of(&ae->step);
    struct hg_chunk chunk;
    while (hg_chunks_next(&chunks, &chunk)) {
        const float scale = hg_gradient_factor(&ae->step, &chunk) / (float)chunk.batch;
        (ae->outputs ? step_by_outputs : step_by_moments)(ae, thread, &chunk, scale);
        hg_whole_step_phase(ae->step.cpu, thread, HG_PHASE_UPDATE);
        update(ae, &ae->shares[thread], &chunk);
    }
    hg_whole_step_phase(ae->step.cpu, thread, HG_PHASE_NONE);
}

void hg_autoencoder_evaluate_thread(void *argument, int thread)
{
    struct hg_autoencoder *ae = argument;
    const struct hg_forward_call *call = &ae->step.call;
    struct hg_chunk chunk;
    for (size_t done = 0; hg_forward_next(call, ae->step.capacity, &done, &chunk);)
        moments(ae, thread, &chunk, &call->data->samples);
    hg_autoencoder_moments_of_batch(ae, thread, call->count);
}

void hg_autoencoder_forward_thread(void *argument, int thread)
{
    struct hg_autoencoder *ae = argument;
    const struct hg_forward_call *call = &ae->step.call;
    const size_t hidden = ae->step.spec.hidden, capacity = ae->step.capacity;
    struct hg_chunk chunk;
    for (size_t done = 0; hg_forward_next(call, capacity, &done, &chunk);) {
        latent_codes(ae, thread, &chunk, &call->data->samples);
        const struct hg_range own = hg_thread_range(&ae->step, chunk.rows, 1, thread);
        for (size_t b = own.begin; b < own.end; ++b) {
            float *to = call->out + (chunk.start - call->first + b) * hidden;
            for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
                const struct hg_panel panel = hg_autoencoder_panel(ae, p);
                const size_t count = hidden - panel.begin < panel.width ? hidden - panel.begin : panel.width;
                memcpy(to + panel.begin, ae->z + hg_panel_row(panel, capacity, b), count * sizeof *to);
            }
        }
        hg_team_barrier(ae->step.cpu->team);
    }
}
