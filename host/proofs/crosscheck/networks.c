/* Whole training steps: the list of ops, the same recorded and replayed where the backend can, and the backend's own
 * steps where it has them, each against the list of ops on "reference64" from the same weights over two epochs.
 * Weights, velocities, totals, evaluation and outputs are compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/models/network.h"
#include "host/proofs/compare.h"
#include "host/proofs/crosscheck/parts.h"
#include "host/proofs/network_state.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A few times the error that float makes in so few steps: docs/NUMERICS.md. */
static const double NETWORK_LIMIT = 1e-6;

enum { EPOCHS = 2 };

struct setting {
    struct hg_network_spec spec;
    bool gram;        /* trained on the second moment of the whole set instead of samples */
    unsigned density; /* per cent of values that are not zero */
};

static const struct setting settings[] = {
    {{HG_NETWORK_MLP, 1, 1, 1, 0, 0, 3, 0, false, 0, .samples = 7}, false, 90},
    {{HG_NETWORK_MLP, 37, 5, 3, 0, 0, 7, 0, false, 0, .samples = 26}, false, 90},
    {{HG_NETWORK_MLP, 37, 37, 10, 0, 0, 16, 0, false, 0.01f, .samples = 61}, false, 20},
    {{HG_NETWORK_MLP, 53, 64, 10, 0, 0, 16, 0.9f, false, 0, .samples = 61}, false, 20},
    {{HG_NETWORK_MLP, 37, 131, 7, 0, 0, 53, 0.9f, false, 0.01f, .samples = 120}, false, 50},
    {{HG_NETWORK_MLP, 65, 37, 10, 0, 0, 16, 0.9f, true, 0.01f, .samples = 61}, false, 100},
    {{HG_NETWORK_MLP, 64, 37, 10, 0, 0, 61, 0, false, 0, .samples = 61}, false, 20},
    {{HG_NETWORK_MLP, 784, 256, 10, 0, 0, 128, 0, false, 0, .samples = 200}, false, 20},
    {{HG_NETWORK_AUTOENCODER, 1, 1, 0, 1, 1, 3, 0, false, 0, .samples = 7}, false, 90},
    {{HG_NETWORK_AUTOENCODER, 37, 5, 0, 1, 1, 7, 0, false, 0, .samples = 26}, false, 90},
    {{HG_NETWORK_AUTOENCODER, 53, 16, 0, 1, 1, 16, 0.9f, false, 0, .samples = 61}, false, 20},
    {{HG_NETWORK_AUTOENCODER, 53, 17, 0, 2, 0, 16, 0, false, 0.01f, .samples = 61}, false, 20},
    {{HG_NETWORK_AUTOENCODER, 64, 37, 0, 0, 2, 53, 0.9f, true, 0.01f, .samples = 120}, false, 50},
    {{HG_NETWORK_AUTOENCODER, 65, 64, 0, 1, 1, 16, 0.9f, false, 0.01f, .samples = 61}, false, 20},
    {{HG_NETWORK_AUTOENCODER, 37, 5, 0, 1, 1, 61, 0, false, 0, .samples = 61}, true, 20},
    {{HG_NETWORK_AUTOENCODER, 53, 17, 0, 2, 0, 61, 0.9f, true, 0.01f, .samples = 61}, true, 20},
    {{HG_NETWORK_AUTOENCODER, 37, 16, 0, 0, 2, 61, 0.9f, false, 0, .samples = 61}, true, 50},
    {{HG_NETWORK_AUTOENCODER, 784, 64, 0, 1, 1, 128, 0, false, 0, .samples = 200}, false, 20},
};

/* What both sides start from. */
struct problem {
    struct hg_network_spec spec;
    uint8_t *values, *labels;
    struct hg_samples samples;
    double *second_moment;
    double *weights[HG_MAX_TENSORS];
    size_t elements[HG_MAX_TENSORS];
    size_t tensors, outputs; /* outputs: numbers that forward gives for a sample */
    uint32_t *order[EPOCHS];
    float *rates[EPOCHS];
    struct hg_epoch epochs[EPOCHS];
};

