#include "host/proofs/gradcheck/gradcheck.h"

#include <math.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/proofs/compare.h"
#include "host/proofs/gradcheck/parts.h"
#include "kernels/base/try.h"

enum { DEFAULT_SAMPLES = 32, DEFAULT_HIDDEN = 64 };

/* The step of the central differences, in lengths of the quantity: docs/NUMERICS.md. */
static const double STEP = 0x1p-10;
static const double LIMIT = 1e-8;

/* ---- probes ---- */

enum hg_status hg_probe_create(struct hg_probe *probe, size_t n)
{
    double *memory = calloc(4 * n, sizeof *memory);
    if (!memory)
        return hg_fail(HG_INTERNAL, "out of memory");
    *probe = (struct hg_probe){n, memory, memory + n, memory + 2 * n, memory + 3 * n};
    return HG_OK;
}

void hg_probe_free(struct hg_probe *probe)
{
    free(probe->base);
    *probe = (struct hg_probe){0};
}

static double norm(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += values[i] * values[i];
    return sqrt(sum);
}

double hg_probe_analytic(const struct hg_probe *probe)
{
    double sum = 0;
    for (size_t i = 0; i < probe->n; ++i)
        sum += probe->gradient[i] * probe->direction[i];
    return sum;
}

void hg_probe_aim(struct hg_gradcheck *check, struct hg_probe *probe)
{
    const size_t n = probe->n;
    hg_gradcheck_fill(check, probe->direction, n, 1);
    const double length = norm(probe->base, n) / sqrt(2), gradient_length = norm(probe->gradient, n);
    /* On the gradient's side, or the halves could cancel where n is small. */
    const double random_length = copysign(norm(probe->direction, n), hg_probe_analytic(probe));
    for (size_t i = 0; i < n; ++i) {
        const double along = gradient_length > 0 ? probe->gradient[i] / gradient_length : 0;
        probe->direction[i] = length * (along + probe->direction[i] / random_length);
    }
}

static enum hg_status loss_at(const struct hg_probe *probe, double t, hg_probe_loss *loss, void *target, double *value)
{
    for (size_t i = 0; i < probe->n; ++i)
        probe->moved[i] = probe->base[i] + t * probe->direction[i];
    return loss(target, probe->moved, value);
}

static enum hg_status central_difference(const struct hg_probe *probe, double step, hg_probe_loss *loss, void *target,
                                         double *derivative)
{
    double after, before;
    HG_TRY(loss_at(probe, step, loss, target, &after));
    HG_TRY(loss_at(probe, -step, loss, target, &before));
    *derivative = (after - before) / (2 * step);
    return HG_OK;
}

enum hg_status hg_probe_numeric(const struct hg_probe *probe, hg_probe_loss *loss, void *target, double *derivative)
{
    double narrow, wide, unused;
    HG_TRY(central_difference(probe, STEP, loss, target, &narrow));
    HG_TRY(central_difference(probe, 2 * STEP, loss, target, &wide));
    *derivative = (4 * narrow - wide) / 3; /* Richardson: the errors of order step^2 cancel */
    return loss_at(probe, 0, loss, target, &unused);
}

/* ---- rows ---- */

static double relative(double a, double b)
{
    return hg_relative_error(a, b, fmax(fabs(a), fabs(b)));
}

static struct hg_gradcheck_row *add_row(struct hg_gradcheck *check, const char *equation, const char *name,
                                        double analytic, double numeric)
{
    struct hg_gradcheck_row *row = &check->report->rows[check->report->count++];
    *row = (struct hg_gradcheck_row){.equation = equation,
                                     .name = name,
                                     .analytic = analytic,
                                     .numeric = numeric,
                                     .error = relative(analytic, numeric),
                                     .limit = LIMIT};
    row->holds = hg_within(row->error, row->limit);
    return row;
}

void hg_gradcheck_add(struct hg_gradcheck *check, const char *equation, const char *name, double analytic,
                      double numeric)
{
    struct hg_gradcheck_row *row = add_row(check, equation, name, analytic, numeric);
    row->passed = row->holds;
    check->report->failed += !row->passed;
}

