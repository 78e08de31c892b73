/* The whole training step of the MLP. What one thread does with one chunk of samples:
 *
 *     gather the samples' pixels, mark the nonzero ones        every thread for itself, all samples
 *     for each panel of its hidden units                       its columns of W1 stay in its second-level cache
 *         h, slope = Swish, Swish' (X W1^T + b1)
 *         add the panel's part to its partial logits
 *     ---- barrier: the only one of the step ----
 *     logits = b2 + sum of all threads' partial logits         8 KB from each other thread
 *     dz = softmax - onehot                                    every thread for itself: cheaper than a second barrier
 *     for each panel
 *         g = slope * (dz W2); update b1, W2
 *         update W1 with X^T g
 *     update its own copy of b2
 *
 * Partial logits are double-buffered: a fast thread may write the next chunk's while a slow one still reads this
 * chunk's. It cannot get two chunks ahead, because of the barrier. Nothing else is shared between threads, and the
 * order of every sum depends on nothing but the sizes and the number of threads. */
#include "kernels/cpu/steps/kernels/update_rows.h"
#include "kernels/cpu/steps/mlp.h"

/* Where a thread's partial logits begin in mlp->logits; `parity` alternates between 0 and 1 from chunk to chunk. */
static size_t partial_logits(const struct hg_mlp *mlp, size_t parity, int thread)
{
    const struct hg_whole_step *step = &mlp->step;
    return (parity * (size_t)step->threads + (size_t)thread) * step->spec.classes * step->capacity;
}

static struct hg_logits all_logits(const struct hg_mlp *mlp, const struct hg_mlp_share *share, size_t parity)
{
    return (struct hg_logits){.values = mlp->logits + partial_logits(mlp, parity, 0),
                              .parts = (size_t)mlp->step.threads,
                              .classes = mlp->step.spec.classes,
                              .stride = mlp->step.capacity,
                              .bias = share->b2.values};
}

static struct hg_head head_of(const struct hg_mlp *mlp, const struct hg_mlp_share *share, struct hg_panel panel)
{
    const size_t classes = mlp->step.spec.classes, capacity = mlp->step.capacity;
    return (struct hg_head){.rows = share->tiles.rows,
                            .classes = classes,
                            .vectors = panel.vectors,
                            .stride = capacity,
                            .h = share->h + hg_panel_row(panel, capacity, 0),
                            .w2 = share->w2.values + hg_panel_row(panel, classes, 0)};
}

/* Hidden activations and partial logits of the chunk that is in share->tiles; Swish' too if `slope`. */
static void forward(const struct hg_mlp *mlp, struct hg_mlp_share *share, bool slope, float *logits)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const size_t features = mlp->step.spec.features, capacity = mlp->step.capacity;
    for (size_t p = 0; p < hg_panel_count(share->vectors); ++p) {
        const struct hg_panel panel = hg_mlp_panel(mlp, share, p);
        const size_t at = hg_panel_row(panel, capacity, 0);
        const struct hg_head head = head_of(mlp, share, panel);
        k->sparse_swish(&share->tiles, panel.vectors, share->w1.values + hg_panel_row(panel, features, 0),
                        share->b1.values + panel.begin, share->h + at, slope ? share->slope + at : NULL);
        k->head_logits(&head, p > 0, logits);
    }
}

/* Softmax of all samples, and its gradient if wanted; losses and correct answers are counted for the thread's own range
 * of samples only, so that the team counts each once. */
static void softmax(const struct hg_mlp *mlp, struct hg_mlp_share *share, int thread, size_t parity, float scale,
                    bool gradient)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const struct hg_logits logits = all_logits(mlp, share, parity);
    const size_t rows = share->tiles.rows;
    const struct hg_range own = hg_thread_range(&mlp->step, rows, mlp->step.lanes, thread);
    k->head_softmax(&logits, own, share->labels, scale, gradient ? share->dz : NULL, &share->score);
    if (!gradient)
        return;
    k->head_softmax(&logits, (struct hg_range){0, own.begin}, share->labels, scale, share->dz, NULL);
    k->head_softmax(&logits, (struct hg_range){own.end, rows}, share->labels, scale, share->dz, NULL);
}

/* One panel of W1, pass by pass. In between, the samples of the next chunk are prefetched a few at a time, since many
 * loads from memory at once would wait for each other. */
static void update_first_layer(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk,
                               size_t p)
{
    const struct hg_samples *samples = &mlp->step.data->samples;
    const struct hg_panel panel = hg_mlp_panel(mlp, share, p);
    const float *g = share->slope + hg_panel_row(panel, mlp->step.capacity, 0);
    const size_t features = samples->features, words = share->tiles.words;
    const size_t tiles = hg_tile_count(share->tiles.rows), passes = hg_pass_count(tiles);
    const size_t parts = hg_panel_count(share->vectors) * passes * words;
    for (size_t pass = 0; pass < passes; ++pass) {
        const bool first = chunk->first && pass == 0, last = chunk->last && pass + 1 == passes;
        struct hg_descent descent =
            hg_descent_of(&mlp->step, chunk, first, last, &share->w1, hg_panel_row(panel, features, 0));
        descent.gain = hg_input_gain(&mlp->step.spec);
        for (size_t t = 0; t < words; ++t) {
            const struct hg_tiles_part part = {hg_pass_range(tiles, pass), hg_tile_range(features, t)};
            hg_prefetch_rows(chunk, samples, 0, features, (p * passes + pass) * words + t, parts);
            mlp->step.cpu->kernels->sparse_backward(&share->tiles, part, panel.vectors, g, &descent);
        }
    }
}

