/* The whole-step tied autoencoder: memory, the members' shares, and parameters in and out. */
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
    free(share->gradient);
    free(share->velocity);
    free(share->w);
    hg_tiles_free(&share->tiles);
}

static void autoencoder_free(struct hg_network *network)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    if (!ae)
        return;
    for (int i = 0; ae->shares && i < ae->members; ++i)
        share_free(&ae->shares[i]);
    free(ae->shares);
    free(ae->s);
    free(ae->g);
    free(ae->y);
    free(ae->z);
    free(ae->z_turned);
    free(ae);
}

/* Multiply-adds of a step's dense products in each form: for one feature, and all in all. */
struct costs {
    double feature, step;
};

static struct costs moments_costs(const struct hg_autoencoder *ae)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const double m = (double)ae->width, batch = (double)spec->batch;
    const double feature = m * m * (0.5 + (spec->decoder != 0)); /* G is symmetric, S as well */
    return (struct costs){feature, feature * (double)spec->features + batch * m * m * (0.5 + (spec->encoder != 0))};
}

static struct costs outputs_costs(const struct hg_autoencoder *ae)
{
    const struct hg_network_spec *spec = &ae->step.spec;
    const double feature = (double)spec->batch * (double)ae->width * (1 + (spec->encoder != 0) + (spec->decoder != 0));
    return (struct costs){feature, feature * (double)spec->features};
}

/* Cuts the features into one run a member, of nearly equal work: feature d has its share of the dense products, and 2 m
 * multiply-adds for each sample of the batch whose pixel d is not zero. */
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
    for (int i = 0; i < ae->members; ++i) {
        struct hg_autoencoder_share *share = &ae->shares[i];
        share->first = d;
        const double until = total * (i + 1) / ae->members;
        for (; d < spec->features && (i + 1 == ae->members || sum + fixed / 2 < until); ++d)
            sum += fixed + variable * counts[d];
        share->features = d - share->first;
    }
    free(counts);
    return HG_OK;
}

struct creation {
    struct hg_autoencoder *ae;
    bool *done; /* [members] */
};

/* Each member makes its own share, so that its pages lie near its core. */
static void share_create(void *argument, int member)
{
    struct creation *creation = argument;
    const struct hg_autoencoder *ae = creation->ae;
    const struct hg_whole_step *step = &ae->step;
    struct hg_autoencoder_share *share = &ae->shares[member];
    const size_t weights = share->features * ae->width, square = ae->width * ae->width;
    share->w = hg_floats(weights);
    if (step->spec.momentum > 0)
        share->velocity = hg_floats(weights);
    if (!step->single)
        share->gradient = hg_floats(weights);
    share->dense = hg_floats(HG_TILE * ae->width);
    share->z = hg_floats(step->capacity * ae->width);
    share->g = hg_floats(square);
    share->s = hg_floats(square);
    if (ae->outputs)
        share->r = hg_floats(share->features * step->capacity);
    creation->done[member] = hg_tiles_create(&share->tiles, share->features, step->capacity) == HG_OK && share->w &&
                             (share->velocity || step->spec.momentum == 0) && (share->gradient || step->single) &&
                             share->dense && share->z && share->g && share->s && (share->r || !ae->outputs);
}

static void copy_weights(struct hg_autoencoder *ae, enum hg_role role, double *get, const double *set)
{
    const size_t features = ae->step.spec.features;
    for (int k = 0; k < ae->members; ++k) {
        const struct hg_autoencoder_share *share = &ae->shares[k];
        float *values = role == HG_PARAMETER ? share->w : share->velocity;
        for (size_t p = 0; p < hg_autoencoder_panels(ae); ++p) {
            const struct hg_autoencoder_panel panel = hg_autoencoder_panel(ae, p);
            for (size_t j = 0; j < panel.width && panel.begin + j < ae->step.spec.hidden; ++j) {
                for (size_t d = 0; d < share->features; ++d) {
                    float *value = values + panel.begin * share->features + d * panel.width + j;
                    const size_t at = (panel.begin + j) * features + share->first + d;
                    if (set)
                        *value = (float)set[at];
                    else
                        get[at] = (double)*value;
                }
            }
        }
    }
}

