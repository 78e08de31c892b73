/* The whole-step tied autoencoder: memory, the threads' shares, and parameters in and out. */
#include "kernels/cpu/steps/autoencoder.h"

#include <assert.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/cpu/steps/density.h"

static struct hg_autoencoder *autoencoder_of(struct hg_network *network)
{
    return (struct hg_autoencoder *)network;
}

static void share_free(struct hg_autoencoder_share *share)
{
    free(share->s);
    free(share->g);
    free(share->z);
    free(share->dense);
    free(share->r);
    hg_tensor_free(&share->w);
    hg_tiles_free(&share->tiles);
}

static void autoencoder_free(struct hg_network *network)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    if (!ae)
        return;
    for (int i = 0; ae->shares && i < ae->step.threads; ++i)
        share_free(&ae->shares[i]);
    free(ae->shares);
    free(ae->s);
    free(ae->g);
    free(ae->y);
    free(ae->z);
    free(ae->z_turned);
    free(ae);
}

/* Multiply-adds of a step's dense products in each form: for one feature, and in total. */
struct costs {
    double feature, step;
};

static struct costs moments_costs(const struct hg_autoencoder *ae)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const double m = (double)ae->width, batch = (double)spec->batch;
    const double feature = m * m * (0.5 + (spec->decoder != 0)); /* half of G and S suffices: symmetric */
    return (struct costs){feature, feature * (double)spec->features + batch * m * m * (0.5 + (spec->encoder != 0))};
}

static struct costs outputs_costs(const struct hg_autoencoder *ae)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const double feature = (double)spec->batch * (double)ae->width * (1 + (spec->encoder != 0) + (spec->decoder != 0));
    return (struct costs){feature, feature * (double)spec->features};
}

/* Cuts the features into one run for each thread, of nearly equal work: a feature costs its dense products, and 2 m
 * multiply-adds for each sample of the batch in which its pixel is not 0. */
static enum hg_status cut_features(struct hg_autoencoder *ae)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    uint32_t *counts;
    HG_TRY(hg_allocate(&counts, spec->features, "counting the features' pixels"));
    const double rows = (double)hg_cpu_feature_counts(&ae->step.data->samples, counts);
    const double m = (double)ae->width, batch = (double)spec->batch;
    const double fixed = (ae->outputs ? outputs_costs(ae) : moments_costs(ae)).feature;
    const double variable = rows > 0 ? 2 * m * batch / rows : 0;
    double total = 0, sum = 0;
    for (size_t d = 0; d < spec->features; ++d)
        total += fixed + variable * counts[d];
    size_t d = 0;
    for (int i = 0; i < ae->step.threads; ++i) {
        struct hg_autoencoder_share *share = &ae->shares[i];
        share->first = d;
        const double until = total * (i + 1) / ae->step.threads;
        for (; d < spec->features && (i + 1 == ae->step.threads || sum + fixed / 2 < until); ++d)
            sum += fixed + variable * counts[d];
        share->features = d - share->first;
    }
    free(counts);
    return HG_OK;
}

struct creation {
    struct hg_autoencoder *ae;
    bool *done; /* [threads] */
};

/* Each thread makes its own share, so that the memory lies near its core. */
static void share_create(void *argument, int thread)
{
    struct creation *creation = argument;
    struct hg_autoencoder *ae = creation->ae;
    const struct hg_whole_step *step = &ae->step;
    struct hg_autoencoder_share *share = &ae->shares[thread];
    const size_t square = ae->width * ae->width;
    share->dense = hg_floats(HG_TILE * ae->width);
    share->z = hg_floats(step->capacity * ae->width);
    share->g = hg_floats(square);
    share->s = hg_floats(square);
    if (ae->outputs)
        share->r = hg_floats(share->features * step->capacity);
    creation->done[thread] = hg_tiles_create(&share->tiles, share->features, step->capacity) == HG_OK &&
                             hg_tensor_create(&share->w, step, share->features * ae->width) && share->dense &&
                             share->z && share->g && share->s && (share->r || !ae->outputs);
}

static void copy_weights(struct hg_autoencoder *ae, enum hg_role role, size_t index, struct hg_canonical tensor)
{
    assert(index == 0);
    (void)index;
    for (int k = 0; k < ae->step.threads; ++k) {
        const struct hg_autoencoder_share *share = &ae->shares[k];
        hg_panels_copy(role == HG_PARAMETER ? share->w.values : share->w.velocity, ae->vectors, ae->step.lanes,
                       share->features, ae->step.spec.hidden, hg_canonical_from(tensor, 0, share->first));
    }
}

static enum hg_status autoencoder_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    copy_weights(ae, role, index, (struct hg_canonical){values, NULL, ae->step.spec.features, 1});
    return HG_OK;
}

