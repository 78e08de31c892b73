/* The whole training step of the tied autoencoder in residual-free form: docs/MATH.md, section A. With Z = X W^T,
 * G = W W^T, S = Z^T Z / B and the weights e, d of the gradient's two paths,
 *
 *     gradient = d S W + (e G - (e + d) I) Z^T X / B = d S W + Y^T X,     Y = Z (e G - (e + d) I) / B
 *
 * so that X enters twice, and both times sparsely: Z = X W^T (sparse_forward.c), Y^T X (sparse_backward.c). Multiplying
 * Z by G, B x m x m, replaces multiplying Z^T X by it, m x m x D. Members own features, so W is never shared:
 *
 *     its features:   Z part = X W^T, G part = W W^T                         ---- barrier ----
 *     its samples:    Z = sum of parts; S part = Z^T Z / B
 *     its rows of G:  G = sum of parts                                       ---- barrier ----
 *     its samples:    Y
 *     its rows of S:  S = sum of parts; its share of the loss                ---- barrier ----
 *     its features:   W -= rate (d S W + Y^T X), 64 rows at a time
 *
 * Multiply-adds, 784 x 64, B = 128: sparse 19,200 x 64 x 2 = 2.5 M; G 1.9 M (upper triangle), S W 3.2 M, Y 0.5 M,
 * S 0.3 M. Together 8.4 M or 525,000 cycles of two 8-lane FMA units; the dense residual-free step has 18 M. */
#include <string.h>

#include "tied.h"

/* As in mlp_step.c. */
enum { PASS_TILES = 2 };

struct range {
    size_t begin, end;
};

static struct range share_of(const struct hg_tied *tied, size_t count, int member)
{
    return (struct range){hg_cpu_share(count, 1, member, tied->members),
                          hg_cpu_share(count, 1, member + 1, tied->members)};
}

/* ---- its features: parts of Z and G ---- */

static void latent_part(const struct hg_tied *tied, struct hg_tied_share *share)
{
    for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
        const struct hg_tied_panel panel = hg_tied_panel(tied, p);
        tied->step.cpu->kernels->sparse_forward(&share->tiles, panel.vectors, share->w + panel.begin * share->features,
                                                NULL, share->z + panel.begin * tied->step.capacity);
    }
}

/* The upper triangle of a^T a, for a in panels of [stride][width], rows `begin` to `end`; beta as in a GEMM. */
static void gram(const struct hg_tied *tied, const float *a, size_t stride, struct range rows, float alpha, float beta,
                 float *to)
{
    for (size_t first = rows.begin; first < rows.end; first += HG_TILE) { /* tiles that stay in the L1 cache */
        const size_t inner = rows.end - first < HG_TILE ? rows.end - first : HG_TILE;
        for (size_t q = 0; q < hg_tied_panels(tied); ++q) {
            for (size_t p = 0; p <= q; ++p) {
                const struct hg_tied_panel left = hg_tied_panel(tied, p), right = hg_tied_panel(tied, q);
                const struct hg_block l = {a + left.begin * stride + first * left.width, 1, left.width};
                const struct hg_block r = {a + right.begin * stride + first * right.width, right.width, 1};
                tied->step.cpu->kernels->dense_product(left.width, right.width, inner, alpha, l, r,
                                                       first == rows.begin ? beta : 1,
                                                       to + hg_tied_at(tied, left.begin, right), right.width, p == q);
            }
        }
    }
    if (rows.begin == rows.end && beta == 0)
        memset(to, 0, tied->width * tied->width * sizeof *to);
}

/* ---- sums of the members' parts ---- */

/* Rows of S or G: the upper triangle is added up from the members' parts and mirrored. */
static void sum_symmetric(const struct hg_tied *tied, struct range rows, bool moment)
{
    float *to = moment ? tied->s : tied->g;
    for (size_t q = 0; q < hg_tied_panels(tied); ++q) {
        const struct hg_tied_panel right = hg_tied_panel(tied, q);
        for (size_t p = 0; p <= q; ++p) {
            const struct hg_tied_panel left = hg_tied_panel(tied, p);
            const size_t end = left.begin + left.width < rows.end ? left.begin + left.width : rows.end;
            for (size_t i = left.begin > rows.begin ? left.begin : rows.begin; i < end; ++i) {
                for (size_t j = p == q ? i - right.begin : 0; j < right.width; ++j) {
                    const size_t at = hg_tied_at(tied, i, right) + j;
                    float sum = 0;
                    for (int k = 0; k < tied->members; ++k)
                        sum += moment ? tied->shares[k].s[at] : tied->shares[k].g[at];
                    to[at] = sum;
                    to[hg_tied_at(tied, right.begin + j, left) + i - left.begin] = sum;
                }
            }
        }
    }
}