/* How a network is made. */
enum maker { MAKE_LIST, MAKE_RECORDED, MAKE_OWN };
static const char *const maker_names[] = {"list", "recorded list", "whole steps"};

/* ---- the problem ---- */

static void second_moment(const struct problem *p, double *square_sum)
{
    const size_t n = p->samples.count, d = p->samples.features;
    *square_sum = 0;
    for (size_t k = 0; k < n; ++k)
        for (size_t i = 0; i < d; ++i)
            for (size_t j = 0; j < d; ++j) {
                const double product = p->values[k * d + i] / 255.0 * (p->values[k * d + j] / 255.0);
                p->second_moment[i * d + j] += product / (double)n;
                *square_sum += i == j ? product : 0;
            }
}

static void fill_samples(struct hg_rig *rig, struct problem *p, const struct setting *s)
{
    for (size_t i = 0; i < s->spec.samples * s->spec.features; ++i)
        p->values[i] =
            hg_random_below(&rig->random, 100) < s->density ? (uint8_t)(1 + hg_random_below(&rig->random, 255)) : 0;
    for (size_t i = 0; i < s->spec.samples; ++i)
        p->labels[i] = (uint8_t)hg_random_below(&rig->random, s->spec.classes ? (uint32_t)s->spec.classes : 1);
}

static void fill_epoch(struct hg_rig *rig, struct problem *p, const struct setting *s, size_t e)
{
    const size_t steps = (s->spec.samples + s->spec.batch - 1) / s->spec.batch;
    hg_random_permutation(&rig->random, p->order[e], s->spec.samples);
    for (size_t k = 0; k < steps; ++k)
        p->rates[e][k] = (float)((s->spec.kind == HG_NETWORK_MLP ? 0.2 : 0.02) / (double)(1 + k + e));
    p->epochs[e] = (struct hg_epoch){p->order[e], s->spec.samples, s->spec.batch, steps, p->rates[e]};
}

static void problem_create(struct hg_rig *rig, struct problem *p, const struct setting *s)
{
    const struct hg_network_spec *spec = &s->spec;
    *p = (struct problem){.spec = *spec, .tensors = hg_tensor_count(spec->kind), .outputs = hg_network_outputs(spec)};
    hg_rig_note(rig, hg_allocate_bytes(&p->values, spec->samples, spec->features, "samples"));
    hg_rig_note(rig, hg_allocate(&p->labels, spec->samples, "labels"));
    for (size_t e = 0; e < EPOCHS; ++e) {
        hg_rig_note(rig, hg_allocate(&p->order[e], spec->samples, "the order of the samples"));
        hg_rig_note(rig, hg_allocate(&p->rates[e], spec->samples, "the learning rates of an epoch"));
    }
    if (s->gram)
        p->second_moment = hg_rig_zeros(rig, s->spec.features * s->spec.features);
    for (size_t t = 0; t < p->tensors; ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&p->spec, t);
        p->elements[t] = shape.rows * shape.cols;
        p->weights[t] = hg_rig_normal(rig, p->elements[t], 1 / sqrt((double)shape.cols));
    }
    if (rig->status != HG_OK)
        return;
    fill_samples(rig, p, s);
    p->samples = (struct hg_samples){s->spec.samples, s->spec.features, HG_U8, p->values, p->labels};
    for (size_t e = 0; e < EPOCHS; ++e)
        fill_epoch(rig, p, s, e);
    if (s->gram) {
        second_moment(p, &p->spec.square_sum);
        p->spec.second_moment = p->second_moment;
    }
}

static void problem_free(struct problem *p)
{
    for (size_t e = 0; e < EPOCHS; ++e) {
        free(p->rates[e]);
        free(p->order[e]);
    }
    for (size_t t = 0; t < p->tensors; ++t)
        free(p->weights[t]);
    free(p->second_moment);
    free(p->labels);
    free(p->values);
}

