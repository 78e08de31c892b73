/* The outputs' form of the tied autoencoder's step (autoencoder_train.c), for batches smaller than the latent space:
 * the reconstructions R = Z W are made, but no m x m matrix. Features own the rows of everything, so R is kept as R^T:
 *
 *     its samples:    Z^T, turned for unit strides                           ---- barrier ----
 *     its features:   R^T = W Z^T; part of R W^T, 64 features at a time      ---- barrier ----
 *     its samples:    Y = scale (e R W^T - (e + d) Z)                        ---- barrier ----
 *     its features:   d Z^T R, 64 rows at a time
 *
 * The loss needs no residuals either: <R, X> = ||Z||^2, so ||R - X||^2 = ||R||^2 - 2 ||Z||^2 + ||X||^2 (A17).
 * Multiply-adds: 3 B m D, at 784 x 512 and B = 128 154 M; the moments' form has 358 M. */
#include "kernels/cpu/steps/autoencoder.h"

/* In double: what is squared is summed over a whole batch, and subtracted. */
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

void hg_autoencoder_outputs_turn(const struct hg_autoencoder *ae, int member, size_t rows)
{
    const struct hg_range samples = hg_autoencoder_share_of(ae, rows, member);
    double sum = 0;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        const float *z = ae->z + panel.begin * ae->step.capacity;
        sum += squares(z + samples.begin * panel.width, (samples.end - samples.begin) * panel.width);
        for (size_t j = 0; j < panel.width; ++j)
            for (size_t b = samples.begin; b < samples.end; ++b)
                ae->z_turned[(panel.begin + j) * ae->step.capacity + b] = z[b * panel.width + j];
    }
    ae->shares[member].loss -= sum;
}

void hg_autoencoder_outputs_reconstruct(const struct hg_autoencoder *ae, struct hg_autoencoder_share *share,
                                        size_t rows)
{
    const struct hg_cpu_kernels *kernels = ae->step.cpu->kernels;
    const size_t capacity = ae->step.capacity;
    for (size_t first = 0; first < share->features || first == 0; first += HG_TILE) {
        const size_t features = share->features - first < HG_TILE ? share->features - first : HG_TILE;
        float *r = share->r + first * capacity;
        for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
            const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
            const struct hg_block w = {share->w + panel.begin * share->features + first * panel.width, panel.width, 1};
            const struct hg_block z = {ae->z_turned + panel.begin * capacity, capacity, 1};
            kernels->dense_product(features, hg_round_up(rows, ae->lanes), panel.width, 1, w, z, p > 0, r, capacity,
                                   false);
        }
        for (size_t p = 0; ae->step.spec.encoder != 0 && p < hg_autoencoder_panels(ae); ++p) {
            const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
            const struct hg_block turned = {r, 1, capacity};
            const struct hg_block w = {share->w + panel.begin * share->features + first * panel.width, panel.width, 1};
            kernels->dense_product(rows, panel.width, features, 1, turned, w, first > 0,
                                   share->z + panel.begin * capacity, panel.width, false);
        }
        for (size_t d = 0; d < features; ++d)
            share->loss += squares(r + d * capacity, rows) / 2;
    }
}

void hg_autoencoder_outputs_project(const struct hg_autoencoder *ae, int member, size_t rows, float scale)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const struct hg_range samples = hg_autoencoder_share_of(ae, rows, member);
    const float encoder = scale * spec->encoder, identity = scale * (spec->encoder + spec->decoder);
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        const size_t start = panel.begin * ae->step.capacity;
        const size_t begin = start + samples.begin * panel.width, end = start + samples.end * panel.width;
        for (size_t i = begin; i < end; ++i) {
            float sum = ae->shares[0].z[i];
            for (int k = 1; k < ae->members; ++k)
                sum += ae->shares[k].z[i];
            ae->y[i] = encoder * sum - identity * ae->z[i];
        }
    }
}

void hg_autoencoder_outputs_decode(const struct hg_autoencoder *ae, const struct hg_autoencoder_share *share,
                                   struct hg_range features, size_t rows, float alpha)
{
    const size_t capacity = ae->step.capacity;
    for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
        const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
        const struct hg_block r = {share->r + features.begin * capacity, capacity, 1};
        const struct hg_block z = {ae->z + panel.begin * capacity, panel.width, 1};
        ae->step.cpu->kernels->dense_product(features.end - features.begin, panel.width, rows, alpha, r, z, 0,
                                             share->dense + panel.begin * HG_TILE, panel.width, false);
    }
}
