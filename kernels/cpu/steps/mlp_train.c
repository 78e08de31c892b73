/* The whole training step of the MLP. One chunk of samples, seen by one member of the team:
 *
 *     gather its samples' pixels, mark the nonzero ones        all samples; every member for itself
 *     for each panel of its hidden units                       its columns of W1: they stay in its second-level cache
 *         h, slope = Swish, Swish' (X W1^T + b1)
 *         partial logits of the panel, added up
 *     ---- barrier: the only one of the step ----
 *     logits = b2 + sum of all members' partial logits         8 KB from each other member
 *     dz = softmax - onehot                                    every member for itself: cheaper than a second barrier
 *     for each panel
 *         g = slope * (dz W2); update b1, W2
 *         update W1 with X^T g
 *     update its own copy of b2
 *
 * Partial logits alternate between two buffers: a member that is ahead writes those of the next chunk while another
 * still reads these; it cannot be two ahead, because of the barrier. Nothing else is shared, and every sum is taken in
 * an order that depends on the sizes and the number of members alone. */
#include <string.h>

#include "kernels/cpu/steps/mlp.h"

/* Samples that one pass of sparse_backward sums up before it touches the weights: their gradients fill the L1 cache. */
enum { PASS_TILES = 2 };

static float *partial_logits(const struct hg_mlp *mlp, size_t parity, int member)
{
    return mlp->logits + (parity * (size_t)mlp->members + (size_t)member) * mlp->step.spec.classes * mlp->step.capacity;
}

/* Hidden activations and partial logits of a chunk that is in share->tiles. */
static void forward(const struct hg_mlp *mlp, struct hg_mlp_share *share, bool slope, float *logits)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const size_t features = mlp->step.spec.features, classes = mlp->step.spec.classes, capacity = mlp->step.capacity;
    for (size_t p = 0; p < hg_panels(share->vectors); ++p) {
        const size_t begin = hg_panel_begin(share->vectors, p) * mlp->lanes;
        const size_t vectors = hg_panel_begin(share->vectors, p + 1) - hg_panel_begin(share->vectors, p);
        float *h = share->h + begin * capacity;
        k->sparse_swish(&share->tiles, vectors, share->w1.values + begin * features, share->b1.values + begin, h,
                        slope ? share->slope + begin * capacity : NULL);
        k->head_logits(share->tiles.rows, vectors, h, classes, share->w2.values + begin * classes, p > 0, logits,
                       capacity);
    }
}

/* Softmax over the samples first ... last - 1; the member counts losses and answers of its own share of them. */
static void softmax(const struct hg_mlp *mlp, struct hg_mlp_share *share, int member, size_t parity, float scale,
                    bool gradient)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const size_t classes = mlp->step.spec.classes, capacity = mlp->step.capacity, rows = share->tiles.rows;
    const size_t own = hg_cpu_share(rows, mlp->lanes, member, mlp->members);
    const size_t own_end = hg_cpu_share(rows, mlp->lanes, member + 1, mlp->members);
    const size_t bounds[] = {0, own, own_end, rows};
    for (int range = 0; range < 3; ++range) {
        const bool counted = range == 1;
        if (counted || gradient)
            k->head_softmax(bounds[range], bounds[range + 1], classes, partial_logits(mlp, parity, 0),
                            (size_t)mlp->members, classes * capacity, capacity, share->b2.values, share->labels, scale,
                            gradient ? share->dz : NULL, counted ? &share->loss : NULL, &share->correct);
    }
}

/* How a part of a batch's gradient enters a tensor: the parts come in order, `first` and `last` mark the ends. */
static struct hg_descent descent_of(const struct hg_mlp *mlp, const struct hg_chunk *chunk, bool first, bool last)
{
    const struct hg_network_spec *spec = &mlp->step.spec;
    if (mlp->step.single)
        return (struct hg_descent){.kind = HG_ADD, .decay = first ? chunk->rate * spec->weight_decay : 0};
    if (last)
        return (struct hg_descent){.kind = HG_SGD,
                                   .rate = chunk->rate,
                                   .momentum = spec->momentum,
                                   .weight_decay = spec->weight_decay,
                                   .nesterov = spec->nesterov};
    return (struct hg_descent){.kind = first ? HG_STORE : HG_ADD};
}

