#include "host/proofs/gradcheck/gradcheck.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/proofs/compare.h"
#include "host/proofs/gradcheck/parts.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { DEFAULT_SAMPLES = 32, DEFAULT_HIDDEN = 64 };

/* A row must be able to detect an error this small, or it proves nothing: docs/NUMERICS.md. */
static const double RESOLUTION = 1e-7;
static const float STEP_RATE = 0x1p120F;

/* ---- rows ---- */

/* How many additions, each with one rounding, lead to an element of a gradient: forward over the features and the
 * hidden units, back over the classes, and over the batch. */
static size_t roundings(const struct hg_gradcheck *check)
{
    return check->features + check->hidden + 2 * check->classes + check->batch;
}

static bool agree(struct hg_derivative a, struct hg_derivative b)
{
    return isfinite(a.value) && isfinite(b.value) && hg_within(fabs(a.value - b.value), a.error + b.error);
}

static struct hg_gradcheck_row *add_row(struct hg_gradcheck *check, const char *equation, const char *name,
                                        struct hg_derivative analytic, struct hg_derivative numeric)
{
    assert(check->report->count < HG_GRADCHECK_ROWS);
    const double scale = fmax(fabs(analytic.value), fabs(numeric.value));
    struct hg_gradcheck_row *row = &check->report->rows[check->report->count++];
    *row = (struct hg_gradcheck_row){.equation = equation,
                                     .name = name,
                                     .analytic = analytic.value,
                                     .numeric = numeric.value,
                                     .error = hg_relative_error(analytic.value, numeric.value, scale),
                                     .limit = scale > 0 ? (analytic.error + numeric.error) / scale : INFINITY,
                                     .reason = ""};
    return row;
}

static void judge(struct hg_gradcheck *check, struct hg_gradcheck_row *row, enum hg_gradcheck_verdict verdict,
                  const char *reason)
{
    row->verdict = verdict;
    row->reason = reason;
    check->report->failed += verdict == HG_GRADCHECK_FAILED;
    check->report->not_judged += verdict == HG_GRADCHECK_NOT_JUDGED;
}

/* Why it proves nothing that both derivatives agree within row->limit; NULL: it does. */
static const char *doubt(const struct hg_gradcheck_row *row)
{
    if (row->limit >= 1)
        return "the derivative is 0 within rounding";
    return hg_within(row->limit, RESOLUTION) ? NULL : "rounding leaves too few digits of the derivative";
}

void hg_gradcheck_add(struct hg_gradcheck *check, const char *equation, const char *name, const struct hg_probe *probe,
                      struct hg_derivative numeric)
{
    const struct hg_derivative analytic = hg_probe_analytic(probe, roundings(check));
    struct hg_gradcheck_row *row = add_row(check, equation, name, analytic, numeric);
    const char *reason = doubt(row);
    if (!agree(analytic, numeric))
        judge(check, row, HG_GRADCHECK_FAILED,
              isfinite(row->error) ? "the two differ by more than the limit" : "not finite numbers");
    else if (reason)
        judge(check, row, HG_GRADCHECK_NOT_JUDGED, reason);
    else
        judge(check, row, HG_GRADCHECK_HOLDS, "");
}

void hg_gradcheck_add_formula(struct hg_gradcheck *check, const char *equation, const char *name,
                              const struct hg_probe *probe, struct hg_derivative numeric, struct hg_derivative known)
{
    const struct hg_derivative analytic = hg_probe_analytic(probe, roundings(check));
    struct hg_gradcheck_row *row = add_row(check, equation, name, analytic, numeric);
    const char *reason = doubt(row);
    if (!agree(analytic, known))
        judge(check, row, HG_GRADCHECK_FAILED, "it is not the derivative that it is known to be");
    else if (!agree(analytic, numeric))
        judge(check, row, HG_GRADCHECK_NOT_THE_GRADIENT, "");
    else
        judge(check, row, HG_GRADCHECK_NOT_JUDGED, reason ? reason : "on these samples it equals the gradient");
}

/* ---- what both models need ---- */

void hg_gradcheck_fill(struct hg_gradcheck *check, double *values, size_t n, double scale)
{
    for (size_t i = 0; i < n; ++i)
        values[i] = scale * hg_random_normal(&check->random);
}

enum hg_status hg_gradcheck_step(struct hg_gradcheck *check, struct hg_network *network)
{
    uint32_t *order;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&order, check->batch, "the order of the samples"));
    for (size_t i = 0; i < check->batch; ++i)
        order[i] = (uint32_t)i;
    const struct hg_epoch epoch = {order, check->batch, check->batch, 1, &STEP_RATE};
    struct hg_totals totals; /* read only to wait for the step */
    HG_TRY_OR_CLEANUP(network->functions->epoch_stage(network, &epoch));
    HG_TRY_OR_CLEANUP(network->functions->epoch_start(network, 0));
    HG_TRY_OR_CLEANUP(network->functions->train(network, 1));
    HG_TRY_OR_CLEANUP(network->functions->totals(network, &totals));

cleanup:
    free(order);
    return status;
}

enum hg_status hg_gradcheck_step_gradient(struct hg_network *network, size_t index, struct hg_probe *probe)
{
    HG_TRY(network->functions->get(network, HG_PARAMETER, index, probe->moved));
    for (size_t i = 0; i < probe->n; ++i)
        probe->gradient[i] = (probe->base[i] - probe->moved[i]) / (double)STEP_RATE;
    probe->base_share = 1 / (double)STEP_RATE;
    return HG_OK;
}

/* The first row that failed or, if none has, the first that could not be judged. */
static enum hg_status conclude(const struct hg_gradcheck_report *report)
{
    const enum hg_gradcheck_verdict worst = report->failed ? HG_GRADCHECK_FAILED : HG_GRADCHECK_NOT_JUDGED;
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        if (row->verdict != worst)
            continue;
        if (worst == HG_GRADCHECK_FAILED)
            return hg_fail(HG_CHECK_FAILED, "(%s) %s does not hold: %.9g analytic, %.9g numeric; %s", row->equation,
                           row->name, row->analytic, row->numeric, row->reason);
        return hg_fail(HG_CHECK_FAILED, "(%s) %s: nothing to judge, %s; take more samples, other data or another seed",
                       row->equation, row->name, row->reason);
    }
    return HG_OK;
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
                                 .classes = classes < 2 ? 2 : classes, /* of a single class, L is always 0 */
                                 .random = hg_random_stream(options->seed, HG_RANDOM_SYNTHETIC, 0),
                                 .report = report};
    const struct hg_open_options open_options = {.threads = 1};
    enum hg_status status = HG_OK;
    HG_TRY(backend->open(&check.ctx, &open_options));
    HG_TRY_OR_CLEANUP(backend->data_create(&check.data, check.ctx, samples));
    HG_TRY_OR_CLEANUP(model == HG_MLP ? hg_gradcheck_mlp(&check) : hg_gradcheck_autoencoder(&check));
    status = conclude(report);

cleanup:
    if (check.data)
        backend->data_free(check.data);
    backend->close(check.ctx);
    return status;
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
