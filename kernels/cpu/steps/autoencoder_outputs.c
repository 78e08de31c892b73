/* The outputs' form of the tied autoencoder's step (autoencoder_train.c), for batches smaller than the latent space:
 * docs/MATH.md (A17). It makes the reconstructions R = Z W, but no m x m matrix. Each thread makes the reconstructions
 * of its features, so that R is stored as R^T:
 *
 *     its samples:    Z^T, a copy for unit strides                           ---- barrier ----
 *     its features:   R^T = W Z^T; part of R W^T, 64 features at a time      ---- barrier ----
 *     its samples:    Y = scale (e R W^T - (e + d) Z)                        ---- barrier ----
 *     its features:   d Z^T R, 64 rows at a time
 *
 * The loss needs no residuals either: <R, X> = ||Z||^2, so ||R - X||^2 = ||R||^2 - 2 ||Z||^2 + ||X||^2.
 * Multiply-adds: 3 B m D. For 784 x 512 and B = 128 that is 154 M; the moments' form has 358 M. */
#include "kernels/cpu/steps/autoencoder.h"

/* In double: the squares are summed over a whole batch, and the sums subtracted. */
static double squares(const float *x, size_t count)
{
    double sum[4] = {0}; /* independent, for the adders' latency */
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; ++k)
            sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < count; ++i)
        sum[0] += (double)x[i] * (double)x[i];
    return sum[0] + sum[1] + sum[2] + sum[3];
}

void hg_autoencoder_outputs_turn(struct hg_autoencoder *ae, int thread, size_t rows)
{
    const struct hg_range samples = hg_thread_range(&ae->step, rows, 1, thread);
    const size_t capacity = ae->step.capacity;
    double sum = 0;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        const float *z = ae->z + hg_panel_row(panel, capacity, 0);
        sum += squares(z + samples.begin * panel.width, (samples.end - samples.begin) * panel.width);
        for (size_t j = 0; j < panel.width; ++j)
            for (size_t b = samples.begin; b < samples.end; ++b)
                ae->z_turned[(panel.begin + j) * capacity + b] = z[b * panel.width + j];
    }
    ae->shares[thread].loss -= sum;
}

/* R^T for a tile of features: r = W Z^T. */
static void reconstruct_tile(const struct hg_autoencoder *ae, const struct hg_autoencoder_share *share,
                             struct hg_range features, size_t rows, float *r)
{
    const size_t capacity = ae->step.capacity;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        ae->step.cpu->kernels->dense_product(
            &(struct hg_product){.rows = features.end - features.begin,
                                 .cols = hg_round_up(rows, ae->step.lanes),
                                 .inner = panel.width,
                                 .alpha = 1,
                                 .beta = p > 0,
                                 .a = hg_autoencoder_rows(share, panel, features.begin),
                                 .b = {ae->z_turned + panel.begin * capacity, capacity, 1},
                                 .c = r,
                                 .c_row = capacity});
    }
}

/* Adds a tile of features to the thread's part of R W^T; the first tile begins it. */
static void encode_tile(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share, struct hg_range features,
                        size_t rows, const float *r)
{
    const size_t capacity = ae->step.capacity;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        ae->step.cpu->kernels->dense_product(
            &(struct hg_product){.rows = rows,
                                 .cols = panel.width,
                                 .inner = features.end - features.begin,
                                 .alpha = 1,
                                 .beta = features.begin > 0,
                                 .a = {r, 1, capacity},
                                 .b = hg_autoencoder_rows(share, panel, features.begin),
                                 .c = share->z + hg_panel_row(panel, capacity, 0),
                                 .c_row = panel.width});
    }
}

void hg_autoencoder_outputs_reconstruct(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                        size_t rows)
{
    const size_t capacity = ae->step.capacity;
    size_t tile = 0;
    do { /* at least once: a thread without features has a part too, which is 0 */
        const struct hg_range features = hg_tile_range(share->features, tile);
        float *r = share->r + features.begin * capacity;
        reconstruct_tile(ae, share, features, rows, r);
        if (ae->step.spec.encoder != 0)
            encode_tile(ae, share, features, rows, r);
        for (size_t d = 0; d < features.end - features.begin; ++d)
            share->loss += squares(r + d * capacity, rows) / 2;
    } while (++tile < hg_tile_count(share->features));
}

void hg_autoencoder_outputs_project(struct hg_autoencoder *ae, int thread, size_t rows, float scale)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const struct hg_range samples = hg_thread_range(&ae->step, rows, 1, thread);
    const float encoder = scale * spec->encoder, identity = scale * (spec->encoder + spec->decoder);
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        const size_t end = hg_panel_row(panel, ae->step.capacity, samples.end);
        for (size_t i = hg_panel_row(panel, ae->step.capacity, samples.begin); i < end; ++i) {
            float sum = ae->shares[0].z[i];
            for (int k = 1; k < ae->step.threads; ++k)
                sum += ae->shares[k].z[i];
            ae->y[i] = encoder * sum - identity * ae->z[i];
        }
    }
}

void hg_autoencoder_outputs_decode(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                   struct hg_range features, size_t rows, float alpha)
{
    const size_t capacity = ae->step.capacity;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_panel panel = hg_autoencoder_panel(ae, p);
        ae->step.cpu->kernels->dense_product(
            &(struct hg_product){.rows = features.end - features.begin,
                                 .cols = panel.width,
                                 .inner = rows,
                                 .alpha = alpha,
                                 .a = {share->r + features.begin * capacity, capacity, 1},
                                 .b = {ae->z + hg_panel_row(panel, capacity, 0), panel.width, 1},
                                 .c = share->dense + hg_panel_row(panel, HG_TILE, 0),
                                 .c_row = panel.width});
    }
}