/* The arrays of a descent, from `at` on. */
static struct hg_descent_rows rows_of(const struct hg_mlp_tensor *tensor, const struct hg_descent *descent,
                                      bool to_weights, bool first, size_t at)
{
    struct hg_descent_rows rows = {.target = (to_weights ? tensor->values : tensor->gradient) + at};
    if (descent->kind == HG_SGD) {
        rows.velocity = tensor->velocity ? tensor->velocity + at : NULL;
        rows.earlier = first ? NULL : tensor->gradient + at;
    }
    return rows;
}

/* Panel p of W1. In between, the rows of the next chunk are asked for, a few at a time: all at once they would wait for
 * each other. */
static void update_first_layer(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk,
                               size_t p)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const struct hg_samples *samples = &mlp->step.data->samples;
    const size_t features = samples->features, words = share->tiles.words;
    const size_t begin = hg_panel_begin(share->vectors, p) * mlp->lanes;
    const size_t vectors = hg_panel_begin(share->vectors, p + 1) - hg_panel_begin(share->vectors, p);
    const size_t tiles = (share->tiles.rows + HG_TILE - 1) / HG_TILE;
    const size_t passes = (tiles + PASS_TILES - 1) / PASS_TILES, parts = hg_panels(share->vectors) * passes * words;
    for (size_t pass = 0; pass < passes; ++pass) {
        const size_t tile = pass * PASS_TILES, left = tiles - tile, count = left < PASS_TILES ? left : PASS_TILES;
        const bool first = chunk->first && pass == 0, last = chunk->last && pass + 1 == passes;
        const struct hg_descent descent = descent_of(mlp, chunk, first, last);
        const struct hg_descent_rows rows =
            rows_of(&share->w1, &descent, mlp->step.single || last, first, begin * features);
        for (size_t t = 0; t < words; ++t) {
            const size_t end = (t + 1) * HG_TILE < features ? (t + 1) * HG_TILE : features;
            hg_prefetch_rows(chunk, samples, 0, features, (p * passes + pass) * words + t, parts);
            k->sparse_backward(&share->tiles, tile, count, t * HG_TILE, end, vectors,
                               share->slope + begin * mlp->step.capacity, &descent, &rows);
        }
    }
}

/* The output bias: one float a class, so no vectors. */
static void update_output_bias(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk)
{
    const struct hg_descent d = descent_of(mlp, chunk, chunk->first, chunk->last);
    struct hg_mlp_tensor *t = &share->b2;
    for (size_t c = 0; c < mlp->step.spec.classes; ++c) {
        float sum = 0;
        for (size_t b = 0; b < share->tiles.rows; ++b)
            sum += share->dz[c * mlp->step.capacity + b];
        if (mlp->step.single) {
            t->values[c] += sum - d.decay * t->values[c];
            continue;
        }
        if (!chunk->first)
            sum += t->gradient[c];
        if (!chunk->last) {
            t->gradient[c] = sum;
            continue;
        }
        const float g = sum + d.weight_decay * t->values[c];
        float step = g;
        if (t->velocity) {
            t->velocity[c] = d.momentum * t->velocity[c] + g;
            step = d.nesterov ? g + d.momentum * t->velocity[c] : t->velocity[c];
        }
        t->values[c] -= d.rate * step;
    }
}

