#include "tests/host/proofs/crosscheck_faults.h"

#include <math.h>

#include "host/proofs/crosscheck/parts.h"
#include "tests/support/planted_ops.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct hg_backend *original;
static struct hg_backend faulty;

static enum hg_status open_faulty(struct hg_context **out, const struct hg_open_options *options)
{
    const enum hg_status status = original->open(out, options);
    if (status == HG_OK)
        (*out)->backend = &faulty;
    return status;
}

static float *element(struct hg_matrix m, size_t row, size_t col)
{
    return (float *)m.data + row * m.stride + col; /* the reference's memory is the host's */
}

static float value(struct hg_const_matrix m, size_t row, size_t col)
{
    return ((const float *)m.data)[row * m.stride + col];
}

static enum hg_status gemm_drops_last_term(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                                           enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                                           enum hg_scalar beta, struct hg_matrix c)
{
    if (op_a == HG_N)
        --a.cols;
    else
        --a.rows;
    return original->ops.gemm(ctx, alpha, a, op_a, b, op_b, beta, c);
}

static enum hg_status gemm_multiplies_by_zero(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                                              enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                                              enum hg_scalar beta, struct hg_matrix c)
{
    for (size_t i = 0; beta == HG_ZERO && i < c.rows; ++i)
        for (size_t j = 0; j < c.cols; ++j)
            *element(c, i, j) *= 0; /* NaN stays NaN */
    return original->ops.gemm(ctx, alpha, a, op_a, b, op_b, beta == HG_ZERO ? HG_ONE : beta, c);
}

static enum hg_status gemm_writes_past_row(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                                           enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                                           enum hg_scalar beta, struct hg_matrix c)
{
    const enum hg_status status = original->ops.gemm(ctx, alpha, a, op_a, b, op_b, beta, c);
    *element(c, c.rows - 1, c.cols) = 0;
    return status;
}

static enum hg_status gemm_scales_a_in_place(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                                             enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                                             enum hg_scalar beta, struct hg_matrix c)
{
    const enum hg_status status = original->ops.gemm(ctx, alpha, a, op_a, b, op_b, beta, c);
    const struct hg_matrix writable = {(void *)a.data, a.rows, a.cols, a.stride};
    *element(writable, 0, 0) *= 2;
    return status;
}

static enum hg_status swish_textbook(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                     struct hg_matrix h, struct hg_matrix slope)
{
    (void)ctx;
    for (size_t i = 0; i < z.rows; ++i)
        for (size_t j = 0; j < z.cols; ++j) {
            const float a = value(z, i, j) + value(bias, 0, j);
            const float s = expf(a) / (1 + expf(a)); /* NaN from 89 on */
            *element(h, i, j) = a * s;
            if (slope.data)
                *element(slope, i, j) = s + a * s * (1 - s);
        }
    return HG_OK;
}

static enum hg_status swish_loses_a_digit(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                          struct hg_matrix h, struct hg_matrix slope)
{
    const enum hg_status status = original->ops.bias_swish(ctx, z, bias, h, slope);
    *element(h, h.rows - 1, h.cols - 1) *= 1.00001f;
    return status;
}

static enum hg_status xent_divides_by_batch(struct hg_context *ctx, struct hg_const_matrix z,
                                            struct hg_const_matrix bias, struct hg_const_labels labels,
                                            struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                            struct hg_matrix db)
{
    const enum hg_status status = original->ops.softmax_xent(ctx, z, bias, labels, dz, alpha, beta, db);
    for (size_t i = 0; dz.data && i < dz.rows; ++i)
        for (size_t j = 0; j < dz.cols; ++j)
            *element(dz, i, j) /= (float)dz.rows;
    return status;
}

static enum hg_status xent_counts_in_training_only(struct hg_context *ctx, struct hg_const_matrix z,
                                                   struct hg_const_matrix bias, struct hg_const_labels labels,
                                                   struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                                   struct hg_matrix db)
{
    return dz.data ? original->ops.softmax_xent(ctx, z, bias, labels, dz, alpha, beta, db) : HG_OK;
}

static enum hg_status backward_forgets_alpha(struct hg_context *ctx, struct hg_const_matrix slope,
                                             struct hg_const_matrix dh, struct hg_matrix dz, enum hg_scalar alpha,
                                             enum hg_scalar beta, struct hg_matrix db)
{
    (void)alpha;
    return original->ops.swish_backward(ctx, slope, dh, dz, HG_ONE, beta, db);
}

