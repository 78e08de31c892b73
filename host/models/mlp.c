/* The two-layer Swish classifier as a list of ops: docs/MATH.md (M1) to (M13). */
#include "host/models/op_list.h"

#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Parameters, gradients and velocities, each in one buffer, so that one op updates all of them. */
struct tensors {
    struct hg_matrix all; /* [1][every element and the gaps between tensors, which stay zero] */
    struct hg_matrix w1, b1, w2, b2;
};

struct mlp {
    struct hg_list_network list;
    struct tensors parameters, gradients, velocities;
    /* [1][features], (S8): minus the centre of the inputs, and that times their gain. No data: the centre is 0. */
    struct hg_matrix minus_centre, minus_gained_centre;
    /* Activations of a batch: x, z1 (h in its place), Swish' at z1, z2 (dz2 in its place), dh (dz1 in its place). */
    struct hg_matrix x, h, slope, z2, dh;
    struct hg_labels labels;
};

static struct mlp *mlp(const struct hg_list_network *net)
{
    return (struct mlp *)net;
}

static struct hg_matrix first_rows(struct hg_matrix m, size_t rows)
{
    m.rows = rows;
    return m;
}

static struct hg_labels first_labels(struct hg_labels labels, size_t rows)
{
    labels.count = rows;
    return labels;
}

static enum hg_status forward(struct mlp *net, size_t rows, bool with_slope)
{
    const struct hg_ops *ops = net->list.ops;
    struct hg_context *ctx = net->list.ctx;
    const struct tensors *p = &net->parameters;
    const struct hg_matrix x = first_rows(net->x, rows), h = first_rows(net->h, rows), z2 = first_rows(net->z2, rows);
    const struct hg_matrix slope = with_slope ? first_rows(net->slope, rows) : HG_NO_MATRIX;

    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(x), HG_N, hg_in(p->w1), HG_T, HG_ZERO, h)); /* z1 = x W1^T (+ b1 below) */
    HG_TRY(ops->bias_swish(ctx, hg_in(h), hg_in(p->b1), h, slope));                 /* h = Swish(z1 + b1) */
    return ops->gemm(ctx, HG_ONE, hg_in(h), HG_N, hg_in(p->w2), HG_T, HG_ZERO, z2); /* z2 = h W2^T (+ b2 below) */
}

/* Plain SGD needs no gradient buffer: W - (lr / B) dz^T x is one GEMM onto W itself. Weight decay could be folded in
 * the same way, but the factor 1 - lr * decay, rounded to float, is off by up to 2^-25, and by the same amount in every
 * step (docs/NUMERICS.md). */
static bool is_folded(const struct hg_network_spec *spec)
{
    return spec->momentum == 0 && spec->weight_decay == 0 && hg_input_gain(spec) == 1 && !spec->input_centre;
}

/* The elements of a flat buffer from `first` on, up to `end`. */
static struct hg_matrix part_of(const struct hg_context *ctx, struct hg_matrix all, size_t first, size_t end)
{
    return all.data ? hg_matrix_window(ctx, all, 0, first, 1, end - first) : HG_NO_MATRIX;
}

static enum hg_status update_part(const struct mlp *net, size_t first, size_t end, float gain)
{
    const struct hg_list_network *list = &net->list;
    const struct hg_network_spec *spec = &list->spec;
    return list->ops->sgd_update(list->ctx, part_of(list->ctx, net->parameters.all, first, end),
                                 hg_in(part_of(list->ctx, net->gradients.all, first, end)),
                                 part_of(list->ctx, net->velocities.all, first, end), gain, spec->momentum,
                                 spec->weight_decay, spec->nesterov);
}

static enum hg_status update(const struct mlp *net)
{
    const size_t end = net->parameters.all.cols, first_layer = net->parameters.w1.rows * net->parameters.w1.stride;
    const float gain = hg_input_gain(&net->list.spec);
    if (gain == 1)
        return update_part(net, 0, end, 1);
    HG_TRY(update_part(net, 0, first_layer, gain));
    return update_part(net, first_layer, end, 1);
}

/* Turns the gradients of the first layer into those for centred inputs, and back into steps of W1 and b1: (S8). */
static enum hg_status centre_gradients(const struct mlp *net)
{
    const struct hg_ops *ops = net->list.ops;
    struct hg_context *ctx = net->list.ctx;
    const struct tensors *g = &net->gradients;
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(g->b1), HG_T, hg_in(net->minus_centre), HG_N, HG_ONE, g->w1));
    return ops->gemm(ctx, HG_ONE, hg_in(net->minus_gained_centre), HG_N, hg_in(g->w1), HG_T, HG_ONE, g->b1);
}

