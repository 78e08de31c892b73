#include "host/models/op_list.h"

#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static struct hg_list_network *list_network(struct hg_network *network)
{
    return (struct hg_list_network *)network;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void list_free(struct hg_network *network)
{
    if (!network)
        return;
    struct hg_list_network *net = list_network(network);
    for (size_t i = 0; i < 2; ++i)
        if (net->recorded[i].recording)
            net->ctx->backend->recording_free(net->recorded[i].recording);
    if (net->training)
        net->ctx->backend->training_free(net->training);
    net->model->free(net);
    free(net);
}

static enum hg_status list_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    const struct hg_list_network *net = list_network(network);
    return hg_matrix_write(net->ctx, net->model->tensor(net, role, index), values);
}

static enum hg_status list_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    const struct hg_list_network *net = list_network(network);
    return hg_matrix_read(net->ctx, net->model->tensor(net, role, index), values);
}

static size_t rows_of_step(const struct hg_epoch *epoch, size_t step)
{
    return smaller(epoch->batch, epoch->samples - step * epoch->batch);
}

/* Records a step of `rows` rows in `slot`, unless it holds one of that size. */
static enum hg_status record(struct hg_list_network *net, size_t slot, size_t rows)
{
    const struct hg_backend *backend = net->ctx->backend;
    if (net->recorded[slot].rows == rows)
        return HG_OK;
    if (net->recorded[slot].recording)
        backend->recording_free(net->recorded[slot].recording);
    net->recorded[slot].recording = NULL;
    net->recorded[slot].rows = 0;

    HG_TRY(backend->record_begin(net->ctx));
    const enum hg_status step_status = net->model->step(net, rows);
    /* Recording must be ended even after a failure; the step's failure is the one to report. */
    const enum hg_status end_status = backend->record_end(net->ctx, &net->recorded[slot].recording);
    HG_TRY(step_status);
    HG_TRY(end_status);
    net->recorded[slot].rows = rows;
    return HG_OK;
}

static bool records(const struct hg_list_network *net)
{
    return !net->training && net->spec.record && net->ctx->backend->record_begin;
}

static enum hg_status list_epoch_stage(struct hg_network *network, const struct hg_epoch *epoch)
{
    struct hg_list_network *net = list_network(network);
    net->staged = *epoch;
    HG_TRY(net->ctx->backend->epoch_stage(net->ctx, net->data, epoch));
    if (!records(net))
        return HG_OK;
    HG_TRY(record(net, 0, rows_of_step(epoch, 0)));
    return record(net, 1, rows_of_step(epoch, epoch->steps - 1));
}

static enum hg_status list_epoch_start(struct hg_network *network, size_t first_step)
{
    struct hg_list_network *net = list_network(network);
    HG_TRY(net->ctx->backend->epoch_start(net->ctx, first_step));
    net->epoch = net->staged;
    net->step = first_step;
    return HG_OK;
}

static enum hg_status list_train(struct hg_network *network, size_t steps)
{
    struct hg_list_network *net = list_network(network);
    const struct hg_backend *backend = net->ctx->backend;
    if (net->training) {
        HG_TRY(backend->train(net->training, steps));
        net->step += steps;
        return HG_OK;
    }
    for (size_t i = 0; i < steps; ++i, ++net->step) {
        const size_t rows = rows_of_step(&net->epoch, net->step);
        if (backend->before_step)
            HG_TRY(backend->before_step(net->ctx, rows));
        if (records(net))
            HG_TRY(backend->replay(net->ctx, net->recorded[rows == net->recorded[0].rows ? 0 : 1].recording));
        else
            HG_TRY(net->model->step(net, rows));
    }
    return HG_OK;
}

/* Adds the backend's sums to net->pending, and clears them there. */
static enum hg_status collect(struct hg_list_network *net)
{
    struct hg_totals sums;
    HG_TRY(net->ctx->backend->totals_read(net->ctx, &sums));
    net->pending.loss += sums.loss;
    net->pending.correct += sums.correct;
    net->pending.samples += sums.samples;
    return HG_OK;
}