/* ---- the run ---- */

static enum hg_status train(struct hg_network *net, const struct problem *p, const struct hg_data *data,
                            struct hg_network_state *r)
{
    const struct hg_network_functions *f = net->functions;
    for (size_t t = 0; t < p->tensors; ++t)
        HG_TRY(f->set(net, HG_PARAMETER, t, p->weights[t]));
    HG_TRY(f->epoch_stage(net, &p->epochs[0]));
    HG_TRY(f->epoch_start(net, 0));
    HG_TRY(f->train(net, 1)); /* in more than one call, with an evaluation between */
    HG_TRY(f->evaluate(net, data, (p->samples.count + 1) / 2, &r->evaluated));
    HG_TRY(f->epoch_stage(net, &p->epochs[1]));
    HG_TRY(f->train(net, p->epochs[0].steps - 1));
    HG_TRY(f->epoch_start(net, 0));
    HG_TRY(f->train(net, p->epochs[1].steps));
    return hg_network_state_read(r, net, &p->spec, data);
}

/* *ran is false where the backend has no network of that kind. */
static enum hg_status run(struct hg_context *ctx, const struct problem *p, enum maker maker, struct hg_network_state *r,
                          bool *ran)
{
    const struct hg_backend *backend = ctx->backend;
    struct hg_network_spec spec = p->spec;
    spec.record = maker == MAKE_RECORDED;
    struct hg_data *data = NULL;
    struct hg_network *net = NULL;
    enum hg_status status = HG_OK;
    *ran = false;
    HG_TRY(backend->data_create(&data, ctx, &p->samples));
    HG_TRY_OR_CLEANUP(maker == MAKE_OWN ? hg_own_network_create(&net, ctx, data, &spec)
                                        : hg_list_network_create(&net, ctx, data, &spec));
    *ran = net != NULL;
    if (net)
        HG_TRY_OR_CLEANUP(train(net, p, data, r));

cleanup:
    if (net)
        net->functions->free(net);
    backend->data_free(data);
    return status;
}

/* ---- comparison ---- */

static void compare_sums(struct hg_rig *rig, const char *what, const struct hg_totals *actual,
                         const struct hg_totals *expected, double scale)
{
    hg_rig_row_error(rig, 0, hg_relative_error(actual->loss, expected->loss, scale), "%s: loss is %.9g, expected %.9g",
                     what, actual->loss, expected->loss);
    if (actual->samples != expected->samples || actual->correct != expected->correct)
        hg_rig_row_error(rig, 0, INFINITY, "%s: %ju correct of %ju, expected %ju of %ju", what,
                         (uintmax_t)actual->correct, (uintmax_t)actual->samples, (uintmax_t)expected->correct,
                         (uintmax_t)expected->samples);
}

static double outputs_error(struct hg_rig *rig, size_t n, const float *actual, const float *expected)
{
    double *a = hg_rig_zeros(rig, n), *e = hg_rig_zeros(rig, n), error = INFINITY;
    for (size_t i = 0; rig->status == HG_OK && i < n; ++i) {
        a[i] = (double)actual[i];
        e[i] = (double)expected[i];
    }
    if (rig->status == HG_OK)
        error = hg_relative_l2(n, a, e);
    free(e);
    free(a);
    return error;
}

