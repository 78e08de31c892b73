/* The tied linear autoencoder as a list of ops, without residuals: docs/MATH.md (A11) to (A15).
 *
 * One buffer holds every operand side by side, so that a step needs three GEMMs:
 *
 *              features   m
 *            +----------+---+
 *      rows  |    X     | Z |   (1)  [Z; G] = [X; W] W^T
 *            +----------+---+
 *         m  |    W     | G |   (2)  [A | S] = Z^T [X | Z] / B
 *            +----------+---+
 *         m  |    A     | S |   (3)  gradient = [d S | e G - (e + d) I] [W; A]    e, d: weights of the two paths
 *            +----------+---+
 *
 * A short batch fills the last rows of X, so that W still follows it directly. In the Gram form (full batch: the second
 * moment C of the whole training set is known) (1) and (2) become A = W C and [G; S] = [W; A] W^T, whose cost does not
 * depend on the number of samples. */
#include "host/models/op_list.h"

#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Rows of an evaluation's batches in the Gram form, whose training needs no batch buffer. */
enum { EVALUATION_ROWS = 1024 };

struct autoencoder {
    struct hg_list_network list;
    struct hg_matrix operands; /* the picture above: [capacity + 2m][side + m] */
    size_t side;               /* features, rounded up so that Z, G and S are aligned; the gap stays zero */
    struct hg_matrix squares;  /* ||x||^2 of each row of the batch; of the whole set in the Gram form */
    struct hg_matrix p;        /* [d S | e G - (e + d) I] */
    struct hg_matrix gradient, velocity;
    struct hg_matrix second_moment; /* of the Gram form; data NULL: train on batches */
    struct hg_matrix square_sum;
    double *values; /* of spec.gradient: the weights, their gradient and the samples of a batch */
};

static struct autoencoder *autoencoder(const struct hg_list_network *net)
{
    return (struct autoencoder *)net;
}

/* A window of the operands: `rows` rows, counted from X's row `first` (W and A follow X), of the left part, which is
 * `features` wide, or of the right part, which is m wide. */
static struct hg_matrix wide(const struct autoencoder *net, size_t first, size_t rows)
{
    return hg_matrix_window(net->list.ctx, net->operands, first, 0, rows, net->list.spec.features);
}

static struct hg_matrix narrow(const struct autoencoder *net, size_t first, size_t rows)
{
    return hg_matrix_window(net->list.ctx, net->operands, first, net->side, rows, net->list.spec.hidden);
}

static struct hg_matrix weights(const struct autoencoder *net)
{
    return wide(net, net->list.capacity, net->list.spec.hidden);
}

static struct hg_matrix first_squares(const struct autoencoder *net, size_t rows)
{
    struct hg_matrix m = net->squares;
    m.cols = rows;
    return m;
}

/* (1): Z of the last `rows` rows of X, and G. */
static enum hg_status codes(struct autoencoder *net, size_t rows)
{
    const size_t first = net->list.capacity - rows, m = net->list.spec.hidden;
    return net->list.ops->gemm(net->list.ctx, HG_ONE, hg_in(wide(net, first, rows + m)), HG_N, hg_in(weights(net)),
                               HG_T, HG_ZERO, narrow(net, first, rows + m));
}

static enum hg_status batch_moments(struct autoencoder *net, size_t rows)
{
    const size_t cap = net->list.capacity, m = net->list.spec.hidden;
    const struct hg_context *ctx = net->list.ctx;
    const struct hg_matrix xz = hg_matrix_window(ctx, net->operands, cap - rows, 0, rows, net->side + m);
    const struct hg_matrix as = hg_matrix_window(ctx, net->operands, cap + m, 0, m, net->side + m);
    return net->list.ops->gemm(net->list.ctx, HG_MEAN, hg_in(narrow(net, cap - rows, rows)), HG_T, hg_in(xz), HG_N,
                               HG_ZERO, as);
}

static enum hg_status gram_moments(struct autoencoder *net)
{
    const struct hg_ops *ops = net->list.ops;
    const size_t cap = net->list.capacity, m = net->list.spec.hidden;
    HG_TRY(ops->gemm(net->list.ctx, HG_ONE, hg_in(weights(net)), HG_N, hg_in(net->second_moment), HG_N, HG_ZERO,
                     wide(net, cap + m, m)));
    return ops->gemm(net->list.ctx, HG_ONE, hg_in(wide(net, cap, 2 * m)), HG_N, hg_in(weights(net)), HG_T, HG_ZERO,
                     narrow(net, cap, 2 * m));
}

/* The gradient by spec.gradient, which computes in double on the host. */
static enum hg_status compute_gradient(struct autoencoder *net, size_t rows)
{
    const struct hg_network_spec *spec = &net->list.spec;
    const struct hg_gradient_function *gradient = &spec->gradient;
    struct hg_context *ctx = net->list.ctx;
    double *w = net->values, *out = w + spec->hidden * spec->features, *x = out + spec->hidden * spec->features;
    HG_TRY(hg_matrix_read(ctx, weights(net), w));
    HG_TRY(hg_matrix_read(ctx, wide(net, net->list.capacity - rows, rows), x));
    HG_TRY(gradient->compute(gradient->context, rows, w, x, out));
    return hg_matrix_write(ctx, net->gradient, out);
}

static enum hg_status step(struct hg_list_network *list, size_t rows)
{
    struct autoencoder *net = autoencoder(list);
    const struct hg_ops *ops = list->ops;
    const struct hg_network_spec *spec = &list->spec;
    struct hg_context *ctx = list->ctx;
    void (*phase)(struct hg_context *, enum hg_phase) = ctx->backend->phase;
    const size_t cap = list->capacity, m = spec->hidden;
    const bool gram = net->second_moment.data;
    const struct hg_matrix squares = gram ? net->square_sum : first_squares(net, rows);
    const bool by_paths = !spec->gradient.compute;

