/* Claims: a backend that replaces training alone (training_create in kernels/backend.h) trains the list network's own
 * tensors, and everything else is the list's: crosscheck holds it to the list's limit, between two calls of train and
 * an evaluation too, and finds a fault in its steps; a model that it declines is trained by the list of ops.
 *
 * The backend here is the double reference; its training is the MLP's textbook, sample by sample. */
#include <math.h>
#include <stdlib.h>

#include "host/models/network.h"
#include "host/proofs/crosscheck/parts.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/host_context.h"
#include "tests/support/check.h"

/* ---- the backend ---- */

static const struct hg_backend *original;
static struct hg_backend textbook;
static bool forgets_nesterov; /* the planted fault */
static size_t steps_taken;    /* by the backend's own training */

/* By index of the tensors: network.h. */
enum { W1, B1, W2, B2 };

struct hg_training {
    struct hg_context *ctx;
    const struct hg_data *data;
    struct hg_network_spec spec;
    struct hg_tensors tensors;
    struct hg_matrix gradients[HG_MLP_TENSORS];
    struct hg_matrix x; /* a batch */
    struct hg_labels labels;
    struct hg_matrix h, slope, dz; /* of one sample */
};

static double *at(struct hg_matrix m, size_t row, size_t col)
{
    return (double *)m.data + row * m.stride + col; /* the reference's memory is the host's */
}

static enum hg_status open_textbook(struct hg_context **out, const struct hg_open_options *options)
{
    HG_TRY(original->open(out, options));
    (*out)->backend = &textbook;
    return HG_OK;
}

static void training_free(struct hg_training *training)
{
    if (!training)
        return;
    struct hg_context *ctx = training->ctx;
    for (size_t i = 0; i < HG_MLP_TENSORS; ++i)
        hg_matrix_free(&training->gradients[i], ctx);
    hg_matrix_free(&training->x, ctx);
    hg_matrix_free(&training->h, ctx);
    hg_matrix_free(&training->slope, ctx);
    hg_matrix_free(&training->dz, ctx);
    if (training->labels.data)
        ctx->backend->release(ctx, training->labels.data);
    free(training);
}

static enum hg_status training_create(struct hg_training **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec, const struct hg_tensors *tensors)
{
    *out = NULL;
    if (spec->kind != HG_NETWORK_MLP)
        return HG_OK;
    struct hg_training *training = NULL;
    HG_TRY(hg_allocate(&training, 1, "training"));
    training->ctx = ctx;
    training->data = data;
    training->spec = *spec;
    training->tensors = *tensors;
    for (size_t i = 0; i < HG_MLP_TENSORS; ++i)
        assert_ok(
            hg_matrix_create(&training->gradients[i], ctx, tensors->parameters[i].rows, tensors->parameters[i].cols));
    assert_ok(hg_matrix_create(&training->x, ctx, spec->batch, spec->features));
    assert_ok(hg_matrix_create(&training->h, ctx, 1, spec->hidden));
    assert_ok(hg_matrix_create(&training->slope, ctx, 1, spec->hidden));
    assert_ok(hg_matrix_create(&training->dz, ctx, 1, spec->classes));
    void *labels = NULL;
    assert_ok(ctx->backend->allocate(ctx, spec->batch, &labels));
    training->labels = (struct hg_labels){labels, spec->batch};
    *out = training;
    return HG_OK;
}

/* ---- its steps ---- */