static void backward(const struct hg_mlp *mlp, struct hg_mlp_share *share, const struct hg_chunk *chunk)
{
    const struct hg_cpu_kernels *k = mlp->step.cpu->kernels;
    const size_t classes = mlp->step.spec.classes, capacity = mlp->step.capacity, panels = hg_panels(share->vectors);
    const struct hg_descent descent = descent_of(mlp, chunk, chunk->first, chunk->last);
    const bool to_weights = mlp->step.single || chunk->last;
    k->tiles_turn(&share->tiles);
    for (size_t p = 0; p < panels; ++p) {
        const size_t begin = hg_panel_begin(share->vectors, p) * mlp->lanes;
        const size_t vectors = hg_panel_begin(share->vectors, p + 1) - hg_panel_begin(share->vectors, p);
        const struct hg_descent_rows w2 = rows_of(&share->w2, &descent, to_weights, chunk->first, begin * classes);
        const struct hg_descent_rows b1 = rows_of(&share->b1, &descent, to_weights, chunk->first, begin);
        k->head_backward(share->tiles.rows, vectors, share->h + begin * capacity, share->slope + begin * capacity,
                         classes, share->dz, capacity, share->w2.values + begin * classes, &descent, &w2, &b1);
        update_first_layer(mlp, share, chunk, p);
    }
    update_output_bias(mlp, share, chunk);
}

static void load_labels(struct hg_mlp_share *share, const struct hg_chunk *chunk, const struct hg_samples *samples)
{
    for (size_t b = 0; b < chunk->rows; ++b)
        share->labels[b] = samples->labels[chunk->order ? chunk->order[b] : chunk->start + b];
}

void hg_mlp_train_member(void *argument, int member)
{
    const struct hg_mlp *mlp = argument;
    const struct hg_whole_step *step = &mlp->step;
    struct hg_mlp_share *share = &mlp->shares[member];
    const struct hg_samples *samples = &step->data->samples;
    struct hg_chunks chunks = hg_chunks_of(step);
    struct hg_chunk chunk;
    for (size_t parity = 0; hg_chunks_next(&chunks, &chunk); parity ^= 1) {
        hg_whole_step_phase(step, member, HG_PHASE_DATA);
        hg_gather_chunk(step->cpu->kernels, &share->tiles, &chunk, samples, 0);
        load_labels(share, &chunk, samples);
        hg_whole_step_phase(step, member, HG_PHASE_FORWARD);
        forward(mlp, share, true, partial_logits(mlp, parity, member));
        hg_team_barrier(step->cpu->team);
        hg_whole_step_phase(step, member, HG_PHASE_BACKWARD);
        softmax(mlp, share, member, parity, (step->single ? -chunk.rate : 1) / (float)chunk.batch, true);
        backward(mlp, share, &chunk);
    }
    hg_whole_step_phase(step, member, HG_PHASE_NONE);
}

/* Logits of the member's share of a chunk's samples, sample by sample. */
static void write_logits(const struct hg_mlp *mlp, const struct hg_mlp_share *share, int member, size_t parity,
                         float *out)
{
    const size_t classes = mlp->step.spec.classes, capacity = mlp->step.capacity, rows = share->tiles.rows;
    const size_t end = hg_cpu_share(rows, 1, member + 1, mlp->members);
    for (size_t b = hg_cpu_share(rows, 1, member, mlp->members); b < end; ++b) {
        for (size_t c = 0; c < classes; ++c) {
            float sum = share->b2.values[c];
            for (int part = 0; part < mlp->members; ++part)
                sum += partial_logits(mlp, parity, part)[c * capacity + b];
            out[b * classes + c] = sum;
        }
    }
}

void hg_mlp_forward_member(void *argument, int member)
{
    const struct hg_mlp *mlp = argument;
    const struct hg_whole_step *step = &mlp->step;
    struct hg_mlp_share *share = &mlp->shares[member];
    const struct hg_samples *samples = &mlp->data->samples;
    const size_t end = mlp->first + mlp->count;
    size_t parity = 0;
    for (size_t first = mlp->first; first < end; first += step->capacity, parity ^= 1) {
        const size_t rows = end - first < step->capacity ? end - first : step->capacity;
        const struct hg_chunk chunk = {.start = first, .rows = rows};
        hg_gather_chunk(step->cpu->kernels, &share->tiles, &chunk, samples, 0);
        forward(mlp, share, false, partial_logits(mlp, parity, member));
        hg_team_barrier(step->cpu->team);
        if (mlp->out) {
            write_logits(mlp, share, member, parity, mlp->out + (first - mlp->first) * step->spec.classes);
        } else {
            load_labels(share, &chunk, samples);
            softmax(mlp, share, member, parity, 0, false);
        }
    }
}