    phase(ctx, HG_PHASE_DATA);
    HG_TRY(ops->next_batch(ctx, list->data, rows, gram ? HG_NO_MATRIX : wide(net, cap - rows, rows), HG_NO_LABELS,
                           gram ? HG_NO_MATRIX : squares));
    phase(ctx, HG_PHASE_FORWARD);
    if (gram) {
        HG_TRY(gram_moments(net));
    } else {
        HG_TRY(codes(net, rows));
        HG_TRY(batch_moments(net, rows));
    }
    phase(ctx, HG_PHASE_BACKWARD);
    HG_TRY(ops->autoencoder_terms(ctx, rows, spec->encoder, spec->decoder, hg_in(narrow(net, cap, m)),
                                  hg_in(narrow(net, cap + m, m)), hg_in(squares), by_paths ? net->p : HG_NO_MATRIX));
    if (by_paths)
        HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(net->p), HG_N, hg_in(wide(net, cap, 2 * m)), HG_N, HG_ZERO, net->gradient));
    else
        HG_TRY(compute_gradient(net, rows));
    phase(ctx, HG_PHASE_UPDATE);
    HG_TRY(ops->sgd_update(ctx, weights(net), hg_in(net->gradient), net->velocity, 1, spec->momentum,
                           spec->weight_decay, spec->nesterov));
    phase(ctx, HG_PHASE_NONE);
    return HG_OK;
}

static enum hg_status load(struct autoencoder *net, const struct hg_data *data, size_t first, size_t rows,
                           struct hg_matrix squares)
{
    HG_TRY(net->list.ops->load_rows(net->list.ctx, data, first, wide(net, net->list.capacity - rows, rows),
                                    HG_NO_LABELS, squares));
    return codes(net, rows);
}

static enum hg_status evaluate(struct hg_list_network *list, const struct hg_data *data, size_t first, size_t rows)
{
    struct autoencoder *net = autoencoder(list);
    const size_t cap = list->capacity, m = list->spec.hidden;
    const struct hg_matrix z = narrow(net, cap - rows, rows), s = narrow(net, cap + m, m);
    HG_TRY(load(net, data, first, rows, first_squares(net, rows)));
    HG_TRY(list->ops->gemm(list->ctx, HG_MEAN, hg_in(z), HG_T, hg_in(z), HG_N, HG_ZERO, s));
    return list->ops->autoencoder_terms(list->ctx, rows, 1, 1, hg_in(narrow(net, cap, m)), hg_in(s),
                                        hg_in(first_squares(net, rows)), HG_NO_MATRIX);
}

static enum hg_status forward(struct hg_list_network *list, const struct hg_data *data, size_t first, size_t rows,
                              struct hg_matrix *out, struct hg_matrix *bias)
{
    struct autoencoder *net = autoencoder(list);
    HG_TRY(load(net, data, first, rows, HG_NO_MATRIX));
    *out = narrow(net, list->capacity - rows, rows);
    *bias = HG_NO_MATRIX;
    return HG_OK;
}

static struct hg_matrix tensor(const struct hg_list_network *list, enum hg_role role, size_t index)
{
    (void)index;
    return role == HG_PARAMETER ? weights(autoencoder(list)) : autoencoder(list)->velocity;
}

static void autoencoder_free(struct hg_list_network *list)
{
    struct autoencoder *net = autoencoder(list);
    struct hg_matrix *const matrices[] = {&net->operands, &net->squares,       &net->p,         &net->gradient,
                                          &net->velocity, &net->second_moment, &net->square_sum};
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; ++i)
        hg_matrix_free(matrices[i], list->ctx);
    free(net->values);
}

static enum hg_status create(struct hg_list_network *list)
{
    struct autoencoder *net = autoencoder(list);
    struct hg_context *ctx = net->list.ctx;
    const struct hg_network_spec *spec = &list->spec;
    if (spec->second_moment && spec->batch > EVALUATION_ROWS)
        list->capacity = EVALUATION_ROWS;
    const size_t cap = list->capacity, m = spec->hidden;
    net->side = hg_matrix_stride(spec->features);

    HG_TRY(hg_matrix_create(&net->operands, ctx, cap + 2 * m, net->side + m));
    HG_TRY(hg_matrix_create(&net->squares, ctx, 1, cap));
    HG_TRY(hg_matrix_create(&net->p, ctx, m, 2 * m));
    HG_TRY(hg_matrix_create(&net->gradient, ctx, m, spec->features));
    if (spec->momentum > 0)
        HG_TRY(hg_matrix_create(&net->velocity, ctx, m, spec->features));
    if (spec->gradient.compute)
        HG_TRY(hg_allocate_bytes(&net->values, 2 * m + cap, spec->features * sizeof *net->values,
                                 "the values of a formula"));
    if (!spec->second_moment)
        return HG_OK;
    HG_TRY(hg_matrix_create(&net->second_moment, ctx, spec->features, spec->features));
    HG_TRY(hg_matrix_write(ctx, net->second_moment, spec->second_moment));
    HG_TRY(hg_matrix_create(&net->square_sum, ctx, 1, 1));
    return hg_matrix_write(ctx, net->square_sum, &spec->square_sum);
}

const struct hg_list_model hg_list_autoencoder = {.size = sizeof(struct autoencoder),
                                                  .create = create,
                                                  .free = autoencoder_free,
                                                  .tensor = tensor,
                                                  .step = step,
                                                  .evaluate = evaluate,
                                                  .forward = forward};