static enum hg_status autoencoder_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    assert(index == 0);
    (void)index;
    copy_weights(autoencoder_of(network), role, NULL, values);
    return HG_OK;
}

static enum hg_status autoencoder_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    assert(index == 0);
    (void)index;
    copy_weights(autoencoder_of(network), role, values, NULL);
    return HG_OK;
}

/* Adds up what the members have counted since the last time. */
static void collect(struct hg_autoencoder *ae, uint64_t samples, struct hg_totals *totals)
{
    for (int i = 0; i < ae->members; ++i) {
        totals->loss += ae->shares[i].loss;
        ae->shares[i].loss = 0;
    }
    totals->samples += samples;
}

static enum hg_status autoencoder_train(struct hg_network *network, size_t steps)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    const size_t position = ae->step.current.position;
    hg_whole_step_train(&ae->step, steps, hg_autoencoder_train_member);
    collect(ae, ae->step.current.position - position, &ae->step.totals);
    return HG_OK;
}

static enum hg_status run_on(struct hg_autoencoder *ae, const struct hg_data *data, size_t first, size_t count,
                             float *out, void (*work)(void *ae, int member))
{
    const enum hg_status status = hg_whole_step_accepts(&ae->step, data);
    if (status != HG_OK || count == 0)
        return status;
    ae->data = data;
    ae->first = first;
    ae->count = count;
    ae->out = out;
    hg_team_run(ae->step.cpu->team, work, ae);
    return HG_OK;
}

static enum hg_status autoencoder_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                           struct hg_totals *totals)
{
    struct hg_autoencoder *ae = autoencoder_of(network);
    HG_TRY(run_on(ae, data, 0, count, NULL, hg_autoencoder_evaluate_member));
    *totals = (struct hg_totals){0};
    collect(ae, count, totals);
    return HG_OK;
}

static enum hg_status autoencoder_forward(struct hg_network *network, const struct hg_data *data, size_t first,
                                          size_t count, float *out)
{
    return run_on(autoencoder_of(network), data, first, count, out, hg_autoencoder_forward_member);
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
    const int members = hg_team_size(cpu->team);
    bool *done = NULL;
    struct hg_autoencoder *ae = NULL;
    HG_TRY_OR_CLEANUP(hg_allocate(&done, (size_t)members, "a training step"));
    HG_TRY_OR_CLEANUP(hg_allocate(&ae, 1, "a training step"));
    ae->step.base.functions = &functions;
    hg_whole_step_init(&ae->step, cpu, data, spec);
    ae->members = members;
    ae->lanes = cpu->kernels->lanes;
    ae->vectors = (spec->hidden + ae->lanes - 1) / ae->lanes;
    ae->width = ae->vectors * ae->lanes;
    ae->outputs = spec->batch <= ae->step.capacity && outputs_costs(ae).step < moments_costs(ae).step;
    HG_TRY_OR_CLEANUP(hg_allocate(&ae->shares, (size_t)members, "a training step"));
    HG_TRY_OR_CLEANUP(cut_features(ae));
    ae->z = hg_floats(ae->step.capacity * ae->width);
    ae->y = hg_floats(ae->step.capacity * ae->width);
    ae->g = hg_floats(ae->width * ae->width);
    ae->s = hg_floats(ae->width * ae->width);
    if (ae->outputs)
        ae->z_turned = hg_floats(ae->width * ae->step.capacity);
    hg_team_run(cpu->team, share_create, &(struct creation){ae, done});
    bool complete = (!ae->outputs || ae->z_turned) && ae->z && ae->y && ae->g && ae->s;
    for (int i = 0; i < members; ++i)
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
