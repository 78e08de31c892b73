/* The whole training step of the tied autoencoder: docs/MATH.md, section A. With the weights e, d of the gradient's two
 * paths, Z = X W^T and the reconstructions R = Z W,
 *
 *     gradient = d Z^T R / B + Y^T X,     Y = (e R W^T - (e + d) Z) / B
 *
 * so that X enters twice, and both times sparsely: Z (sparse_forward.c), Y^T X (sparse_backward.c). What is between
 * them is dense, and comes in two forms, of which the step takes the one with fewer multiply-adds (autoencoder.c).
 * Either R is made, in three products of B x m x D: autoencoder_outputs.c. Or it never is, R W^T = Z G and Z^T R = B S
 * W with G = W W^T and S = Z^T Z / B: autoencoder_moments.c. Members own features, so W is never shared:
 *
 *     its features:   Z part = X W^T                                         ---- barrier ----
 *     its samples:    Z = sum of parts
 *     either form:    Y, the loss; may wait for others                       ---- barrier ----
 *     its features:   W -= rate (d Z^T R / B + Y^T X), 64 rows at a time
 *
 * Multiply-adds, 784 x 64, B = 128: sparse 19,200 x 64 x 2 = 2.5 M, dense 5.9 M (autoencoder_moments.c). Together 8.4 M
 * or 525,000 cycles of two 8-lane FMA units; the dense residual-free step has 18 M. */
#include <string.h>

#include "kernels/cpu/steps/autoencoder.h"

/* As in mlp_train.c. */
enum { PASS_TILES = 2 };

/* ---- its features: parts of Z ---- */

static void latent_part(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share)
{
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        ae->step.cpu->kernels->sparse_forward(&share->tiles, panel.vectors, share->w + panel.begin * share->features,
                                              NULL, share->z + panel.begin * ae->step.capacity);
    }
}

/* ---- sums of the members' parts ---- */

static void sum_latent(const struct hg_autoencoder *ae, struct hg_range samples)
{
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        const size_t start = panel.begin * ae->step.capacity;
        const size_t begin = start + samples.begin * panel.width, end = start + samples.end * panel.width;
        memcpy(ae->z + begin, ae->shares[0].z + begin, (end - begin) * sizeof *ae->z);
        for (int k = 1; k < ae->members; ++k)
            for (size_t i = begin; i < end; ++i)
                ae->z[i] += ae->shares[k].z[i];
    }
}

/* ---- its features: the update ---- */

static void update_rows(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                        const struct hg_chunk *chunk, struct hg_range rows, bool dense)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const bool single = ae->step.single;
    const size_t tiles = (share->tiles.rows + HG_TILE - 1) / HG_TILE;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        const size_t at = panel.begin * share->features;
        for (size_t tile = 0; tile < tiles; tile += PASS_TILES) {
            const size_t count = tiles - tile < PASS_TILES ? tiles - tile : PASS_TILES;
            const bool first = chunk->first && tile == 0, last = chunk->last && tile + count == tiles;
            struct hg_descent descent = {.kind = single || !first ? HG_ADD : HG_STORE};
            struct hg_descent_rows arrays = {.target = (single || last ? share->w : share->gradient) + at};
            if (single && first)
                descent.decay = chunk->rate * spec->weight_decay;
            if (!single && last) {
                descent = (struct hg_descent){.kind = HG_SGD,
                                              .rate = chunk->rate,
                                              .momentum = spec->momentum,
                                              .weight_decay = spec->weight_decay,
                                              .nesterov = spec->nesterov};
                arrays.velocity = share->velocity ? share->velocity + at : NULL;
                arrays.earlier = first ? NULL : share->gradient + at;
            }
            if (last && dense)
                arrays.dense = share->dense + panel.begin * HG_TILE;
            ae->step.cpu->kernels->sparse_backward(&share->tiles, tile, count, rows.begin, rows.end, panel.vectors,
                                                   ae->y + panel.begin * ae->step.capacity, &descent, &arrays);
        }
    }
}

static void update(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share, const struct hg_chunk *chunk,
                   float scale)
{
    const struct hg_samples *samples = &ae->step.data->samples;
    const float decoder = ae->step.spec.decoder;
    const bool dense = chunk->last && decoder != 0;
    ae->step.cpu->kernels->tiles_turn(&share->tiles);
    for (size_t t = 0; t < share->tiles.words; ++t) {
        const size_t begin = t * HG_TILE;
        const size_t end = begin + HG_TILE < share->features ? begin + HG_TILE : share->features;
        const struct hg_range rows = {begin, end};
        hg_prefetch_rows(chunk, samples, share->first, share->features, t, share->tiles.words);
        if (dense && ae->outputs)
            hg_autoencoder_outputs_decode(ae, share, rows, chunk->rows, scale * decoder / (float)chunk->batch);
        else if (dense)
            hg_autoencoder_moments_decode(ae, share, rows, scale * decoder);
        update_rows(ae, share, chunk, rows, dense);
    }
}

/* ---- the members' work ---- */