static enum hg_status autoencoder_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    copy_weights(ae, role, index, (struct hg_canonical){NULL, values, ae->step.spec.features, 1});
    return HG_OK;
}

/* Adds up what the threads have counted since the last time. */
static void collect(struct hg_autoencoder *ae, uint64_t samples, struct hg_totals *totals)
{
    for (int i = 0; i < ae->step.threads; ++i) {
        totals->loss += ae->shares[i].loss;
        ae->shares[i].loss = 0;
    }
    totals->samples += samples;
}

static enum hg_status autoencoder_train(struct hg_network *network, size_t steps)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    const size_t samples = hg_whole_step_train(&ae->step, steps, hg_autoencoder_train_thread);
    collect(ae, samples, &ae->step.totals);
    return HG_OK;
}

static enum hg_status autoencoder_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                           struct hg_totals *totals)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    HG_TRY(hg_whole_step_forward(&ae->step, (struct hg_forward_call){data, 0, count, NULL},
                                 hg_autoencoder_evaluate_thread));
    *totals = (struct hg_totals){0};
    collect(ae, count, totals);
    return HG_OK;
}

static enum hg_status autoencoder_forward(struct hg_network *network, const struct hg_data *data, size_t first,
                                          size_t count, float *out)
{
    return hg_whole_step_forward(&autoencoder_of(network)->step, (struct hg_forward_call){data, first, count, out},
                                 hg_autoencoder_forward_thread);
}

static void autoencoder_flops(const struct hg_network *network, double flops[])
{
    const struct hg_autoencoder *ae = (const struct hg_autoencoder *)network;
    const struct hg_network_spec *spec = &ae->step.spec;
    const double b = (double)spec->batch, d = (double)spec->features, m = (double)spec->hidden;
    const double encoder = spec->encoder != 0, decoder = spec->decoder != 0;
    for (size_t p = 0; p < HG_PHASES; ++p)
        flops[p] = 0;
    flops[HG_PHASE_FORWARD] = 2 * b * d * m + (ae->outputs ? 0 : (b + d) * m * m);
    flops[HG_PHASE_BACKWARD] = ae->outputs ? 2 * b * d * m * (1 + encoder) : 2 * b * m * m * encoder;
    flops[HG_PHASE_UPDATE] = 2 * b * d * m + 2 * d * m * decoder * (ae->outputs ? b : m);
}

static const struct hg_network_functions functions = {
    .free = autoencoder_free,
    .set = autoencoder_set,
    .get = autoencoder_get,
    .epoch_stage = hg_whole_step_epoch_stage,
    .epoch_start = hg_whole_step_epoch_start,
    .train = autoencoder_train,
    .totals = hg_whole_step_totals,
    .evaluate = autoencoder_evaluate,
    .forward = autoencoder_forward,
    .flops = autoencoder_flops,
};

enum hg_status hg_autoencoder_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                                     const struct hg_network_spec *spec)
{
    enum hg_status status = HG_OK;
    const int threads = hg_team_size(cpu->team);
    bool *done = NULL;
    struct hg_autoencoder *ae = NULL;
    HG_TRY_OR_CLEANUP(hg_allocate(&done, (size_t)threads, "a training step"));
    HG_TRY_OR_CLEANUP(hg_allocate(&ae, 1, "a training step"));
    ae->step.base.functions = &functions;
    hg_whole_step_init(&ae->step, cpu, data, spec);
    ae->vectors = (spec->hidden + ae->step.lanes - 1) / ae->step.lanes;
    ae->width = ae->vectors * ae->step.lanes;
    ae->outputs = spec->batch <= ae->step.capacity && outputs_costs(ae).step < moments_costs(ae).step;
    HG_TRY_OR_CLEANUP(hg_allocate(&ae->shares, (size_t)threads, "a training step"));
    HG_TRY_OR_CLEANUP(cut_features(ae));
    ae->z = hg_floats(ae->step.capacity * ae->width);
    ae->y = hg_floats(ae->step.capacity * ae->width);
    ae->g = hg_floats(ae->width * ae->width);
    ae->s = hg_floats(ae->width * ae->width);
    if (ae->outputs)
        ae->z_turned = hg_floats(ae->width * ae->step.capacity);
    hg_team_run(cpu->team, share_create, &(struct creation){ae, done});
    bool complete = (!ae->outputs || ae->z_turned) && ae->z && ae->y && ae->g && ae->s;
    for (int i = 0; i < threads; ++i)
        complete = complete && done[i];
    if (!complete) {
        status = hg_fail_out_of_memory("the autoencoder's training step; use a smaller batch or fewer threads");
        goto cleanup;
    }
    *out = &ae->step.base;
    ae = NULL;

cleanup:
    autoencoder_free((struct hg_network *)ae);
    free(done);
    return status;
}
