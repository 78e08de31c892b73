/* The tied autoencoder: the residual (A4), each path of its gradient by itself (A5), (A6), their sum (A7) as computed
 * for batches and for full batches (A15), and the formula (A8).
 *
 * To separate the paths, encoder and decoder get a copy of W each, and the textbook loss (A3) is differentiated by one
 * of them. The sum is compared with the derivative of the loss that the network itself evaluates (A14). Every analytic
 * gradient is read from one training step of the network that training runs. */
#include <math.h>
#include <stdlib.h>

#include "host/models/network.h"
#include "host/proofs/gradcheck/parts.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct autoencoder {
    struct hg_gradcheck *check;
    struct hg_matrix x, z, reconstruction, encoder, decoder, second_moment;
    struct hg_probe w;        /* W, and a direction that all its rows of the report share */
    struct hg_probe residual; /* base: the reconstruction; gradient: v / B */
    double *samples;          /* x in host memory */
    double *moment;           /* C in host memory */
    double square_sum;
    struct hg_network *network; /* its evaluation gives L of W */
};

static const struct hg_matrix NONE = {0};
static const struct hg_labels NO_LABELS = {0};

/* ---- losses ---- */

/* (A3), the mean over the batch. */
static double textbook_loss(const struct autoencoder *ae, const double *reconstruction)
{
    const size_t features = ae->check->features;
    double sum = 0;
    for (size_t b = 0; b < ae->check->batch; ++b) {
        double square = 0; /* one sum a sample: a single long sum would lose digits that differences of L need */
        for (size_t i = b * features; i < (b + 1) * features; ++i)
            square += (reconstruction[i] - ae->samples[i]) * (reconstruction[i] - ae->samples[i]);
        sum += square;
    }
    return sum / 2 / (double)ae->check->batch;
}

static enum hg_status loss_of_reconstruction(void *target, const double *values, double *loss)
{
    *loss = textbook_loss(target, values);
    return HG_OK;
}

static enum hg_status reconstruct(struct autoencoder *ae, double *values)
{
    struct hg_context *ctx = ae->check->ctx;
    const struct hg_ops *ops = &ctx->backend->ops;
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(ae->x), HG_N, hg_in(ae->encoder), HG_T, HG_ZERO, ae->z));
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(ae->z), HG_N, hg_in(ae->decoder), HG_N, HG_ZERO, ae->reconstruction));
    return hg_matrix_read(ctx, ae->reconstruction, values);
}

static enum hg_status untied_loss(struct autoencoder *ae, struct hg_matrix copy, const double *values, double *loss)
{
    HG_TRY(hg_matrix_write(ae->check->ctx, copy, values));
    HG_TRY(reconstruct(ae, ae->residual.moved));
    *loss = textbook_loss(ae, ae->residual.moved);
    return HG_OK;
}

static enum hg_status loss_of_encoder(void *target, const double *values, double *loss)
{
    struct autoencoder *ae = target;
    return untied_loss(ae, ae->encoder, values, loss);
}

static enum hg_status loss_of_decoder(void *target, const double *values, double *loss)
{
    struct autoencoder *ae = target;
    return untied_loss(ae, ae->decoder, values, loss);
}

static enum hg_status loss_of_both(void *target, const double *values, double *loss)
{
    const struct autoencoder *ae = target;
    HG_TRY(ae->network->functions->set(ae->network, HG_PARAMETER, 0, values));
    struct hg_totals totals;
    HG_TRY(ae->network->functions->evaluate(ae->network, ae->check->data, ae->check->batch, &totals));
    *loss = totals.loss / (double)totals.samples;
    return HG_OK;
}

/* ---- gradients ---- */

static struct hg_network_spec specification(const struct autoencoder *ae, float encoder, float decoder, bool gram)
{
    const struct hg_gradcheck *check = ae->check;
    return (struct hg_network_spec){.kind = HG_NETWORK_AUTOENCODER,
                                    .features = check->features,
                                    .hidden = check->hidden,
                                    .encoder = encoder,
                                    .decoder = decoder,
                                    .batch = check->batch,
                                    .second_moment = gram ? ae->moment : NULL,
                                    .square_sum = ae->square_sum,
                                    .samples = check->batch};
}

/* w.gradient = encoder * E + decoder * D, from one step of a network with these weights. */
static enum hg_status step_gradient(struct autoencoder *ae, float encoder, float decoder, bool gram)
{
    const struct hg_network_spec spec = specification(ae, encoder, decoder, gram);
    struct hg_network *network = NULL;
    HG_TRY(hg_list_network_create(&network, ae->check->ctx, ae->check->data, &spec));
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(network->functions->set(network, HG_PARAMETER, 0, ae->w.base));
    HG_TRY_OR_CLEANUP(hg_gradcheck_step(ae->check, network));
    HG_TRY_OR_CLEANUP(hg_gradcheck_step_gradient(network, 0, &ae->w));

cleanup:
    network->functions->free(network);
    return status;
}

/* ---- rows ---- */

/* (A4): v = (W^T W - I) x, by two GEMMs, the mean's 1/B included. */
static enum hg_status check_residual(struct autoencoder *ae)
{
    struct hg_probe *probe = &ae->residual;
    HG_TRY(reconstruct(ae, probe->base));
    for (size_t i = 0; i < probe->n; ++i)
        probe->gradient[i] = (probe->base[i] - ae->samples[i]) / (double)ae->check->batch;
    hg_probe_aim(probe, &ae->check->random);
    struct hg_derivative numeric;
    HG_TRY(hg_probe_numeric(probe, loss_of_reconstruction, ae, &numeric));
    hg_gradcheck_add(ae->check, "A4", "v = ∂L/∂x̂ = (WᵀW − I)x", probe, numeric);
    return HG_OK;
}