static enum hg_status list_totals(struct hg_network *network, struct hg_totals *totals)
{
    struct hg_list_network *net = list_network(network);
    HG_TRY(collect(net));
    *totals = net->pending;
    net->pending = (struct hg_totals){0};
    return HG_OK;
}

static enum hg_status list_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                    struct hg_totals *totals)
{
    struct hg_list_network *net = list_network(network);
    HG_TRY(collect(net)); /* or training's sums would be mixed with those of the evaluation */
    net->ctx->backend->phase(net->ctx, HG_PHASE_EVALUATE);
    for (size_t first = 0; first < count; first += net->capacity)
        HG_TRY(net->model->evaluate(net, data, first, smaller(net->capacity, count - first)));
    net->ctx->backend->phase(net->ctx, HG_PHASE_NONE);
    return net->ctx->backend->totals_read(net->ctx, totals);
}

static enum hg_status list_forward(struct hg_network *network, const struct hg_data *data, size_t first, size_t count,
                                   float *out)
{
    struct hg_list_network *net = list_network(network);
    double *values = NULL, *offset = NULL;
    enum hg_status status = HG_OK;
    for (size_t done = 0, rows; done < count; done += rows) {
        rows = smaller(net->capacity, count - done);
        struct hg_matrix result, bias;
        HG_TRY_OR_CLEANUP(net->model->forward(net, data, first + done, rows, &result, &bias));
        if (!values) {
            HG_TRY_OR_CLEANUP(hg_allocate_bytes(&values, rows, result.cols * sizeof *values, "a network's output"));
            HG_TRY_OR_CLEANUP(hg_allocate(&offset, result.cols, "a network's bias"));
        }
        HG_TRY_OR_CLEANUP(hg_matrix_read(net->ctx, result, values));
        if (bias.data)
            HG_TRY_OR_CLEANUP(hg_matrix_read(net->ctx, bias, offset));
        for (size_t b = 0; b < rows; ++b)
            for (size_t c = 0; c < result.cols; ++c)
                out[(done + b) * result.cols + c] = (float)(values[b * result.cols + c] + offset[c]);
    }

cleanup:
    free(offset);
    free(values);
    return status;
}

static const struct hg_network_functions functions = {
    .free = list_free,
    .set = list_set,
    .get = list_get,
    .epoch_stage = list_epoch_stage,
    .epoch_start = list_epoch_start,
    .train = list_train,
    .totals = list_totals,
    .evaluate = list_evaluate,
    .forward = list_forward,
};

enum hg_status hg_list_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec)
{
    const struct hg_list_model *model = spec->kind == HG_NETWORK_MLP ? &hg_list_mlp : &hg_list_autoencoder;
    struct hg_list_network *net;
    HG_TRY(hg_allocate_bytes(&net, 1, model->size, "a network"));
    net->base.functions = &functions;
    net->model = model;
    net->ctx = ctx;
    net->ops = &ctx->backend->ops;
    net->data = data;
    net->spec = *spec;
    net->capacity = spec->batch;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(model->create(net));
    *out = &net->base;
    return HG_OK;

cleanup:
    list_free(&net->base);
    return status;
}

enum hg_status hg_trained_list_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec)
{
    struct hg_network *network = NULL;
    HG_TRY(hg_list_network_create(&network, ctx, data, spec));
    struct hg_list_network *net = list_network(network);
    struct hg_tensors tensors = {0};
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        tensors.parameters[i] = net->model->tensor(net, HG_PARAMETER, i);
        if (spec->momentum > 0)
            tensors.velocities[i] = net->model->tensor(net, HG_VELOCITY, i);
    }
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(ctx->backend->training_create(&net->training, ctx, data, spec, &tensors));
    *out = NULL;
    if (net->training) {
        *out = network;
        network = NULL; /* the caller's */
    }

cleanup:
    list_free(network);
    return status;
}