static enum hg_status terms_swap_paths(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                       struct hg_const_matrix g, struct hg_const_matrix s,
                                       struct hg_const_matrix squares, struct hg_matrix p)
{
    return original->ops.autoencoder_terms(ctx, samples, decoder, encoder, g, s, squares, p);
}

static enum hg_status sgd_without_nesterov(struct hg_context *ctx, struct hg_matrix w, struct hg_const_matrix g,
                                           struct hg_matrix v, float gain, float momentum, float weight_decay,
                                           bool nesterov)
{
    (void)nesterov;
    return original->ops.sgd_update(ctx, w, g, v, gain, momentum, weight_decay, false);
}

static enum hg_status start_at_first_step(struct hg_context *ctx, size_t first_step)
{
    (void)first_step;
    return original->epoch_start(ctx, 0);
}

static enum hg_status next_batch_divides_by_256(struct hg_context *ctx, const struct hg_data *data, size_t rows,
                                                struct hg_matrix x, struct hg_labels labels, struct hg_matrix squares)
{
    const enum hg_status status = original->ops.next_batch(ctx, data, rows, x, labels, squares);
    for (size_t b = 0; x.data && b < rows; ++b)
        for (size_t d = 0; d < x.cols; ++d)
            *element(x, b, d) *= 255.0f / 256;
    return status;
}

static enum hg_status load_rows_without_mean(struct hg_context *ctx, const struct hg_data *data, size_t first,
                                             struct hg_matrix x, struct hg_labels labels, struct hg_matrix squares)
{
    struct hg_matrix one_row = x; /* every row is right, the factor 1/B that of one row */
    one_row.rows = 1;
    for (size_t b = 0; b < x.rows; ++b) {
        one_row.data = element(x, b, 0);
        const struct hg_labels label = {labels.data ? labels.data + b : NULL, 1};
        const struct hg_matrix square = {squares.data ? element(squares, 0, b) : NULL, 1, 1, squares.stride};
        const enum hg_status status = original->ops.load_rows(ctx, data, first + b, one_row, label, square);
        if (status != HG_OK)
            return status;
    }
    return HG_OK;
}

const struct crosscheck_fault crosscheck_faults[] = {
    {"gemm", hg_crosscheck_gemm, {.gemm = gemm_drops_last_term}, NULL},
    {"gemm", hg_crosscheck_gemm, {.gemm = gemm_multiplies_by_zero}, NULL},
    {"gemm", hg_crosscheck_gemm, {.gemm = gemm_writes_past_row}, NULL},
    {"gemm", hg_crosscheck_gemm, {.gemm = gemm_scales_a_in_place}, NULL},
    {"bias_swish", hg_crosscheck_elementwise, {.bias_swish = swish_textbook}, NULL},
    {"bias_swish", hg_crosscheck_elementwise, {.bias_swish = swish_loses_a_digit}, NULL},
    {"swish_backward", hg_crosscheck_elementwise, {.swish_backward = backward_forgets_alpha}, NULL},
    {"sgd_update", hg_crosscheck_elementwise, {.sgd_update = sgd_without_nesterov}, NULL},
    {"softmax_xent", hg_crosscheck_losses, {.softmax_xent = xent_divides_by_batch}, NULL},
    {"softmax_xent", hg_crosscheck_losses, {.softmax_xent = xent_counts_in_training_only}, NULL},
    {"autoencoder_terms", hg_crosscheck_losses, {.autoencoder_terms = terms_swap_paths}, NULL},
    {"next_batch", hg_crosscheck_batches, {.gemm = NULL}, start_at_first_step},
    {"next_batch", hg_crosscheck_batches, {.next_batch = next_batch_divides_by_256}, NULL},
    {"next_batch", hg_crosscheck_batches, {.load_rows = load_rows_without_mean}, NULL},
};

const size_t crosscheck_fault_count = COUNT(crosscheck_faults);

const struct hg_backend *crosscheck_plant(const struct crosscheck_fault *fault)
{
    original = hg_backend_find("reference");
    faulty = *original;
    faulty.open = open_faulty;
    plant_ops(&faulty.ops, &fault->ops);
    if (fault->epoch_start)
        faulty.epoch_start = fault->epoch_start;
    return &faulty;
}
