/* The classifier: each equation of its backward pass, (M5) to (M12). Activations are checked through the ops;
 * parameters through the network that training runs, whose evaluation gives the loss and whose step gives the gradient.
 */
#include <math.h>

#include "host/data/scale.h"
#include "host/models/network.h"
#include "host/proofs/gradcheck/parts.h"
#include "kernels/base/try.h"

/* The activations from which L can be computed, in the order of the forward pass. */
enum activation { FROM_Z1, FROM_H, FROM_Z2 };

struct mlp {
    struct hg_gradcheck *check;
    struct hg_network *network;
    struct hg_matrix x, w1, b1, w2, b2;
    struct hg_matrix z1, h, slope, z2;       /* forward; z1 and z2 without their bias */
    struct hg_matrix dz2, db2, dh, dz1, db1; /* backward; dz2, dh and dz1 are sums over the batch, not means */
    struct hg_labels labels;
    struct hg_probe parameters[HG_MLP_TENSORS];
};

static const struct hg_matrix NONE = {0};

/* ---- the loss, computed from any activation on ---- */

static enum hg_status loss_from(struct mlp *mlp, enum activation first, double *loss)
{
    struct hg_context *ctx = mlp->check->ctx;
    const struct hg_ops *ops = &ctx->backend->ops;
    if (first <= FROM_Z1)
        HG_TRY(ops->bias_swish(ctx, hg_in(mlp->z1), hg_in(mlp->b1), mlp->h, NONE));
    if (first <= FROM_H)
        HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(mlp->h), HG_N, hg_in(mlp->w2), HG_T, HG_ZERO, mlp->z2));
    HG_TRY(ops->softmax_xent(ctx, hg_in(mlp->z2), hg_in(mlp->b2), hg_labels_in(mlp->labels), NONE, HG_ZERO, HG_ZERO,
                             NONE));
    struct hg_totals totals;
    HG_TRY(ctx->backend->totals_read(ctx, &totals));
    *loss = totals.loss / (double)totals.samples;
    return HG_OK;
}

static enum hg_status loss_of_z1(void *target, const double *values, double *loss)
{
    struct mlp *mlp = target;
    HG_TRY(hg_matrix_write(mlp->check->ctx, mlp->z1, values));
    return loss_from(mlp, FROM_Z1, loss);
}

static enum hg_status loss_of_h(void *target, const double *values, double *loss)
{
    struct mlp *mlp = target;
    HG_TRY(hg_matrix_write(mlp->check->ctx, mlp->h, values));
    return loss_from(mlp, FROM_H, loss);
}

static enum hg_status loss_of_z2(void *target, const double *values, double *loss)
{
    struct mlp *mlp = target;
    HG_TRY(hg_matrix_write(mlp->check->ctx, mlp->z2, values));
    return loss_from(mlp, FROM_Z2, loss);
}

/* The forward and backward pass, keeping every intermediate result. */
static enum hg_status run_ops(struct mlp *mlp)
{
    struct hg_context *ctx = mlp->check->ctx;
    const struct hg_ops *ops = &ctx->backend->ops;
    HG_TRY(ops->load_rows(ctx, mlp->check->data, 0, mlp->x, mlp->labels, NONE));
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(mlp->x), HG_N, hg_in(mlp->w1), HG_T, HG_ZERO, mlp->z1));
    HG_TRY(ops->bias_swish(ctx, hg_in(mlp->z1), hg_in(mlp->b1), mlp->h, mlp->slope));
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(mlp->h), HG_N, hg_in(mlp->w2), HG_T, HG_ZERO, mlp->z2));
    HG_TRY(ops->softmax_xent(ctx, hg_in(mlp->z2), hg_in(mlp->b2), hg_labels_in(mlp->labels), mlp->dz2, HG_MEAN, HG_ZERO,
                             mlp->db2));
    HG_TRY(ops->gemm(ctx, HG_ONE, hg_in(mlp->dz2), HG_N, hg_in(mlp->w2), HG_N, HG_ZERO, mlp->dh));
    HG_TRY(ops->swish_backward(ctx, hg_in(mlp->slope), hg_in(mlp->dh), mlp->dz1, HG_MEAN, HG_ZERO, mlp->db1));
    struct hg_totals ignored;
    return ctx->backend->totals_read(ctx, &ignored);
}

/* ---- rows ---- */

/* One row for an activation. `gradient` is that of the batch's summed loss, L is the mean: hence the 1/B. */
static enum hg_status check_activation(struct mlp *mlp, struct hg_matrix activation, struct hg_matrix gradient,
                                       hg_probe_loss *loss, const char *equation, const char *name)
{
    struct hg_context *ctx = mlp->check->ctx;
    struct hg_probe probe;
    struct hg_derivative numeric;
    HG_TRY(hg_probe_create(&probe, activation.rows * activation.cols));
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_matrix_read(ctx, activation, probe.base));
    HG_TRY_OR_CLEANUP(hg_matrix_read(ctx, gradient, probe.gradient));
    for (size_t i = 0; i < probe.n; ++i)
        probe.gradient[i] /= (double)mlp->check->batch;
    hg_probe_aim(&probe, &mlp->check->random);
    HG_TRY_OR_CLEANUP(hg_probe_numeric(&probe, loss, mlp, &numeric));
    hg_gradcheck_add(mlp->check, equation, name, &probe, numeric);