static void sum_latent(const struct hg_tied *tied, struct range samples)
{
    for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
        const struct hg_tied_panel panel = hg_tied_panel(tied, p);
        const size_t start = panel.begin * tied->step.capacity;
        const size_t begin = start + samples.begin * panel.width, end = start + samples.end * panel.width;
        memcpy(tied->z + begin, tied->shares[0].z + begin, (end - begin) * sizeof *tied->z);
        for (int k = 1; k < tied->members; ++k)
            for (size_t i = begin; i < end; ++i)
                tied->z[i] += tied->shares[k].z[i];
    }
}

/* ---- Y and the loss ---- */

/* Y = scale * Z (e G - (e + d) I) for a run of samples. */
static void project(const struct hg_tied *tied, struct range samples, float scale)
{
    const struct hg_network_spec *spec = &tied->step.spec;
    const size_t rows = samples.end - samples.begin, capacity = tied->step.capacity;
    const float identity = -scale * (spec->encoder + spec->decoder);
    for (size_t q = 0; q < hg_tied_panels(tied); ++q) {
        const struct hg_tied_panel right = hg_tied_panel(tied, q);
        const size_t at = right.begin * capacity + samples.begin * right.width;
        float *y = tied->y + at;
        for (size_t i = 0; i < rows * right.width; ++i)
            y[i] = identity * tied->z[at + i];
        if (spec->encoder == 0)
            continue;
        for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
            const struct hg_tied_panel left = hg_tied_panel(tied, p);
            const struct hg_block z = {tied->z + left.begin * capacity + samples.begin * left.width, left.width, 1};
            const struct hg_block g = {tied->g + hg_tied_at(tied, left.begin, right), right.width, 1};
            tied->step.cpu->kernels->dense_product(rows, right.width, left.width, scale * spec->encoder, z, g, 1, y,
                                                   right.width, false);
        }
    }
}

/* batch * (tr(GS) / 2 - tr(S)) over a run of rows, in double. */
static double trace_terms(const struct hg_tied *tied, struct range rows, size_t batch)
{
    double products = 0, trace = 0;
    for (size_t q = 0; q < hg_tied_panels(tied); ++q) {
        const struct hg_tied_panel panel = hg_tied_panel(tied, q);
        const size_t begin = hg_tied_at(tied, rows.begin, panel), end = hg_tied_at(tied, rows.end, panel);
        double sum[4] = {0}; /* independent, for the adders' latency; a panel's rows are a multiple of 4 */
        for (size_t i = begin; i < end; i += 4)
            for (size_t k = 0; k < 4; ++k)
                sum[k] += (double)tied->g[i + k] * (double)tied->s[i + k];
        products += sum[0] + sum[1] + sum[2] + sum[3];
        for (size_t i = rows.begin; i < rows.end; ++i)
            if (i >= panel.begin && i < panel.begin + panel.width)
                trace += (double)tied->s[hg_tied_at(tied, i, panel) + i - panel.begin];
    }
    return (double)batch * (products / 2 - trace);
}

/* ---- its features: the update ---- */

static void decoder_path(const struct hg_tied *tied, struct hg_tied_share *share, struct range rows, float alpha)
{
    for (size_t q = 0; q < hg_tied_panels(tied); ++q) {
        const struct hg_tied_panel right = hg_tied_panel(tied, q);
        for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
            const struct hg_tied_panel left = hg_tied_panel(tied, p);
            const struct hg_block w = {share->w + left.begin * share->features + rows.begin * left.width, left.width,
                                       1};
            const struct hg_block s = {tied->s + hg_tied_at(tied, left.begin, right), right.width, 1};
            tied->step.cpu->kernels->dense_product(rows.end - rows.begin, right.width, left.width, alpha, w, s,
                                                   p == 0 ? 0 : 1, share->dense + right.begin * HG_TILE, right.width,
                                                   false);
        }
    }
}

static void update_rows(const struct hg_tied *tied, struct hg_tied_share *share, const struct hg_chunk *chunk,
                        struct range rows, bool dense)
{
    const struct hg_network_spec *spec = &tied->step.spec;
    const bool single = tied->step.single;
    const size_t tiles = (share->tiles.rows + HG_TILE - 1) / HG_TILE;
    for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
        const struct hg_tied_panel panel = hg_tied_panel(tied, p);
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
            tied->step.cpu->kernels->sparse_backward(&share->tiles, tile, count, rows.begin, rows.end, panel.vectors,
                                                     tied->y + panel.begin * tied->step.capacity, &descent, &arrays);
        }
    }
}

static void update(const struct hg_tied *tied, struct hg_tied_share *share, const struct hg_chunk *chunk)
{
    const struct hg_samples *samples = &tied->step.data->samples;
    const bool dense = chunk->last && tied->step.spec.decoder != 0;
    const float scale = tied->step.spec.decoder * (tied->step.single ? -chunk->rate : 1);
    tied->step.cpu->kernels->tiles_turn(&share->tiles);
    for (size_t t = 0; t < share->tiles.words; ++t) {
        const size_t begin = t * HG_TILE;
        const size_t end = begin + HG_TILE < share->features ? begin + HG_TILE : share->features;
        hg_prefetch_rows(chunk, samples, share->first, share->features, t, share->tiles.words);
        if (dense)
            decoder_path(tied, share, (struct range){begin, end}, scale);
        update_rows(tied, share, chunk, (struct range){begin, end}, dense);
    }
}

