/* The whole-step tied autoencoder: memory, the members' shares, and parameters in and out. */
#include "kernels/cpu/steps/autoencoder.h"

#include <stdlib.h>

#include "kernels/cpu/steps/density.h"

static struct hg_tied *tied_of(struct hg_network *network)
{
    return (struct hg_tied *)network;
}

static void share_free(struct hg_tied_share *share)
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

static void tied_free(struct hg_network *network)
{
    struct hg_tied *tied = tied_of(network);
    if (!tied)
        return;
    for (int i = 0; tied->shares && i < tied->members; ++i)
        share_free(&tied->shares[i]);
    free(tied->shares);
    free(tied->s);
    free(tied->g);
    free(tied->y);
    free(tied->z);
    free(tied->z_turned);
    free(tied);
}

/* Multiply-adds of a step's dense products in each form: for one feature, and all in all. */
struct costs {
    double feature, step;
};

static struct costs moments_costs(const struct hg_tied *tied)
{
    const struct hg_network_spec *spec = &tied->step.spec;
    const double m = (double)tied->width, batch = (double)spec->batch;
    const double feature = m * m * (0.5 + (spec->decoder != 0)); /* G is symmetric, S as well */
    return (struct costs){feature, feature * (double)spec->features + batch * m * m * (0.5 + (spec->encoder != 0))};
}

static struct costs outputs_costs(const struct hg_tied *tied)
{
    const struct hg_network_spec *spec = &tied->step.spec;
    const double feature =
        (double)spec->batch * (double)tied->width * (1 + (spec->encoder != 0) + (spec->decoder != 0));
    return (struct costs){feature, feature * (double)spec->features};
}

/* Cuts the features into one run a member, of nearly equal work: feature d has its share of the dense products, and 2 m
 * multiply-adds for each sample of the batch whose pixel d is not zero. */
static enum hg_status cut_features(struct hg_tied *tied)
{
    const struct hg_network_spec *spec = &tied->step.spec;
    uint32_t *counts = calloc(spec->features, sizeof *counts);
    if (!counts)
        return HG_INTERNAL;
    const double rows = (double)hg_cpu_feature_counts(&tied->step.data->samples, counts);
    const double m = (double)tied->width, batch = (double)spec->batch;
    const double fixed = (tied->outputs ? outputs_costs(tied) : moments_costs(tied)).feature;
    const double variable = rows > 0 ? 2 * m * batch / rows : 0;
    double total = 0, sum = 0;
    for (size_t d = 0; d < spec->features; ++d)
        total += fixed + variable * counts[d];
    size_t d = 0;
    for (int i = 0; i < tied->members; ++i) {
        struct hg_tied_share *share = &tied->shares[i];
        share->first = d;
        const double until = total * (i + 1) / tied->members;
        for (; d < spec->features && (i + 1 == tied->members || sum + fixed / 2 < until); ++d)
            sum += fixed + variable * counts[d];
        share->features = d - share->first;
    }
    free(counts);
    return HG_OK;
}

struct creation {
    struct hg_tied *tied;
    bool *done; /* [members] */
};

/* Each member makes its own share, so that its pages lie near its core. */
static void share_create(void *argument, int member)
{
    struct creation *creation = argument;
    const struct hg_tied *tied = creation->tied;
    const struct hg_whole_step *step = &tied->step;
    struct hg_tied_share *share = &tied->shares[member];
    const size_t weights = share->features * tied->width, square = tied->width * tied->width;
    share->w = hg_floats(weights);
    if (step->spec.momentum > 0)
        share->velocity = hg_floats(weights);
    if (!step->single)
        share->gradient = hg_floats(weights);
    share->dense = hg_floats(HG_TILE * tied->width);
    share->z = hg_floats(step->capacity * tied->width);
    share->g = hg_floats(square);
    share->s = hg_floats(square);
    if (tied->outputs)
        share->r = hg_floats(share->features * step->capacity);
    creation->done[member] = hg_tiles_create(&share->tiles, share->features, step->capacity) == HG_OK && share->w &&
                             (share->velocity || step->spec.momentum == 0) && (share->gradient || step->single) &&
                             share->dense && share->z && share->g && share->s && (share->r || !tied->outputs);
}