static enum hg_status check_all(struct autoencoder *ae)
{
    struct hg_gradcheck *check = ae->check;
    struct hg_probe *w = &ae->w;
    HG_TRY(check_residual(ae));

    HG_TRY(step_gradient(ae, 1, 1, false));
    hg_probe_aim(w, &check->random);
    struct hg_derivative encoder, decoder, both;
    HG_TRY(hg_probe_numeric(w, loss_of_encoder, ae, &encoder));
    HG_TRY(hg_probe_numeric(w, loss_of_decoder, ae, &decoder));
    HG_TRY(hg_probe_numeric(w, loss_of_both, ae, &both));

    HG_TRY(step_gradient(ae, 1, 0, false));
    hg_gradcheck_add(check, "A5", "encoder path: E = W(WᵀW − I)C", w, encoder);
    HG_TRY(step_gradient(ae, 0, 1, false));
    hg_gradcheck_add(check, "A6", "decoder path: D = WC(WᵀW − I)", w, decoder);
    HG_TRY(step_gradient(ae, 1, 1, false));
    hg_gradcheck_add(check, "A7", "∂L/∂W = E + D", w, both);
    HG_TRY(step_gradient(ae, 1, 1, true));
    hg_gradcheck_add(check, "A15", "∂L/∂W = E + D from C alone (full batch)", w, both);
    HG_TRY(step_gradient(ae, 2, 0, false));
    const struct hg_derivative twice = {.value = 2 * encoder.value, .error = 2 * encoder.error};
    hg_gradcheck_add_formula(check, "A8", "2W(WᵀW − I)XXᵀ = 2E", w, both, twice);
    return HG_OK;
}

/* ---- set-up ---- */

/* X, and C = X^T X / B with the sum of squares, by the backend's own op. */
static enum hg_status load_samples(struct autoencoder *ae)
{
    struct hg_context *ctx = ae->check->ctx;
    const struct hg_ops *ops = &ctx->backend->ops;
    HG_TRY(ops->load_rows(ctx, ae->check->data, 0, ae->x, NO_LABELS, NONE));
    HG_TRY(hg_matrix_read(ctx, ae->x, ae->samples));
    for (size_t i = 0; i < ae->residual.n; ++i)
        ae->square_sum += ae->samples[i] * ae->samples[i];
    HG_TRY(ops->gemm(ctx, HG_MEAN, hg_in(ae->x), HG_T, hg_in(ae->x), HG_N, HG_ZERO, ae->second_moment));
    return hg_matrix_read(ctx, ae->second_moment, ae->moment);
}

static enum hg_status create_all(struct autoencoder *ae)
{
    struct hg_gradcheck *check = ae->check;
    struct hg_context *ctx = check->ctx;
    const size_t batch = check->batch, features = check->features, hidden = check->hidden;
    HG_TRY(hg_probe_create(&ae->w, hidden * features));
    HG_TRY(hg_probe_create(&ae->residual, batch * features));
    HG_TRY(hg_allocate_bytes(&ae->samples, batch, features * sizeof *ae->samples, "the samples"));
    HG_TRY(hg_allocate_bytes(&ae->moment, features, features * sizeof *ae->moment, "the second moment"));
    HG_TRY(hg_matrix_create(&ae->x, ctx, batch, features));
    HG_TRY(hg_matrix_create(&ae->z, ctx, batch, hidden));
    HG_TRY(hg_matrix_create(&ae->reconstruction, ctx, batch, features));
    HG_TRY(hg_matrix_create(&ae->second_moment, ctx, features, features));
    HG_TRY(hg_matrix_create(&ae->encoder, ctx, hidden, features));
    HG_TRY(hg_matrix_create(&ae->decoder, ctx, hidden, features));
    hg_gradcheck_fill(check, ae->w.base, ae->w.n, 1 / sqrt((double)features));
    HG_TRY(hg_matrix_write(ctx, ae->encoder, ae->w.base));
    HG_TRY(hg_matrix_write(ctx, ae->decoder, ae->w.base));
    const struct hg_network_spec spec = specification(ae, 1, 1, false);
    HG_TRY(hg_list_network_create(&ae->network, ctx, check->data, &spec));
    return load_samples(ae);
}

static void autoencoder_free(struct autoencoder *ae)
{
    struct hg_context *ctx = ae->check->ctx;
    struct hg_matrix *const matrices[] = {&ae->x,       &ae->z,       &ae->reconstruction,
                                          &ae->encoder, &ae->decoder, &ae->second_moment};
    if (ae->network)
        ae->network->functions->free(ae->network);
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; ++i)
        hg_matrix_free(matrices[i], ctx);
    hg_probe_free(&ae->w);
    hg_probe_free(&ae->residual);
    free(ae->samples);
    free(ae->moment);
}

enum hg_status hg_gradcheck_autoencoder(struct hg_gradcheck *check)
{
    struct autoencoder ae = {.check = check};
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(create_all(&ae));
    HG_TRY_OR_CLEANUP(check_all(&ae));

cleanup:
    autoencoder_free(&ae);
    return status;
}