void hg_gradcheck_add_formula(struct hg_gradcheck *check, const char *equation, const char *name, double analytic,
                              double numeric, double known)
{
    struct hg_gradcheck_row *row = add_row(check, equation, name, analytic, numeric);
    row->passed = hg_within(relative(analytic, known), LIMIT);
    check->report->failed += !row->passed;
}

/* ---- what both models need ---- */

void hg_gradcheck_fill(struct hg_gradcheck *check, double *values, size_t n, double scale)
{
    for (size_t i = 0; i < n; ++i)
        values[i] = scale * hg_random_normal(&check->random);
}

enum hg_status hg_gradcheck_step(struct hg_gradcheck *check, struct hg_network *network)
{
    const float rate = 1;
    uint32_t *order = malloc(check->batch * sizeof *order);
    if (!order)
        return hg_fail(HG_INTERNAL, "out of memory");
    for (size_t i = 0; i < check->batch; ++i)
        order[i] = (uint32_t)i;
    const struct hg_epoch epoch = {order, check->batch, check->batch, 1, &rate};
    struct hg_totals totals; /* read only to wait for the step */
    enum hg_status status = network->functions->epoch_stage(network, &epoch);
    if (status == HG_OK)
        status = network->functions->epoch_start(network, 0);
    if (status == HG_OK)
        status = network->functions->train(network, 1);
    if (status == HG_OK)
        status = network->functions->totals(network, &totals);
    free(order);
    return status;
}

enum hg_status hg_gradcheck_backend(struct hg_gradcheck_report *report, enum hg_model_kind model,
                                    const struct hg_backend *backend, const struct hg_samples *samples, size_t classes,
                                    const struct hg_gradcheck_options *options)
{
    const size_t features = samples->features;
    const size_t hidden = options->hidden ? options->hidden : features < DEFAULT_HIDDEN ? features : DEFAULT_HIDDEN;
    *report = (struct hg_gradcheck_report){.samples = samples->count, .features = features, .hidden = hidden};
    struct hg_gradcheck check = {.samples = samples,
                                 .batch = samples->count,
                                 .features = features,
                                 .hidden = hidden,
                                 .classes = classes,
                                 .random = hg_random_stream(options->seed, HG_RANDOM_SYNTHETIC, 0),
                                 .report = report};
    const struct hg_open_options open_options = {.threads = 1};
    enum hg_status status = backend->open(&check.ctx, &open_options);
    if (status != HG_OK)
        return status;
    status = backend->data_create(&check.data, check.ctx, samples);
    if (status == HG_OK)
        status = model == HG_MLP ? hg_gradcheck_mlp(&check) : hg_gradcheck_autoencoder(&check);
    if (check.data)
        backend->data_free(check.data);
    backend->close(check.ctx);
    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        if (!row->passed)
            return hg_fail(HG_CHECK_FAILED, "(%s) %s does not hold: %.9g analytic, %.9g numeric", row->equation,
                           row->name, row->analytic, row->numeric);
    }
    return HG_OK;
}

enum hg_status hg_gradcheck(struct hg_gradcheck_report *report, enum hg_model_kind model,
                            const struct hg_dataset *dataset, const struct hg_gradcheck_options *options)
{
    struct hg_samples samples = *hg_dataset_samples(dataset);
    if (model == HG_MLP && !samples.labels)
        return hg_fail(HG_BAD_DATA, "%s: the classifier's gradients need labels", hg_dataset_name(dataset));
    if (options->samples > samples.count)
        return hg_fail(HG_USAGE, "samples: %zu is out of range; %s has only %zu", options->samples,
                       hg_dataset_name(dataset), samples.count);
    if (model == HG_AUTOENCODER && options->hidden > samples.features)
        return hg_fail(HG_USAGE, "hidden: %zu is more than the %zu features of a sample of %s", options->hidden,
                       samples.features, hg_dataset_name(dataset));
    if (options->samples)
        samples.count = options->samples;
    else if (samples.count > DEFAULT_SAMPLES)
        samples.count = DEFAULT_SAMPLES;
    return hg_gradcheck_backend(report, model, hg_backend_find("reference64"), &samples, hg_dataset_classes(dataset),
                                options);
}
