/* The moments' form of the tied autoencoder's step (autoencoder_train.c), for batches larger than the latent space: the
 * only dense operands are m x m matrices, the moments S = Z^T Z / B and G = W W^T: docs/MATH.md (A11) to (A14).
 *
 *     its features:   G part = W W^T                                         ---- barrier ----
 *     its samples:    S part = Z^T Z / B
 *     its rows of G:  G = sum of parts                                       ---- barrier ----
 *     its samples:    Y = scale Z (e G - (e + d) I)
 *     its rows of S:  S = sum of parts; its summands of the loss             ---- barrier ----
 *     its features:   d S W, 64 rows at a time
 *
 * Multiply-adds, 784 x 64, B = 128: G 1.9 M (upper triangle), S W 3.2 M, Y 0.5 M, S 0.3 M. */
#include <string.h>

#include "kernels/cpu/steps/autoencoder.h"

/* The upper triangle of alpha a^T a + beta * to, over some rows of a, which is panels of [stride][width]. */
static void gram(const struct hg_autoencoder *ae, const float *a, size_t stride, struct hg_range rows, float alpha,
                 float beta, float *to)
{
    for (size_t first = rows.begin; first < rows.end; first += HG_TILE) { /* tiles that stay in the L1 cache */
        const size_t inner = rows.end - first < HG_TILE ? rows.end - first : HG_TILE;
        for (size_t q = 0; q < hg_autoencoder_panels(ae); ++q) {
            for (size_t p = 0; p <= q; ++p) {
                const struct hg_panel left = hg_autoencoder_panel(ae, p), right = hg_autoencoder_panel(ae, q);
                ae->step.cpu->kernels->dense_product(
                    &(struct hg_product){.rows = left.width,
                                         .cols = right.width,
                                         .inner = inner,
                                         .alpha = alpha,
                                         .beta = first == rows.begin ? beta : 1,
                                         .a = {a + hg_panel_row(left, stride, first), 1, left.width},
                                         .b = {a + hg_panel_row(right, stride, first), right.width, 1},
                                         .c = to + hg_autoencoder_at(ae, left.begin, right),
                                         .c_row = right.width,
                                         .upper = p == q});
            }
        }
    }
    if (rows.begin == rows.end && beta == 0)
        memset(to, 0, ae->width * ae->width * sizeof *to);
}

/* Some rows of S or G: the upper triangle is the sum of the threads' parts, the lower one its mirror image. */
static void sum_symmetric(struct hg_autoencoder *ae, struct hg_range rows, bool moment)
{
    float *to = moment ? ae->s : ae->g;
    for (size_t q = 0; q < hg_autoencoder_panels(ae); ++q) {
        const struct hg_panel right = hg_autoencoder_panel(ae, q);
        for (size_t p = 0; p <= q; ++p) {
            const struct hg_panel left = hg_autoencoder_panel(ae, p);
            const size_t end = left.begin + left.width < rows.end ? left.begin + left.width : rows.end;
            for (size_t i = left.begin > rows.begin ? left.begin : rows.begin; i < end; ++i) {
                for (size_t j = p == q ? i - right.begin : 0; j < right.width; ++j) {
                    const size_t at = hg_autoencoder_at(ae, i, right) + j;
                    float sum = 0;
                    for (int k = 0; k < ae->step.threads; ++k)
                        sum += moment ? ae->shares[k].s[at] : ae->shares[k].g[at];
                    to[at] = sum;
                    to[hg_autoencoder_at(ae, right.begin + j, left) + i - left.begin] = sum;
                }
            }
        }
    }
}