static enum hg_status step(struct hg_list_network *list, size_t rows)
{
    struct mlp *net = mlp(list);
    const struct hg_ops *ops = list->ops;
    struct hg_context *ctx = list->ctx;
    void (*phase)(struct hg_context *, enum hg_phase) = ctx->backend->phase;
    const struct tensors *p = &net->parameters;

    const bool folded = is_folded(&list->spec);
    const struct tensors *target = folded ? &net->parameters : &net->gradients;
    const enum hg_scalar alpha = folded ? HG_DESCENT : HG_MEAN, beta = folded ? HG_ONE : HG_ZERO;

    const struct hg_matrix x = first_rows(net->x, rows), h = first_rows(net->h, rows);
    const struct hg_matrix slope = first_rows(net->slope, rows);
    const struct hg_matrix z2 = first_rows(net->z2, rows), dz2 = z2;
    const struct hg_matrix dh = first_rows(net->dh, rows), dz1 = dh;
    const struct hg_labels labels = first_labels(net->labels, rows);

    phase(ctx, HG_PHASE_DATA);
    HG_TRY(ops->next_batch(ctx, list->data, rows, x, labels, HG_NO_MATRIX));
    phase(ctx, HG_PHASE_FORWARD);
    HG_TRY(forward(net, rows, true));
    HG_TRY(ops->softmax_xent(ctx, hg_in(z2), hg_in(p->b2), hg_labels_in(labels), dz2, alpha, beta, target->b2));
    phase(ctx, HG_PHASE_BACKWARD);
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(dz2), HG_N, hg_in(p->w2), HG_N, HG_ZERO, dh)); /* before W2 changes */
    HG_TRY(ops->gemm(ctx, alpha, hg_in(dz2), HG_T, hg_in(h), HG_N, beta, target->w2));
    HG_TRY(ops->swish_backward(ctx, hg_in(slope), hg_in(dh), dz1, alpha, beta, target->b1));
    HG_TRY(ops->gemm(ctx, alpha, hg_in(dz1), HG_T, hg_in(x), HG_N, beta, target->w1));
    if (!folded) {
        phase(ctx, HG_PHASE_UPDATE);
        if (net->minus_centre.data)
            HG_TRY(centre_gradients(net));
        HG_TRY(update(net));
    }
    phase(ctx, HG_PHASE_NONE);
    return HG_OK;
}

static enum hg_status evaluate(struct hg_list_network *list, const struct hg_data *data, size_t first, size_t rows)
{
    struct mlp *net = mlp(list);
    const struct hg_labels labels = first_labels(net->labels, rows);
    HG_TRY(list->ops->load_rows(list->ctx, data, first, first_rows(net->x, rows), labels, HG_NO_MATRIX));
    HG_TRY(forward(net, rows, false));
    return list->ops->softmax_xent(list->ctx, hg_in(first_rows(net->z2, rows)), hg_in(net->parameters.b2),
                                   hg_labels_in(labels), HG_NO_MATRIX, HG_ZERO, HG_ZERO, HG_NO_MATRIX);
}

static enum hg_status forward_rows(struct hg_list_network *list, const struct hg_data *data, size_t first, size_t rows,
                                   struct hg_matrix *out, struct hg_matrix *bias)
{
    struct mlp *net = mlp(list);
    HG_TRY(list->ops->load_rows(list->ctx, data, first, first_rows(net->x, rows), HG_NO_LABELS, HG_NO_MATRIX));
    HG_TRY(forward(net, rows, false));
    *out = first_rows(net->z2, rows);
    *bias = net->parameters.b2;
    return HG_OK;
}

static struct hg_matrix tensor(const struct hg_list_network *list, enum hg_role role, size_t index)
{
    const struct tensors *t = role == HG_PARAMETER ? &mlp(list)->parameters : &mlp(list)->velocities;
    const struct hg_matrix matrices[HG_MLP_TENSORS] = {t->w1, t->b1, t->w2, t->b2};
    return matrices[index];
}