cleanup:
    hg_probe_free(&probe);
    return status;
}

/* The function that (M9) is checked with: a random combination of the elements of Swish(z1). */
struct combination {
    struct mlp *mlp;
    struct hg_probe factors; /* base: one factor for each element; moved: room for h */
};

static enum hg_status combined_swish(void *target, const double *values, double *sum)
{
    const struct combination *c = target;
    struct mlp *mlp = c->mlp;
    struct hg_context *ctx = mlp->check->ctx;
    HG_TRY(hg_matrix_write(ctx, mlp->z1, values));
    HG_TRY(ctx->backend->ops.bias_swish(ctx, hg_in(mlp->z1), hg_in(mlp->b1), mlp->h, NONE));
    HG_TRY(hg_matrix_read(ctx, mlp->h, c->factors.moved));
    *sum = 0;
    for (size_t i = 0; i < c->factors.n; ++i)
        *sum += c->factors.base[i] * c->factors.moved[i];
    return HG_OK;
}

static enum hg_status check_swish(struct mlp *mlp)
{
    struct hg_context *ctx = mlp->check->ctx;
    const size_t n = mlp->z1.rows * mlp->z1.cols;
    struct combination c = {.mlp = mlp};
    struct hg_probe probe = {0};
    struct hg_derivative numeric;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_probe_create(&c.factors, n));
    HG_TRY_OR_CLEANUP(hg_probe_create(&probe, n));
    HG_TRY_OR_CLEANUP(hg_matrix_read(ctx, mlp->z1, probe.base));
    HG_TRY_OR_CLEANUP(hg_matrix_read(ctx, mlp->slope, probe.gradient));
    hg_gradcheck_fill(mlp->check, c.factors.base, n, 1);
    for (size_t i = 0; i < n; ++i)
        probe.gradient[i] *= c.factors.base[i];
    hg_probe_aim(&probe, &mlp->check->random);
    HG_TRY_OR_CLEANUP(hg_probe_numeric(&probe, combined_swish, &c, &numeric));
    hg_gradcheck_add(mlp->check, "M9", "Swish′(z1) = σ(z1) + z1·σ(z1)·(1 − σ(z1))", &probe, numeric);

cleanup:
    hg_probe_free(&probe);
    hg_probe_free(&c.factors);
    return status;
}

/* ---- parameters ---- */

struct parameter {
    struct mlp *mlp;
    size_t index;
};

static enum hg_status loss_of_parameter(void *target, const double *values, double *loss)
{
    const struct parameter *parameter = target;
    const struct mlp *mlp = parameter->mlp;
    const struct hg_network_functions *f = mlp->network->functions;
    HG_TRY(f->set(mlp->network, HG_PARAMETER, parameter->index, values));
    struct hg_totals totals;
    HG_TRY(f->evaluate(mlp->network, mlp->check->data, mlp->check->batch, &totals));
    *loss = totals.loss / (double)totals.samples;
    return HG_OK;
}

/* Gradients of all parameters from one step, which is then undone. */
static enum hg_status step_network(struct mlp *mlp)
{
    const struct hg_network_functions *f = mlp->network->functions;
    HG_TRY(hg_gradcheck_step(mlp->check, mlp->network));
    for (size_t t = 0; t < HG_MLP_TENSORS; ++t) {
        struct hg_probe *probe = &mlp->parameters[t];
        HG_TRY(hg_gradcheck_step_gradient(mlp->network, t, probe));
        HG_TRY(f->set(mlp->network, HG_PARAMETER, t, probe->base));
    }
    return HG_OK;
}

static enum hg_status check_parameter(struct mlp *mlp, size_t index, const char *equation, const char *name)
{
    struct hg_probe *probe = &mlp->parameters[index];
    struct parameter target = {mlp, index};
    struct hg_derivative numeric;
    hg_probe_aim(probe, &mlp->check->random);
    HG_TRY(hg_probe_numeric(probe, loss_of_parameter, &target, &numeric));
    hg_gradcheck_add(mlp->check, equation, name, probe, numeric);
    return HG_OK;
}