/* Y = scale * Z (e G - (e + d) I) for some samples. */
static void project(struct hg_autoencoder *ae, struct hg_range samples, float scale)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const size_t rows = samples.end - samples.begin, capacity = ae->step.capacity;
    const float identity = -scale * (spec->encoder + spec->decoder);
    for (size_t q = 0; q < hg_autoencoder_panels(ae); ++q) {
        const struct hg_panel right = hg_autoencoder_panel(ae, q);
        const size_t at = hg_panel_row(right, capacity, samples.begin);
        float *y = ae->y + at;
        for (size_t i = 0; i < rows * right.width; ++i)
            y[i] = identity * ae->z[at + i];
        for (size_t p = 0; spec->encoder != 0 && p < hg_autoencoder_panels(ae); ++p) {
            const struct hg_panel left = hg_autoencoder_panel(ae, p);
            ae->step.cpu->kernels->dense_product(
                &(struct hg_product){.rows = rows,
                                     .cols = right.width,
                                     .inner = left.width,
                                     .alpha = scale * spec->encoder,
                                     .beta = 1,
                                     .a = {ae->z + hg_panel_row(left, capacity, samples.begin), left.width, 1},
                                     .b = {ae->g + hg_autoencoder_at(ae, left.begin, right), right.width, 1},
                                     .c = y,
                                     .c_row = right.width});
        }
    }
}

/* batch * (tr(GS) / 2 - tr(S)) over some rows, in double. */
static double trace_terms(const struct hg_autoencoder *ae, struct hg_range rows, size_t batch)
{
    double products = 0, trace = 0;
    for (size_t q = 0; q < hg_autoencoder_panels(ae); ++q) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, q);
        const size_t begin = hg_autoencoder_at(ae, rows.begin, panel), end = hg_autoencoder_at(ae, rows.end, panel);
        double sum[4] = {0}; /* independent, for the adders' latency; a panel's rows are a multiple of 4 */
        for (size_t i = begin; i < end; i += 4)
            for (size_t k = 0; k < 4; ++k)
                sum[k] += (double)ae->g[i + k] * (double)ae->s[i + k];
        products += sum[0] + sum[1] + sum[2] + sum[3];
        for (size_t i = rows.begin; i < rows.end; ++i)
            if (i >= panel.begin && i < panel.begin + panel.width)
                trace += (double)ae->s[hg_autoencoder_at(ae, i, panel) + i - panel.begin];
    }
    return (double)batch * (products / 2 - trace);
}

void hg_autoencoder_moments_of_weights(struct hg_autoencoder *ae, int thread)
{
    struct hg_autoencoder_share *share = &ae->shares[thread];
    gram(ae, share->w.values, share->features, (struct hg_range){0, share->features}, 1, 0, share->g);
}

void hg_autoencoder_moments_of_codes(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk)
{
    const struct hg_range samples = hg_thread_range(&ae->step, chunk->rows, 1, thread);
    gram(ae, ae->z, ae->step.capacity, samples, 1 / (float)chunk->batch, chunk->first ? 0 : 1, ae->shares[thread].s);
    if (chunk->first)
        sum_symmetric(ae, hg_thread_range(&ae->step, ae->width, 1, thread), false);
    hg_team_barrier(ae->step.cpu->team);
}

void hg_autoencoder_moments_of_batch(struct hg_autoencoder *ae, int thread, size_t batch)
{
    const struct hg_range rows = hg_thread_range(&ae->step, ae->width, 1, thread);
    sum_symmetric(ae, rows, true);
    hg_team_barrier(ae->step.cpu->team);
    ae->shares[thread].loss += trace_terms(ae, rows, batch);
}

void hg_autoencoder_moments_project(struct hg_autoencoder *ae, int thread, const struct hg_chunk *chunk, float scale)
{
    project(ae, hg_thread_range(&ae->step, chunk->rows, 1, thread), scale);
}

void hg_autoencoder_moments_decode(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                   struct hg_range features, float alpha)
{
    for (size_t q = 0; q < hg_autoencoder_panels(ae); ++q) {
        const struct hg_panel right = hg_autoencoder_panel(ae, q);
        for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
            const struct hg_panel left = hg_autoencoder_panel(ae, p);
            ae->step.cpu->kernels->dense_product(
                &(struct hg_product){.rows = features.end - features.begin,
                                     .cols = right.width,
                                     .inner = left.width,
                                     .alpha = alpha,
                                     .beta = p > 0,
                                     .a = hg_autoencoder_rows(share, left, features.begin),
                                     .b = {ae->s + hg_autoencoder_at(ae, left.begin, right), right.width, 1},
                                     .c = share->dense + hg_panel_row(right, HG_TILE, 0),
                                     .c_row = right.width});
        }
    }
}