/* The member's samples of Z. */
static void latent_codes(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk,
                         const struct hg_samples *samples)
{
    struct hg_autoencoder_share *share = &ae->shares[member];
    hg_gather_chunk(ae->step.cpu->kernels, &share->tiles, chunk, samples, share->first);
    latent_part(ae, share);
    hg_team_barrier(ae->step.cpu->team);
    sum_latent(ae, hg_autoencoder_share_of(ae, chunk->rows, member));
}

static void add_squares(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share)
{
    share->loss += (double)ae->step.cpu->kernels->tiles_squares(&share->tiles) / (2 * 255.0 * 255.0);
}

/* All of Z and G, and the member's part of S. */
static void moments(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk,
                    const struct hg_samples *samples)
{
    if (chunk->first)
        hg_autoencoder_moments_of_weights(ae, member);
    latent_codes(ae, member, chunk, samples);
    add_squares(ae, &ae->shares[member]);
    hg_autoencoder_moments_of_codes(ae, member, chunk);
}

static void step_by_outputs(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk, float scale)
{
    const struct hg_whole_step *step = &ae->step;
    hg_whole_step_phase(step, member, HG_PHASE_FORWARD);
    latent_codes(ae, member, chunk, &step->data->samples);
    add_squares(ae, &ae->shares[member]);
    hg_autoencoder_outputs_turn(ae, member, chunk->rows);
    hg_team_barrier(step->cpu->team);
    hg_whole_step_phase(step, member, HG_PHASE_BACKWARD);
    hg_autoencoder_outputs_reconstruct(ae, &ae->shares[member], chunk->rows);
    hg_team_barrier(step->cpu->team);
    hg_autoencoder_outputs_project(ae, member, chunk->rows, scale / (float)chunk->batch);
    hg_team_barrier(step->cpu->team);
}

static void step_by_moments(const struct hg_autoencoder *ae, int member, const struct hg_chunk *chunk, float scale)
{
    const struct hg_whole_step *step = &ae->step;
    hg_whole_step_phase(step, member, HG_PHASE_FORWARD);
    moments(ae, member, chunk, &step->data->samples);
    hg_whole_step_phase(step, member, HG_PHASE_BACKWARD);
    hg_autoencoder_moments_project(ae, member, chunk, scale / (float)chunk->batch);
    if (chunk->last)
        hg_autoencoder_moments_of_batch(ae, member, chunk->batch);
    else
        hg_team_barrier(step->cpu->team);
}

void hg_autoencoder_train_member(void *argument, int member)
{
    const struct hg_autoencoder *ae = argument;
    const struct hg_whole_step *step = &ae->step;
    struct hg_chunks chunks = hg_chunks_of(step);
    struct hg_chunk chunk;
    while (hg_chunks_next(&chunks, &chunk)) {
        const float scale = step->single ? -chunk.rate : 1;
        (ae->outputs ? step_by_outputs : step_by_moments)(ae, member, &chunk, scale);
        hg_whole_step_phase(step, member, HG_PHASE_UPDATE);
        update(ae, &ae->shares[member], &chunk, scale);
    }
    hg_whole_step_phase(step, member, HG_PHASE_NONE);
}

/* The next chunk of evaluate or forward, which counts as one batch; false when there is none. */
static bool next_rows(const struct hg_autoencoder *ae, size_t *done, struct hg_chunk *chunk)
{
    if (*done == ae->count)
        return false;
    const size_t left = ae->count - *done, capacity = ae->step.capacity;
    *chunk = (struct hg_chunk){
        .start = ae->first + *done, .rows = left < capacity ? left : capacity, .batch = ae->count, .first = *done == 0};
    *done += chunk->rows;
    return true;
}

void hg_autoencoder_evaluate_member(void *argument, int member)
{
    const struct hg_autoencoder *ae = argument;
    struct hg_chunk chunk;
    for (size_t done = 0; next_rows(ae, &done, &chunk);)
        moments(ae, member, &chunk, &ae->data->samples);
    hg_autoencoder_moments_of_batch(ae, member, ae->count);
}

void hg_autoencoder_forward_member(void *argument, int member)
{
    const struct hg_autoencoder *ae = argument;
    const struct hg_whole_step *step = &ae->step;
    const size_t hidden = step->spec.hidden;
    struct hg_chunk chunk;
    for (size_t done = 0; next_rows(ae, &done, &chunk);) {
        latent_codes(ae, member, &chunk, &ae->data->samples);
        const struct hg_range own = hg_autoencoder_share_of(ae, chunk.rows, member);
        for (size_t b = own.begin; b < own.end; ++b) {
            float *to = ae->out + (chunk.start - ae->first + b) * hidden;
            for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
                const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
                const size_t count = hidden - panel.begin < panel.width ? hidden - panel.begin : panel.width;
                memcpy(to + panel.begin, ae->z + panel.begin * step->capacity + b * panel.width, count * sizeof *to);
            }
        }
        hg_team_barrier(step->cpu->team);
    }
}