static enum hg_status check_all(struct mlp *mlp)
{
    HG_TRY(run_ops(mlp));
    HG_TRY(step_network(mlp));
    HG_TRY(check_activation(mlp, mlp->z2, mlp->dz2, loss_of_z2, "M5", "∂L/∂z2 = softmax(z2) − onehot(y)"));
    HG_TRY(check_parameter(mlp, 3, "M6", "∂L/∂b2 = ∂L/∂z2"));
    HG_TRY(check_parameter(mlp, 2, "M7", "∂L/∂W2 = ∂L/∂z2·hᵀ"));
    HG_TRY(check_activation(mlp, mlp->h, mlp->dh, loss_of_h, "M8", "∂L/∂h = W2ᵀ·∂L/∂z2"));
    HG_TRY(check_swish(mlp));
    HG_TRY(check_activation(mlp, mlp->z1, mlp->dz1, loss_of_z1, "M10", "∂L/∂z1 = Swish′(z1) ∘ ∂L/∂h"));
    HG_TRY(check_parameter(mlp, 1, "M11", "∂L/∂b1 = ∂L/∂z1"));
    return check_parameter(mlp, 0, "M12", "∂L/∂W1 = ∂L/∂z1·xᵀ");
}

/* ---- set-up ---- */

static enum hg_status create_parameters(struct mlp *mlp, const struct hg_network_spec *spec)
{
    struct hg_context *ctx = mlp->check->ctx;
    struct hg_matrix *const matrices[HG_MLP_TENSORS] = {&mlp->w1, &mlp->b1, &mlp->w2, &mlp->b2};
    HG_TRY(hg_list_network_create(&mlp->network, ctx, mlp->check->data, spec));
    /* Weights have the variances of (S9), so that z1 and z2 are of size 1 whatever the scale of the data. */
    const double squares[HG_MLP_TENSORS] = {hg_mean_square(mlp->check->samples), 100, (double)spec->hidden, 100};
    for (size_t t = 0; t < HG_MLP_TENSORS; ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, t);
        struct hg_probe *probe = &mlp->parameters[t];
        HG_TRY(hg_probe_create(probe, shape.rows * shape.cols));
        hg_gradcheck_fill(mlp->check, probe->base, probe->n, 1 / sqrt(squares[t]));
        HG_TRY(mlp->network->functions->set(mlp->network, HG_PARAMETER, t, probe->base));
        HG_TRY(hg_matrix_create(matrices[t], ctx, shape.rows, shape.cols));
        HG_TRY(hg_matrix_write(ctx, *matrices[t], probe->base));
    }
    return HG_OK;
}

static enum hg_status create_activations(struct mlp *mlp)
{
    const struct hg_gradcheck *check = mlp->check;
    struct hg_context *ctx = check->ctx;
    HG_TRY(hg_matrix_create(&mlp->x, ctx, check->batch, check->features));
    struct hg_matrix *const hidden[] = {&mlp->z1, &mlp->h, &mlp->slope, &mlp->dh, &mlp->dz1};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; ++i)
        HG_TRY(hg_matrix_create(hidden[i], ctx, check->batch, check->hidden));
    HG_TRY(hg_matrix_create(&mlp->z2, ctx, check->batch, check->classes));
    HG_TRY(hg_matrix_create(&mlp->dz2, ctx, check->batch, check->classes));
    HG_TRY(hg_matrix_create(&mlp->db2, ctx, 1, check->classes));
    HG_TRY(hg_matrix_create(&mlp->db1, ctx, 1, check->hidden));
    void *labels;
    HG_TRY(ctx->backend->allocate(ctx, check->batch, &labels));
    mlp->labels = (struct hg_labels){labels, check->batch};
    return HG_OK;
}

static void mlp_free(struct mlp *mlp)
{
    struct hg_context *ctx = mlp->check->ctx;
    struct hg_matrix *const matrices[] = {&mlp->x,     &mlp->w1, &mlp->b1,  &mlp->w2,  &mlp->b2, &mlp->z1,  &mlp->h,
                                          &mlp->slope, &mlp->z2, &mlp->dz2, &mlp->db2, &mlp->dh, &mlp->dz1, &mlp->db1};
    if (mlp->labels.data)
        ctx->backend->release(ctx, mlp->labels.data);
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; ++i)
        hg_matrix_free(matrices[i], ctx);
    for (size_t t = 0; t < HG_MLP_TENSORS; ++t)
        hg_probe_free(&mlp->parameters[t]);
    if (mlp->network)
        mlp->network->functions->free(mlp->network);
}

enum hg_status hg_gradcheck_mlp(struct hg_gradcheck *check)
{
    struct mlp mlp = {.check = check};
    const struct hg_network_spec spec = {.kind = HG_NETWORK_MLP,
                                         .features = check->features,
                                         .hidden = check->hidden,
                                         .classes = check->classes,
                                         .batch = check->batch,
                                         .samples = check->batch};
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(create_parameters(&mlp, &spec));
    HG_TRY_OR_CLEANUP(create_activations(&mlp));
    HG_TRY_OR_CLEANUP(check_all(&mlp));

cleanup:
    mlp_free(&mlp);
    return status;
}
