/* Claims: crosscheck passes on every backend of this build (argument: the backend's name; exit 77 where it cannot run
 * here); it finds each of the planted faults below in the op that has it, and in no other; and every op of
 * kernels/ops.h has a row of crosscheck, a planted fault, and a limit in docs/NUMERICS.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/crosscheck.h"
#include "host/proofs/crosscheck/parts.h"
#include "tests/support/check.h"
#include "tests/support/planted_ops.h"

enum { SKIPPED = 77 };

/* ---- planted faults: the float reference with one function replaced ---- */

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
                                           struct hg_matrix v, float momentum, float weight_decay, bool nesterov)
{
    (void)nesterov;
    return original->ops.sgd_update(ctx, w, g, v, momentum, weight_decay, false);
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

static const struct fault {
    const char *op;
    void (*part)(struct hg_rig *rig);
    struct hg_ops ops; /* the function that is not NULL replaces the original */
    enum hg_status (*epoch_start)(struct hg_context *ctx, size_t first_step);
} faults[] = {
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

static void plant(const struct fault *fault)
{
    faulty = *original;
    faulty.open = open_faulty;
    plant_ops(&faulty.ops, &fault->ops);
    if (fault->epoch_start)
        faulty.epoch_start = fault->epoch_start;
}

static void planted_faults_are_found(void **state)
{
    (void)state;
    const struct hg_open_options options = {.threads = 1};
    for (size_t i = 0; i < COUNT(faults); ++i) {
        plant(&faults[i]);
        struct hg_crosscheck_report report = {0};
        struct hg_rig rig;
        assert_ok(hg_rig_open(&rig, &faulty, &options, &report));
        faults[i].part(&rig);
        assert_ok(rig.status);
        hg_rig_close(&rig);
        assert_true(report.count > 0);
        if (report.failed == 0)
            fail_msg("fault %zu of %s was not found", i, faults[i].op);
        for (size_t k = 0; k < report.count; ++k) {
            const struct hg_crosscheck_row *row = &report.rows[k];
            if (!row->passed && strncmp(row->op, faults[i].op, strlen(faults[i].op)) != 0)
                fail_msg("fault %zu of %s shows in %s: %s", i, faults[i].op, row->op, row->where);
        }
        hg_crosscheck_report_free(&report);
    }
}

/* A wrong op must also show in whole training steps. */
static void planted_fault_shows_in_networks(void **state)
{
    (void)state;
    static const struct fault fault = {"sgd_update", NULL, {.sgd_update = sgd_without_nesterov}, NULL};
    plant(&fault);
    const struct hg_open_options options = {.threads = 1};
    struct hg_crosscheck_report report = {0};
    struct hg_rig rig;
    assert_ok(hg_rig_open(&rig, &faulty, &options, &report));
    hg_crosscheck_networks(&rig, "list", true);
    assert_ok(rig.status);
    hg_rig_close(&rig);
    for (size_t k = 0; k < report.count; ++k) {
        const struct hg_crosscheck_row *row = &report.rows[k];
        assert_int_equal(row->passed, strstr(row->size, "nesterov") == NULL);
    }
    hg_crosscheck_report_free(&report);
}

/* ---- every op has its proofs ---- */

/* Whether the text has this name as a word of its own. */
static bool names(const char *text, const char *op)
{
    for (const char *at = text; (at = strstr(at, op)); ++at)
        if ((at == text || at[-1] == ' ') && strchr(" ,", at[strlen(op)]))
            return true;
    return false;
}

static bool has_row(const struct hg_crosscheck_report *report, const char *op)
{
    for (size_t i = 0; i < report->count; ++i)
        if (names(report->rows[i].op, op))
            return true;
    return false;
}

/* Whether a table of the page has a row for it: a line that begins with "| ", and the name in the first cell. */
static bool has_limit(const char *page, const char *op)
{
    FILE *file = fopen(page, "r");
    if (!file)
        fail_msg("%s cannot be read", page);
    char line[1024];
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        char *end = strncmp(line, "| ", 2) == 0 ? strchr(line + 2, '|') : NULL;
        if (!end)
            continue;
        *end = 0;
        found = names(line + 2, op);
    }
    fclose(file);
    return found;
}

static void every_op_has_its_proofs(void **state)
{
    (void)state;
    bool planted[HG_OP_COUNT] = {false};
#define IS_PLANTED(fault, op) (fault).ops.op != NULL,
    for (size_t i = 0; i < COUNT(faults); ++i) {
        const bool by_fault[HG_OP_COUNT] = {HG_EACH_OP(IS_PLANTED, faults[i])};
        for (size_t k = 0; k < HG_OP_COUNT; ++k)
            planted[k] |= by_fault[k];
    }
#define OP_NAME(ignored, op) #op,
    static const char *const ops[HG_OP_COUNT] = {HG_EACH_OP(OP_NAME, )};
    struct hg_crosscheck_report report;
    assert_ok(hg_crosscheck(&report, "reference", 1));
    for (size_t k = 0; k < HG_OP_COUNT; ++k) {
        if (!has_row(&report, ops[k]))
            fail_msg("%s: crosscheck has no row for it: add one in host/proofs/crosscheck", ops[k]);
        if (!planted[k])
            fail_msg("%s: no fault of it is planted: add one to faults[] above", ops[k]);
        if (!has_limit(NUMERICS_PAGE, ops[k]))
            fail_msg("%s: docs/NUMERICS.md does not say its limit: add a row to the table of ops", ops[k]);
    }
    hg_crosscheck_report_free(&report);
}

static void unknown_backend_is_unavailable(void **state)
{
    (void)state;
    struct hg_crosscheck_report report;
    assert_fails(HG_UNAVAILABLE, "abacus", hg_crosscheck(&report, "abacus", 0));
    hg_crosscheck_report_free(&report);
}

static int check_backend(const char *name)
{
    struct hg_crosscheck_report report;
    const enum hg_status status = hg_crosscheck(&report, name, 0);
    for (size_t i = 0; i < report.count; ++i) {
        const struct hg_crosscheck_row *row = &report.rows[i];
        if (!row->passed)
            printf("%s, %s: error %.3g, limit %.3g: %s\n", row->op, row->size, row->error, row->limit, row->where);
    }
    printf("%s: %zu rows, %zu failed%s%s\n", name, report.count, report.failed, status == HG_OK ? "" : "; ",
           status == HG_OK ? "" : hg_message());
    hg_crosscheck_report_free(&report);
    if (status == HG_UNAVAILABLE && !getenv("HANDGRAD_REQUIRE_GPU"))
        return SKIPPED;
    return status == HG_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return check_backend(argv[1]);
    original = hg_backend_find("reference");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_faults_are_found),
        cmocka_unit_test(planted_fault_shows_in_networks),
        cmocka_unit_test(every_op_has_its_proofs),
        cmocka_unit_test(unknown_backend_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