/* h, Swish' and dL/dz2 of a sample: docs/MATH.md (M1) to (M6), (M9). */
static void forward(struct hg_training *t, size_t b, struct hg_totals *totals)
{
    const struct hg_matrix *p = t->tensors.parameters;
    for (size_t j = 0; j < t->spec.hidden; ++j) {
        double z = *at(p[B1], 0, j);
        for (size_t d = 0; d < t->spec.features; ++d)
            z += *at(p[W1], j, d) * *at(t->x, b, d);
        const double s = 1 / (1 + exp(-z));
        *at(t->h, 0, j) = z * s;
        *at(t->slope, 0, j) = s + z * s * (1 - s);
    }
    const size_t label = t->labels.data[b];
    double *dz = at(t->dz, 0, 0), largest = -INFINITY, sum = 0;
    size_t best = 0;
    for (size_t c = 0; c < t->spec.classes; ++c) {
        dz[c] = *at(p[B2], 0, c);
        for (size_t j = 0; j < t->spec.hidden; ++j)
            dz[c] += *at(p[W2], c, j) * *at(t->h, 0, j);
        if (dz[c] > largest) {
            largest = dz[c];
            best = c;
        }
    }
    for (size_t c = 0; c < t->spec.classes; ++c)
        sum += exp(dz[c] - largest);
    totals->loss += log(sum) + largest - dz[label];
    totals->correct += best == label;
    ++totals->samples;
    for (size_t c = 0; c < t->spec.classes; ++c)
        dz[c] = exp(dz[c] - largest) / sum - (c == label);
}

/* Adds a sample's gradients: (M7) to (M12). */
static void backward(struct hg_training *t, size_t b)
{
    for (size_t c = 0; c < t->spec.classes; ++c) {
        *at(t->gradients[B2], 0, c) += *at(t->dz, 0, c);
        for (size_t j = 0; j < t->spec.hidden; ++j)
            *at(t->gradients[W2], c, j) += *at(t->dz, 0, c) * *at(t->h, 0, j);
    }
    for (size_t j = 0; j < t->spec.hidden; ++j) {
        double dh = 0;
        for (size_t c = 0; c < t->spec.classes; ++c)
            dh += *at(t->tensors.parameters[W2], c, j) * *at(t->dz, 0, c);
        const double dz1 = dh * *at(t->slope, 0, j);
        *at(t->gradients[B1], 0, j) += dz1;
        for (size_t d = 0; d < t->spec.features; ++d)
            *at(t->gradients[W1], j, d) += dz1 * *at(t->x, b, d);
    }
}

/* (S1), (S2) for one tensor; its gradient is then zero again. */
static void update(const struct hg_training *t, size_t tensor, size_t rows, double rate)
{
    const struct hg_matrix w = t->tensors.parameters[tensor], v = t->tensors.velocities[tensor];
    const double mu = (double)t->spec.momentum, decay = (double)t->spec.weight_decay;
    const bool nesterov = t->spec.nesterov && !forgets_nesterov;
    for (size_t r = 0; r < w.rows; ++r)
        for (size_t c = 0; c < w.cols; ++c) {
            double *g = at(t->gradients[tensor], r, c);
            const double d = *g / (double)rows + decay * *at(w, r, c);
            double direction = d;
            if (v.data) {
                *at(v, r, c) = mu * *at(v, r, c) + d;
                direction = nesterov ? d + mu * *at(v, r, c) : *at(v, r, c);
            }
            *at(w, r, c) -= rate * direction;
            *g = 0;
        }
}

static enum hg_status train(struct hg_training *t, size_t steps)
{
    struct hg_host_context *host = (struct hg_host_context *)t->ctx;
    for (size_t k = 0; k < steps; ++k, ++steps_taken) {
        const size_t left = host->current.epoch.samples - host->current.position;
        const size_t rows = left < host->current.epoch.batch ? left : host->current.epoch.batch;
        HG_TRY(textbook.ops.next_batch(t->ctx, t->data, rows, t->x, t->labels, (struct hg_matrix){0}));
        for (size_t b = 0; b < rows; ++b) {
            forward(t, b, &host->totals);
            backward(t, b);
        }
        for (size_t i = 0; i < HG_MLP_TENSORS; ++i)
            update(t, i, rows, host->scalars[HG_RATE]);
    }
    return HG_OK;
}

/* ---- the tests ---- */

static int set_up(void **state)
{
    (void)state;
    original = hg_backend_find("reference64");
    textbook = *original;
    textbook.open = open_textbook;
    textbook.training_create = training_create;
    textbook.train = train;
    textbook.training_free = training_free;
    forgets_nesterov = false;
    steps_taken = 0;
    return 0;
}