/* ---- the members' work ---- */

/* From the samples to all of Z and G and the member's part of S. */
static void latent_codes(const struct hg_tied *tied, int member, const struct hg_chunk *chunk,
                         const struct hg_samples *samples)
{
    const struct hg_whole_step *step = &tied->step;
    struct hg_tied_share *share = &tied->shares[member];
    hg_gather_chunk(step->cpu->kernels, &share->tiles, chunk, samples, share->first);
    share->loss += (double)step->cpu->kernels->tiles_squares(&share->tiles) / (2 * 255.0 * 255.0);
    latent_part(tied, share);
    if (chunk->first)
        gram(tied, share->w, share->features, (struct range){0, share->features}, 1, 0, share->g);
    hg_team_barrier(step->cpu->team);
    const struct range own = share_of(tied, chunk->rows, member);
    sum_latent(tied, own);
    gram(tied, tied->z, step->capacity, own, 1 / (float)chunk->batch, chunk->first ? 0 : 1, share->s);
    if (chunk->first)
        sum_symmetric(tied, share_of(tied, tied->width, member), false);
    hg_team_barrier(step->cpu->team);
}

/* Once the parts of S are complete: the member's rows of S, and of the loss. */
static void moment_and_loss(const struct hg_tied *tied, int member, size_t batch)
{
    const struct range rows = share_of(tied, tied->width, member);
    sum_symmetric(tied, rows, true);
    hg_team_barrier(tied->step.cpu->team);
    tied->shares[member].loss += trace_terms(tied, rows, batch);
}

void hg_tied_train_member(void *argument, int member)
{
    const struct hg_tied *tied = argument;
    const struct hg_whole_step *step = &tied->step;
    struct hg_chunks chunks = hg_chunks_of(step);
    struct hg_chunk chunk;
    while (hg_chunks_next(&chunks, &chunk)) {
        hg_whole_step_phase(step, member, HG_PHASE_FORWARD);
        latent_codes(tied, member, &chunk, &step->data->samples);
        hg_whole_step_phase(step, member, HG_PHASE_BACKWARD);
        project(tied, share_of(tied, chunk.rows, member), (step->single ? -chunk.rate : 1) / (float)chunk.batch);
        if (chunk.last)
            moment_and_loss(tied, member, chunk.batch);
        else
            hg_team_barrier(step->cpu->team);
        hg_whole_step_phase(step, member, HG_PHASE_UPDATE);
        update(tied, &tied->shares[member], &chunk);
    }
    hg_whole_step_phase(step, member, HG_PHASE_NONE);
}

/* The next chunk of evaluate or forward, which counts as one batch; false when there is none. */
static bool next_rows(const struct hg_tied *tied, size_t *done, struct hg_chunk *chunk)
{
    if (*done == tied->count)
        return false;
    const size_t left = tied->count - *done, capacity = tied->step.capacity;
    *chunk = (struct hg_chunk){.start = tied->first + *done,
                               .rows = left < capacity ? left : capacity,
                               .batch = tied->count,
                               .first = *done == 0};
    *done += chunk->rows;
    return true;
}

void hg_tied_evaluate_member(void *argument, int member)
{
    const struct hg_tied *tied = argument;
    struct hg_chunk chunk;
    for (size_t done = 0; next_rows(tied, &done, &chunk);)
        latent_codes(tied, member, &chunk, &tied->data->samples);
    moment_and_loss(tied, member, tied->count);
}

void hg_tied_forward_member(void *argument, int member)
{
    const struct hg_tied *tied = argument;
    const struct hg_whole_step *step = &tied->step;
    const size_t hidden = step->spec.hidden;
    struct hg_tied_share *share = &tied->shares[member];
    struct hg_chunk chunk;
    for (size_t done = 0; next_rows(tied, &done, &chunk);) {
        hg_gather_chunk(step->cpu->kernels, &share->tiles, &chunk, &tied->data->samples, share->first);
        latent_part(tied, share);
        hg_team_barrier(step->cpu->team);
        const struct range own = share_of(tied, chunk.rows, member);
        sum_latent(tied, own);
        for (size_t b = own.begin; b < own.end; ++b) {
            float *to = tied->out + (chunk.start - tied->first + b) * hidden;
            for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
                const struct hg_tied_panel panel = hg_tied_panel(tied, p);
                const size_t count = hidden - panel.begin < panel.width ? hidden - panel.begin : panel.width;
                memcpy(to + panel.begin, tied->z + panel.begin * step->capacity + b * panel.width, count * sizeof *to);
            }
        }
        hg_team_barrier(step->cpu->team);
    }
}