static void copy_weights(struct hg_tied *tied, enum hg_role role, double *get, const double *set)
{
    const size_t features = tied->step.spec.features;
    for (int k = 0; k < tied->members; ++k) {
        const struct hg_tied_share *share = &tied->shares[k];
        float *values = role == HG_PARAMETER ? share->w : share->velocity;
        for (size_t p = 0; p < hg_tied_panels(tied); ++p) {
            const struct hg_tied_panel panel = hg_tied_panel(tied, p);
            for (size_t j = 0; j < panel.width && panel.begin + j < tied->step.spec.hidden; ++j) {
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

static enum hg_status tied_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    assert(index == 0);
    (void)index;
    copy_weights(tied_of(network), role, NULL, values);
    return HG_OK;
}

static enum hg_status tied_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    assert(index == 0);
    (void)index;
    copy_weights(tied_of(network), role, values, NULL);
    return HG_OK;
}

/* Adds up what the members have counted since the last time. */
static void collect(struct hg_tied *tied, uint64_t samples, struct hg_totals *totals)
{
    for (int i = 0; i < tied->members; ++i) {
        totals->loss += tied->shares[i].loss;
        tied->shares[i].loss = 0;
    }
    totals->samples += samples;
}

static enum hg_status tied_train(struct hg_network *network, size_t steps)
{
    struct hg_tied *tied = tied_of(network);
    const size_t position = tied->step.current.position;
    hg_whole_step_train(&tied->step, steps, hg_tied_train_member);
    collect(tied, tied->step.current.position - position, &tied->step.totals);
    return HG_OK;
}

static enum hg_status run_on(struct hg_tied *tied, const struct hg_data *data, size_t first, size_t count, float *out,
                             void (*work)(void *tied, int member))
{
    const enum hg_status status = hg_whole_step_accepts(&tied->step, data);
    if (status != HG_OK || count == 0)
        return status;
    tied->data = data;
    tied->first = first;
    tied->count = count;
    tied->out = out;
    hg_team_run(tied->step.cpu->team, work, tied);
    return HG_OK;
}

static enum hg_status tied_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                    struct hg_totals *totals)
{
    struct hg_tied *tied = tied_of(network);
    const enum hg_status status = run_on(tied, data, 0, count, NULL, hg_tied_evaluate_member);
    if (status != HG_OK)
        return status;
    *totals = (struct hg_totals){0};
    collect(tied, count, totals);
    return HG_OK;
}

static enum hg_status tied_forward(struct hg_network *network, const struct hg_data *data, size_t first, size_t count,
                                   float *out)
{
    return run_on(tied_of(network), data, first, count, out, hg_tied_forward_member);
}

static void tied_flops(const struct hg_network *network, double flops[])
{
    const struct hg_tied *tied = (const struct hg_tied *)network;
    const struct hg_network_spec *spec = &tied->step.spec;
    const double b = (double)spec->batch, d = (double)spec->features, m = (double)spec->hidden;
    const double encoder = spec->encoder != 0, decoder = spec->decoder != 0;
    for (size_t p = 0; p < HG_PHASES; ++p)
        flops[p] = 0;
    flops[HG_PHASE_FORWARD] = 2 * b * d * m + (tied->outputs ? 0 : (b + d) * m * m);
    flops[HG_PHASE_BACKWARD] = tied->outputs ? 2 * b * d * m * (1 + encoder) : 2 * b * m * m * encoder;
    flops[HG_PHASE_UPDATE] = 2 * b * d * m + 2 * d * m * decoder * (tied->outputs ? b : m);
}

static const struct hg_network_functions functions = {
    .free = tied_free,
    .set = tied_set,
    .get = tied_get,
    .epoch_stage = hg_whole_step_epoch_stage,
    .epoch_start = hg_whole_step_epoch_start,
    .train = tied_train,
    .totals = hg_whole_step_totals,
    .evaluate = tied_evaluate,
    .forward = tied_forward,
    .flops = tied_flops,
};

enum hg_status hg_tied_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                              const struct hg_network_spec *spec)
{
    enum hg_status status = HG_INTERNAL;
    const int members = hg_team_size(cpu->team);
    bool *done = calloc((size_t)members, sizeof *done);
    struct hg_tied *tied = calloc(1, sizeof *tied);
    if (!done || !tied)
        goto cleanup;
    tied->step.base.functions = &functions;
    hg_whole_step_init(&tied->step, cpu, data, spec);
    tied->members = members;
    tied->lanes = cpu->kernels->lanes;
    tied->vectors = (spec->hidden + tied->lanes - 1) / tied->lanes;
    tied->width = tied->vectors * tied->lanes;
    tied->outputs = spec->batch <= tied->step.capacity && outputs_costs(tied).step < moments_costs(tied).step;
    tied->shares = calloc((size_t)members, sizeof *tied->shares);
    tied->z = hg_floats(tied->step.capacity * tied->width);
    tied->y = hg_floats(tied->step.capacity * tied->width);
    tied->g = hg_floats(tied->width * tied->width);
    tied->s = hg_floats(tied->width * tied->width);
    if (tied->outputs)
        tied->z_turned = hg_floats(tied->width * tied->step.capacity);
    if ((tied->outputs && !tied->z_turned) || !tied->shares || !tied->z || !tied->y || !tied->g || !tied->s ||
        cut_features(tied) != HG_OK)
        goto cleanup;
    hg_team_run(cpu->team, share_create, &(struct creation){tied, done});
    for (int i = 0; i < members; ++i)
        if (!done[i])
            goto cleanup;
    *out = &tied->step.base;
    tied = NULL;
    status = HG_OK;
cleanup:
    if (status != HG_OK)
        hg_fail(status, "out of memory for an autoencoder with %zu latent units and batches of %zu", spec->hidden,
                spec->batch);
    tied_free((struct hg_network *)tied);
    free(done);
    return status;
}