static void check_networks(struct hg_crosscheck_report *report)
{
    *report = (struct hg_crosscheck_report){0};
    struct hg_rig rig;
    assert_ok(hg_rig_open(&rig, &textbook, &(struct hg_open_options){.threads = 1}, report));
    hg_crosscheck_networks(&rig, "textbook", true);
    assert_ok(rig.status);
    hg_rig_close(&rig);
}

static size_t rows_of(const struct hg_crosscheck_report *report, const char *op)
{
    size_t rows = 0;
    for (size_t i = 0; i < report->count; ++i)
        rows += strcmp(report->rows[i].op, op) == 0;
    return rows;
}

static void own_training_follows_the_list(void **state)
{
    (void)state;
    struct hg_crosscheck_report report;
    check_networks(&report);
    for (size_t i = 0; i < report.count; ++i)
        if (!report.rows[i].passed)
            fail_msg("%s, %s: %s", report.rows[i].op, report.rows[i].size, report.rows[i].where);
    assert_true(steps_taken > 0);
    assert_true(rows_of(&report, "mlp, whole steps") > 0);
    assert_int_equal(rows_of(&report, "mlp, whole steps"), rows_of(&report, "mlp, list"));
    assert_int_equal(rows_of(&report, "autoencoder, whole steps"), 0); /* declined */
    hg_crosscheck_report_free(&report);
}

static void faulty_training_is_found(void **state)
{
    (void)state;
    struct hg_crosscheck_report report;
    forgets_nesterov = true;
    check_networks(&report);
    assert_true(report.failed > 0);
    for (size_t i = 0; i < report.count; ++i) {
        const struct hg_crosscheck_row *row = &report.rows[i];
        const bool faulty = strcmp(row->op, "mlp, whole steps") == 0 && strstr(row->size, "nesterov");
        assert_int_equal(row->passed, !faulty);
    }
    hg_crosscheck_report_free(&report);
}

/* What a run gets: the backend's own training where it has one, else the list of ops. */
static void networks_take_what_the_backend_has(void **state)
{
    (void)state;
    static const uint8_t values[6] = {0, 51, 102, 153, 204, 255}, labels[2] = {0, 1};
    static const uint32_t order[2] = {0, 1};
    static const float rates[1] = {0.1f};
    const struct hg_samples samples = {2, 3, HG_U8, values, labels};
    const struct hg_epoch epoch = {order, 2, 2, 1, rates};
    struct hg_context *ctx;
    struct hg_data *data;
    assert_ok(textbook.open(&ctx, &(struct hg_open_options){.threads = 1}));
    assert_ok(textbook.data_create(&data, ctx, &samples));
    const enum hg_network_kind kinds[] = {HG_NETWORK_MLP, HG_NETWORK_AUTOENCODER};
    const size_t steps[] = {1, 0};
    for (size_t i = 0; i < COUNT(kinds); ++i) {
        const struct hg_network_spec spec = {.kind = kinds[i],
                                             .features = 3,
                                             .hidden = 2,
                                             .classes = 2,
                                             .encoder = 1,
                                             .decoder = 1,
                                             .batch = 2,
                                             .samples = 2};
        struct hg_network *network;
        struct hg_totals totals;
        steps_taken = 0;
        assert_ok(hg_network_create(&network, ctx, data, &spec));
        assert_ok(network->functions->epoch_stage(network, &epoch));
        assert_ok(network->functions->epoch_start(network, 0));
        assert_ok(network->functions->train(network, 1));
        assert_ok(network->functions->totals(network, &totals));
        assert_int_equal(totals.samples, 2);
        assert_int_equal(steps_taken, steps[i]);
        network->functions->free(network);
    }
    textbook.data_free(data);
    textbook.close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(own_training_follows_the_list, set_up),
        cmocka_unit_test_setup(faulty_training_is_found, set_up),
        cmocka_unit_test_setup(networks_take_what_the_backend_has, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