static void update_output_bias(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk)
{
    const struct hg_descent descent = hg_descent_of(&mlp->step, chunk, chunk->first, chunk->last, &share->b2, 0);
    for (size_t c = 0; c < mlp->step.spec.classes; ++c) {
        float sum = 0;
        for (size_t b = 0; b < share->tiles.rows; ++b)
            sum += share->dz[c * mlp->step.capacity + b];
        hg_descend_one(&descent, c, sum);
    }
}

static void backward(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk)
{
    const struct hg_whole_step *step = &mlp->step;
    const struct hg_cpu_kernels *k = step->cpu->kernels;
    k->tiles_turn(&share->tiles);
    for (size_t p = 0; p < hg_panel_count(share->vectors); ++p) {
        const struct hg_panel panel = hg_mlp_panel(mlp, share, p);
        const struct hg_head head = head_of(mlp, share, panel);
        const struct hg_descent w2 = hg_descent_of(step, chunk, chunk->first, chunk->last, &share->w2,
                                                   hg_panel_row(panel, step->spec.classes, 0));
        const struct hg_descent b1 = hg_descent_of(step, chunk, chunk->first, chunk->last, &share->b1, panel.begin);
        k->head_backward(&head, share->dz, share->slope + hg_panel_row(panel, step->capacity, 0), &w2, &b1);
        update_first_layer(mlp, share, chunk, p);
    }
    update_output_bias(mlp, share, chunk);
}

static void load_labels(struct hg_mlp_share *share, const struct hg_chunk *chunk, const struct hg_samples *samples)
{
    for (size_t b = 0; b < chunk->rows; ++b)
        share->labels[b] = samples->labels[chunk->order ? chunk->order[b] : chunk->start + b];
}

void hg_mlp_train_thread(void *argument, int thread)
{
    struct hg_mlp *mlp = argument;
    const struct hg_whole_step *step = &mlp->step;
    struct hg_mlp_share *share = &mlp->shares[thread];
    const struct hg_samples *samples = &step->data->samples;
    struct hg_chunks chunks = hg_chunks_of(step);
    struct hg_chunk chunk;
    for (size_t parity = 0; hg_chunks_next(&chunks, &chunk); parity ^= 1) {
        hg_whole_step_phase(step->cpu, thread, HG_PHASE_DATA);
        hg_gather_chunk(step->cpu->kernels, &share->tiles, &chunk, samples, 0);
        load_labels(share, &chunk, samples);
        hg_whole_step_phase(step->cpu, thread, HG_PHASE_FORWARD);
        forward(mlp, share, true, mlp->logits + partial_logits(mlp, parity, thread));
        hg_team_barrier(step->cpu->team);
        hg_whole_step_phase(step->cpu, thread, HG_PHASE_BACKWARD);
        softmax(mlp, share, thread, parity, hg_gradient_factor(step, &chunk) / (float)chunk.batch, true);
        backward(mlp, share, &chunk);
    }
    hg_whole_step_phase(step->cpu, thread, HG_PHASE_NONE);
}

/* Logits of the thread's range of a chunk's samples, sample by sample. */
static void write_logits(const struct hg_mlp *mlp, const struct hg_mlp_share *share, int thread, size_t parity,
                         float *out)
{
    const struct hg_logits logits = all_logits(mlp, share, parity);
    const struct hg_range own = hg_thread_range(&mlp->step, share->tiles.rows, 1, thread);
    for (size_t b = own.begin; b < own.end; ++b) {
        for (size_t c = 0; c < logits.classes; ++c) {
            float sum = logits.bias[c];
            for (size_t part = 0; part < logits.parts; ++part)
                sum += logits.values[(part * logits.classes + c) * logits.stride + b];
            out[b * logits.classes + c] = sum;
        }
    }
}

void hg_mlp_forward_thread(void *argument, int thread)
{
    struct hg_mlp *mlp = argument;
    const struct hg_whole_step *step = &mlp->step;
    const struct hg_forward_call *call = &step->call;
    struct hg_mlp_share *share = &mlp->shares[thread];
    const struct hg_samples *samples = &call->data->samples;
    struct hg_chunk chunk;
    size_t parity = 0;
    for (size_t done = 0; hg_forward_next(call, step->capacity, &done, &chunk); parity ^= 1) {
        hg_gather_chunk(step->cpu->kernels, &share->tiles, &chunk, samples, 0);
        forward(mlp, share, false, mlp->logits + partial_logits(mlp, parity, thread));
        hg_team_barrier(step->cpu->team);
        if (call->out) {
            write_logits(mlp, share, thread, parity, call->out + (chunk.start - call->first) * step->spec.classes);
        } else {
            load_labels(share, &chunk, samples);
            softmax(mlp, share, thread, parity, 0, false);
        }
    }
}