static void compare_results(struct hg_rig *rig, const struct problem *p, const struct hg_network_state *actual,
                            const struct hg_network_state *expected)
{
    static const char *const role_names[] = {"", "velocity of "};
    for (size_t role = 0; role < (p->spec.momentum > 0 ? HG_ROLES : HG_VELOCITY); ++role)
        for (size_t t = 0; t < p->tensors; ++t)
            hg_rig_row_error(rig, 0,
                             hg_relative_l2(p->elements[t], actual->tensors[role][t], expected->tensors[role][t]),
                             "%s%s", role_names[role], hg_tensor_shape(&p->spec, t).name);
    /* The autoencoder's loss is a small difference of large terms: the scale is that of the terms, 1/2 ||x||^2 a
     * sample. */
    double scale[2] = {fabs(expected->trained.loss), fabs(expected->evaluated.loss)};
    if (p->spec.kind == HG_NETWORK_AUTOENCODER) {
        double half_square_sum = 0;
        for (size_t i = 0; i < p->samples.count * p->samples.features; ++i)
            half_square_sum += p->values[i] / 255.0 * (p->values[i] / 255.0) / 2;
        scale[0] = fmax(scale[0], EPOCHS * half_square_sum);
        scale[1] = fmax(scale[1], half_square_sum);
    }
    compare_sums(rig, "training", &actual->trained, &expected->trained, scale[0]);
    compare_sums(rig, "evaluation", &actual->evaluated, &expected->evaluated, scale[1]);
    hg_rig_row_error(
        rig, 0, outputs_error(rig, (p->samples.count - 1) * p->outputs, actual->outputs, expected->outputs), "outputs");
}

static void describe(char *text, size_t size, const struct setting *s)
{
    const char *momentum = s->spec.momentum == 0 ? "" : s->spec.nesterov ? " nesterov" : " momentum";
    const char *decay = s->spec.weight_decay == 0 ? "" : " decay";
    const char *gradient = s->spec.encoder == 2 ? " 2E" : s->spec.decoder == 2 ? " 2D" : "";
    if (s->spec.kind == HG_NETWORK_MLP)
        snprintf(text, size, "%zu-%zu-%zu B=%zu %u%%%s%s", s->spec.features, s->spec.hidden, s->spec.classes,
                 s->spec.batch, s->density, momentum, decay);
    else if (s->gram)
        snprintf(text, size, "%zu-%zu Gram%s%s%s", s->spec.features, s->spec.hidden, gradient, momentum, decay);
    else
        snprintf(text, size, "%zu-%zu B=%zu %u%%%s%s%s", s->spec.features, s->spec.hidden, s->spec.batch, s->density,
                 gradient, momentum, decay);
}

static void check_setting(struct hg_rig *rig, const struct setting *s, const char *form, bool lists)
{
    const struct hg_backend *tested = rig->ctx[HG_TESTED]->backend;
    const bool available[] = {
        [MAKE_LIST] = lists, [MAKE_RECORDED] = lists && tested->record_begin, [MAKE_OWN] = hg_backend_has_own(tested)};
    struct problem p;
    struct hg_network_state expected, actual;
    bool ran;
    problem_create(rig, &p, s);
    hg_rig_note(rig, hg_network_state_create(&expected, &s->spec));
    hg_rig_note(rig, hg_network_state_create(&actual, &s->spec));
    if (rig->status == HG_OK)
        hg_rig_note(rig, run(rig->ctx[HG_EXPECTED], &p, MAKE_LIST, &expected, &ran));
    char size[48], op[32];
    describe(size, sizeof size, s);
    for (size_t maker = 0; maker < COUNT(available); ++maker) {
        if (rig->status != HG_OK || !available[maker])
            continue;
        hg_rig_note(rig, run(rig->ctx[HG_TESTED], &p, (enum maker)maker, &actual, &ran));
        if (!ran)
            continue;
        snprintf(op, sizeof op, "%s, %s", s->spec.kind == HG_NETWORK_MLP ? "mlp" : "autoencoder", maker_names[maker]);
        snprintf(rig->situation, sizeof rig->situation, "%s", form);
        hg_rig_row_begin(rig, op, NETWORK_LIMIT, "%s", size);
        compare_results(rig, &p, &actual, &expected);
        hg_rig_rows_end(rig);
    }
    hg_network_state_free(&actual);
    hg_network_state_free(&expected);
    problem_free(&p);
}

void hg_crosscheck_networks(struct hg_rig *rig, const char *form, bool lists)
{
    for (size_t i = 0; rig->status == HG_OK && i < COUNT(settings); ++i)
        check_setting(rig, &settings[i], form, lists);
}