static void mlp_free(struct hg_list_network *list)
{
    struct mlp *net = mlp(list);
    struct hg_matrix *const matrices[] = {&net->parameters.all,
                                          &net->gradients.all,
                                          &net->velocities.all,
                                          &net->minus_centre,
                                          &net->minus_gained_centre,
                                          &net->x,
                                          &net->h,
                                          &net->slope,
                                          &net->z2,
                                          &net->dh};
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; ++i)
        hg_matrix_free(matrices[i], list->ctx);
    if (net->labels.data)
        list->ctx->backend->release(list->ctx, net->labels.data);
}

/* A window of rows x cols at *offset of the flat buffer. Moves *offset past the window, to the next multiple of
 * TENSOR_UNIT elements, so that tensors start on cache lines. */
static struct hg_matrix place(const struct hg_context *ctx, struct hg_matrix all, size_t *offset, size_t rows,
                              size_t cols)
{
    enum { TENSOR_UNIT = 64 };
    const size_t stride = hg_matrix_stride(cols);
    struct hg_matrix m = hg_matrix_window(ctx, all, 0, *offset, rows, cols);
    m.stride = stride;
    *offset = (*offset + rows * stride + TENSOR_UNIT - 1) / TENSOR_UNIT * TENSOR_UNIT;
    return m;
}

/* Lays the tensors out in `all`, which may have no memory yet; returns the number of elements needed. */
static size_t lay_out(struct tensors *t, const struct hg_context *ctx, const struct hg_network_spec *spec)
{
    size_t elements = 0;
    t->w1 = place(ctx, t->all, &elements, spec->hidden, spec->features);
    t->b1 = place(ctx, t->all, &elements, 1, spec->hidden);
    t->w2 = place(ctx, t->all, &elements, spec->classes, spec->hidden);
    t->b2 = place(ctx, t->all, &elements, 1, spec->classes);
    return elements;
}

static enum hg_status create_tensors(struct tensors *t, struct hg_context *ctx, const struct hg_network_spec *spec)
{
    struct tensors measured = {0};
    HG_TRY(hg_matrix_create(&t->all, ctx, 1, lay_out(&measured, ctx, spec)));
    lay_out(t, ctx, spec);
    return HG_OK;
}

static enum hg_status create_centre(struct mlp *net)
{
    struct hg_context *ctx = net->list.ctx;
    const struct hg_network_spec *spec = &net->list.spec;
    HG_TRY(hg_matrix_create(&net->minus_centre, ctx, 1, spec->features));
    HG_TRY(hg_matrix_create(&net->minus_gained_centre, ctx, 1, spec->features));
    double *values;
    HG_TRY(hg_allocate(&values, spec->features, "the centre of the inputs"));
    for (size_t d = 0; d < spec->features; ++d)
        values[d] = -spec->input_centre[d];
    enum hg_status status = hg_matrix_write(ctx, net->minus_centre, values);
    for (size_t d = 0; d < spec->features; ++d)
        values[d] *= (double)hg_input_gain(spec);
    if (status == HG_OK)
        status = hg_matrix_write(ctx, net->minus_gained_centre, values);
    free(values);
    return status;
}

static enum hg_status create(struct hg_list_network *list)
{
    struct mlp *net = mlp(list);
    struct hg_context *ctx = net->list.ctx;
    const struct hg_network_spec *spec = &net->list.spec;
    const size_t rows = net->list.capacity;
    HG_TRY(create_tensors(&net->parameters, ctx, spec));
    if (!is_folded(spec))
        HG_TRY(create_tensors(&net->gradients, ctx, spec));
    if (spec->momentum > 0)
        HG_TRY(create_tensors(&net->velocities, ctx, spec));
    if (spec->input_centre)
        HG_TRY(create_centre(net));
    HG_TRY(hg_matrix_create(&net->x, ctx, rows, spec->features));
    HG_TRY(hg_matrix_create(&net->h, ctx, rows, spec->hidden));
    HG_TRY(hg_matrix_create(&net->slope, ctx, rows, spec->hidden));
    HG_TRY(hg_matrix_create(&net->z2, ctx, rows, spec->classes));
    HG_TRY(hg_matrix_create(&net->dh, ctx, rows, spec->hidden));
    void *labels;
    HG_TRY(ctx->backend->allocate(ctx, rows, &labels));
    net->labels = (struct hg_labels){labels, rows};
    return HG_OK;
}

const struct hg_list_model hg_list_mlp = {.size = sizeof(struct mlp),
                                          .create = create,
                                          .free = mlp_free,
                                          .tensor = tensor,
                                          .step = step,
                                          .evaluate = evaluate,
                                          .forward = forward_rows};
