/* Claims, on data of every scale and shape that people bring: every equation that should hold does; the formula (A8)
 * does not and is expected not to; an op that is wrong in one equation, if only by a factor of 1 + 1e-5, fails the rows
 * that depend on it and no others; and where samples leave nothing to judge, no row says that it holds. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "host/proofs/gradcheck/gradcheck.h"
#include "kernels/base/random.h"
#include "tests/support/check.h"
#include "tests/support/planted_ops.h"

enum { SAMPLES = 19, FEATURES = 30, CLASSES = 7 };

struct fixture {
    uint8_t values[SAMPLES * FEATURES], labels[SAMPLES];
    struct hg_samples samples;
};

static const struct hg_backend *original;
static struct hg_backend faulty;

static int set_up(void **state)
{
    static struct fixture f;
    struct hg_random random = hg_random_stream(1, HG_RANDOM_SYNTHETIC, 0);
    for (size_t i = 0; i < sizeof f.values; ++i)
        f.values[i] = hg_random_below(&random, 3) ? 0 : (uint8_t)hg_random_below(&random, 256);
    for (size_t i = 0; i < SAMPLES; ++i)
        f.labels[i] = (uint8_t)hg_random_below(&random, CLASSES);
    f.samples = (struct hg_samples){SAMPLES, FEATURES, HG_U8, f.values, f.labels};
    original = hg_backend_find("reference64");
    *state = &f;
    return 0;
}

static enum hg_status open_faulty(struct hg_context **out, const struct hg_open_options *options)
{
    const enum hg_status status = original->open(out, options);
    if (status == HG_OK)
        (*out)->backend = &faulty;
    return status;
}

/* Are exactly the rows of these equations (blank-separated, with a blank at both ends) those with this verdict, while
 * all others hold, or, (A8) alone, are not the gradient? */
static void assert_only_these(const struct hg_gradcheck_report *report, enum hg_gradcheck_verdict verdict,
                              const char *equations, const char *data)
{
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        char word[8];
        snprintf(word, sizeof word, " %s ", row->equation);
        const bool formula = strcmp(row->equation, "A8") == 0;
        const enum hg_gradcheck_verdict expected = strstr(equations, word) ? verdict
                                                   : formula               ? HG_GRADCHECK_NOT_THE_GRADIENT
                                                                           : HG_GRADCHECK_HOLDS;
        if (row->verdict != expected)
            fail_msg("%s, (%s) %s: verdict %d instead of %d, %.15g analytic, %.15g numeric, error %g, limit %g", data,
                     row->equation, row->name, row->verdict, expected, row->analytic, row->numeric, row->error,
                     row->limit);
    }
}

static void equations_of_the_mlp_hold(void **state)
{
    const struct fixture *f = *state;
    static const char *const equations[] = {"M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12"};
    for (size_t hidden = 1; hidden < 40; hidden += 12) {
        struct hg_gradcheck_report report;
        const struct hg_gradcheck_options options = {.hidden = hidden, .seed = hidden};
        assert_ok(hg_gradcheck_backend(&report, HG_MLP, original, &f->samples, CLASSES, &options));
        assert_int_equal(report.count, COUNT(equations));
        assert_int_equal(report.failed, 0);
        for (size_t i = 0; i < report.count; ++i) {
            assert_string_equal(report.rows[i].equation, equations[i]);
            assert_int_equal(report.rows[i].verdict, HG_GRADCHECK_HOLDS);
            assert_true(report.rows[i].analytic != 0);
        }
    }
}

static void equations_of_the_autoencoder_hold(void **state)
{
    const struct fixture *f = *state;
    static const char *const equations[] = {"A4", "A5", "A6", "A7", "A15", "A8"};
    for (size_t hidden = 1; hidden <= FEATURES; hidden += 7) {
        struct hg_gradcheck_report report;
        const struct hg_gradcheck_options options = {.hidden = hidden, .seed = hidden};
        assert_ok(hg_gradcheck_backend(&report, HG_AUTOENCODER, original, &f->samples, 0, &options));
        assert_int_equal(report.count, COUNT(equations));
        assert_int_equal(report.failed, 0);
        for (size_t i = 0; i < report.count; ++i) {
            const bool formula = i + 1 == report.count;
            assert_string_equal(report.rows[i].equation, equations[i]);
            assert_int_equal(report.rows[i].verdict, formula ? HG_GRADCHECK_NOT_THE_GRADIENT : HG_GRADCHECK_HOLDS);
        }
    }
}

/* ---- wrong equations ---- */

static double *element(struct hg_matrix m, size_t row, size_t col)
{
    return (double *)m.data + row * m.stride + col; /* the reference's memory is the host's */
}

static double value(struct hg_const_matrix m, size_t row, size_t col)
{
    return ((const double *)m.data)[row * m.stride + col];
}

/* Swish' without its second term. */
static enum hg_status slope_is_sigmoid(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                       struct hg_matrix h, struct hg_matrix slope)
{
    if (!slope.data)
        return original->ops.bias_swish(ctx, z, bias, h, slope);
    for (size_t i = 0; i < z.rows; ++i)
        for (size_t j = 0; j < z.cols; ++j) {
            const double a = value(z, i, j) + value(bias, 0, j);
            *element(slope, i, j) = a;
        }
    const enum hg_status status = original->ops.bias_swish(ctx, z, bias, h, (struct hg_matrix){0});
    for (size_t i = 0; i < z.rows; ++i)
        for (size_t j = 0; j < z.cols; ++j)
            *element(slope, i, j) = *element(h, i, j) / *element(slope, i, j); /* a s(a) / a */
    return status;
}

/* softmax(z2) without the one-hot vector. */
static enum hg_status xent_without_label(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                         struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                         enum hg_scalar beta, struct hg_matrix db)
{
    const enum hg_status status = original->ops.softmax_xent(ctx, z, bias, labels, dz, alpha, beta, db);
    for (size_t b = 0; dz.data && b < dz.rows; ++b)
        *element(dz, b, labels.data[b]) += 1;
    return status;
}

/* The bias gradient of another factor. */
static enum hg_status backward_forgets_alpha(struct hg_context *ctx, struct hg_const_matrix slope,
                                             struct hg_const_matrix dh, struct hg_matrix dz, enum hg_scalar alpha,
                                             enum hg_scalar beta, struct hg_matrix db)
{
    (void)alpha;
    return original->ops.swish_backward(ctx, slope, dh, dz, HG_ONE, beta, db);
}

/* The mistake that (A8) is: the decoder's path replaced by the encoder's. */
static enum hg_status encoder_for_decoder(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                          struct hg_const_matrix g, struct hg_const_matrix s,
                                          struct hg_const_matrix squares, struct hg_matrix p)
{
    return original->ops.autoencoder_terms(ctx, samples, encoder + decoder, 0, g, s, squares, p);
}

/* Half of the encoder's path: (A8) is then not even 2E. */
static enum hg_status half_encoder(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                   struct hg_const_matrix g, struct hg_const_matrix s, struct hg_const_matrix squares,
                                   struct hg_matrix p)
{
    return original->ops.autoencoder_terms(ctx, samples, encoder / 2, decoder, g, s, squares, p);
}

/* Every element of an op's result times 1 + 1e-5. */
static void scale_up(struct hg_matrix m)
{
    for (size_t i = 0; m.data && i < m.rows; ++i)
        for (size_t j = 0; j < m.cols; ++j)
            *element(m, i, j) *= 1 + 1e-5;
}

static enum hg_status slope_is_scaled(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                      struct hg_matrix h, struct hg_matrix slope)
{
    const enum hg_status status = original->ops.bias_swish(ctx, z, bias, h, slope);
    scale_up(slope);
    return status;
}

static enum hg_status xent_is_scaled(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                     struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                     enum hg_scalar beta, struct hg_matrix db)
{
    const enum hg_status status = original->ops.softmax_xent(ctx, z, bias, labels, dz, alpha, beta, db);
    scale_up(dz);
    return status;
}

static enum hg_status backward_is_scaled(struct hg_context *ctx, struct hg_const_matrix slope,
                                         struct hg_const_matrix dh, struct hg_matrix dz, enum hg_scalar alpha,
                                         enum hg_scalar beta, struct hg_matrix db)
{
    const enum hg_status status = original->ops.swish_backward(ctx, slope, dh, dz, alpha, beta, db);
    scale_up(dz);
    return status;
}

static enum hg_status terms_are_scaled(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                       struct hg_const_matrix g, struct hg_const_matrix s,
                                       struct hg_const_matrix squares, struct hg_matrix p)
{
    const enum hg_status status = original->ops.autoencoder_terms(ctx, samples, encoder, decoder, g, s, squares, p);
    scale_up(p);
    return status;
}

static enum hg_status terms_are_nan(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                    struct hg_const_matrix g, struct hg_const_matrix s, struct hg_const_matrix squares,
                                    struct hg_matrix p)
{
    const enum hg_status status = original->ops.autoencoder_terms(ctx, samples, encoder, decoder, g, s, squares, p);
    if (p.data)
        *element(p, 0, 0) = NAN;
    return status;
}

static const struct fault {
    enum hg_model_kind model;
    struct hg_ops ops;
    const char *failing;
} faults[] = {
    {HG_MLP, {.bias_swish = slope_is_sigmoid}, " M9 M10 M11 M12 "},
    {HG_MLP, {.bias_swish = slope_is_scaled}, " M9 M10 M11 M12 "},
    /* the sum of softmax is 1 whatever the logits: h and everything before it see a wrong gradient, too */
    {HG_MLP, {.softmax_xent = xent_without_label}, " M5 M7 M8 M10 M11 M12 "},
    {HG_MLP, {.softmax_xent = xent_is_scaled}, " M5 M7 M8 M10 M11 M12 "},
    {HG_MLP, {.swish_backward = backward_forgets_alpha}, " M11 "},
    {HG_MLP, {.swish_backward = backward_is_scaled}, " M10 M12 "},
    {HG_AUTOENCODER, {.autoencoder_terms = encoder_for_decoder}, " A6 A7 A15 "},
    {HG_AUTOENCODER, {.autoencoder_terms = half_encoder}, " A5 A7 A15 A8 "},
    {HG_AUTOENCODER, {.autoencoder_terms = terms_are_scaled}, " A5 A6 A7 A15 A8 "},
    {HG_AUTOENCODER, {.autoencoder_terms = terms_are_nan}, " A5 A6 A7 A15 A8 "},
};

static void assert_fault_is_found(const struct fault *fault, const struct hg_samples *samples, size_t classes,
                                  uint64_t seed, const char *data)
{
    faulty = *original;
    faulty.open = open_faulty;
    plant_ops(&faulty.ops, &fault->ops);
    struct hg_gradcheck_report report;
    const struct hg_gradcheck_options options = {.hidden = samples->features < 9 ? samples->features : 9, .seed = seed};
    assert_fails(HG_CHECK_FAILED, "does not hold",
                 hg_gradcheck_backend(&report, fault->model, &faulty, samples, classes, &options));
    assert_only_these(&report, HG_GRADCHECK_FAILED, fault->failing, data);
}

static void wrong_equations_are_found(void **state)
{
    const struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(faults); ++i)
        assert_fault_is_found(&faults[i], &f->samples, CLASSES, 0, "bytes");
}

/* ---- data of every kind ---- */

enum kind {
    UNIT,
    SIGNED,
    STANDARD,
    INVERTED,
    TO_255,
    OFFSET,
    TINY,
    HUGE_VALUES,
    ONE_HOT,
    CONSTANT_COLUMNS,
    SAME_ROWS,
    KINDS
};

static const char *const kind_names[KINDS] = {
    "0..1",         "-1..1",       "standardised", "inverted images",  "0..255",         "offset 50",
    "of size 1e-6", "of size 1e6", "one-hot",      "constant columns", "identical rows",
};

/* samples [rows][cols] of a kind. */
static void make_data(enum kind kind, uint64_t seed, size_t rows, size_t cols, float *values)
{
    struct hg_random random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, kind);
    for (size_t i = 0; i < rows * cols; ++i) {
        const double normal = hg_random_normal(&random), uniform = hg_random_uniform(&random);
        const double of_kind[KINDS] = {[UNIT] = uniform,
                                       [SIGNED] = 2 * uniform - 1,
                                       [STANDARD] = normal,
                                       [INVERTED] = uniform < 0.8 ? 1 : uniform,
                                       [TO_255] = 1 + (double)hg_random_below(&random, 255),
                                       [OFFSET] = 50 + normal,
                                       [TINY] = 1e-6 * normal,
                                       [HUGE_VALUES] = 1e6 * normal,
                                       [CONSTANT_COLUMNS] = i % cols % 2 ? 3 : normal,
                                       [SAME_ROWS] = i < cols ? normal : values[i % cols]};
        values[i] = (float)of_kind[kind];
    }
    for (size_t i = 0; kind == ONE_HOT && i < rows; ++i)
        values[i * cols + hg_random_below(&random, (uint32_t)cols)] = 1;
}

/* Every kind in several shapes. The odd number of rows keeps one-hot rows of two features from being balanced: C would
 * be a multiple of I, and (A8) the gradient. */
static void every_kind_of_data_is_judged(void **state)
{
    (void)state;
    static const struct {
        size_t rows, cols, classes;
    } shapes[] = {{SAMPLES, FEATURES, CLASSES}, {1, FEATURES, CLASSES}, {SAMPLES, 2, 2}, {SAMPLES, 5, 1}};
    enum { SEEDS = 3 };
    float values[SAMPLES * FEATURES];
    uint8_t labels[SAMPLES];
    for (unsigned kind = 0; kind < KINDS; ++kind)
        for (size_t s = 0; s < COUNT(shapes) * SEEDS; ++s) {
            const size_t rows = shapes[s / SEEDS].rows, cols = shapes[s / SEEDS].cols;
            const size_t classes = shapes[s / SEEDS].classes;
            make_data(kind, s, rows, cols, values);
            for (size_t i = 0; i < rows; ++i)
                labels[i] = (uint8_t)(i % classes);
            const struct hg_samples samples = {rows, cols, HG_F32, values, labels};
            const struct hg_gradcheck_options options = {.hidden = cols < 9 ? cols : 9, .seed = s};
            for (unsigned model = HG_MLP; model <= HG_AUTOENCODER; ++model) {
                struct hg_gradcheck_report report;
                hg_gradcheck_backend(&report, model, original, &samples, classes, &options);
                assert_only_these(&report, HG_GRADCHECK_FAILED, "", kind_names[kind]);
            }
            for (size_t i = 0; i < COUNT(faults); ++i)
                assert_fault_is_found(&faults[i], &samples, classes, s, kind_names[kind]);
        }
}

/* ---- nothing to judge ---- */

static void what_cannot_be_judged_does_not_pass(void **state)
{
    (void)state;
    static const float black[SAMPLES * FEATURES], one_feature[] = {1, -2, 3},
                                                  faint[] = {1e-30F, -2e-30F, 3e-30F, 1e-30F};
    static const uint8_t labels[SAMPLES] = {0, 1};
    const struct {
        enum hg_model_kind model;
        struct hg_samples samples;
        const char *not_judged, *reason;
    } cases[] = {
        {HG_MLP, {SAMPLES, FEATURES, HG_F32, black, labels}, " M12 ", "0 within rounding"},
        {HG_AUTOENCODER, {SAMPLES, FEATURES, HG_F32, black, labels}, " A4 A5 A6 A7 A15 A8 ", "0 within rounding"},
        /* numbers commute: WCWᵀW = WWᵀWC, so the decoder's path is the encoder's */
        {HG_AUTOENCODER, {3, 1, HG_F32, one_feature, labels}, " A8 ", "equals the gradient"},
        /* beside a weight, no step of a float's rate leaves a digit of a gradient of 1e-60 */
        {HG_AUTOENCODER, {2, 2, HG_F32, faint, labels}, " A5 A6 A7 A15 A8 ", "0 within rounding"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct hg_gradcheck_report report;
        const struct hg_gradcheck_options options = {.seed = i};
        assert_fails(HG_CHECK_FAILED, cases[i].reason,
                     hg_gradcheck_backend(&report, cases[i].model, original, &cases[i].samples, 2, &options));
        assert_non_null(strstr(hg_message(), "another seed"));
        assert_int_equal(report.failed, 0);
        assert_true(report.not_judged > 0);
        assert_only_these(&report, HG_GRADCHECK_NOT_JUDGED, cases[i].not_judged, cases[i].reason);
    }
}

/* ---- the public face ---- */

static void options_must_fit_the_dataset(void **state)
{
    const struct fixture *f = *state;
    struct hg_gradcheck_report report;
    struct hg_dataset *labelled, *plain;
    assert_ok(hg_dataset_from_bytes(&labelled, SAMPLES, 0, FEATURES, f->values, f->labels));
    assert_ok(hg_dataset_from_bytes(&plain, SAMPLES, 0, FEATURES, f->values, NULL));
    const struct hg_gradcheck_options defaults = {0}, many = {.samples = SAMPLES + 1}, few = {.samples = 3};
    const struct hg_gradcheck_options wide = {.hidden = FEATURES + 1};

    assert_ok(hg_gradcheck(&report, HG_MLP, labelled, &defaults));
    assert_int_equal(report.samples, SAMPLES);
    assert_int_equal(report.features, FEATURES);
    assert_int_equal(report.hidden, FEATURES);
    assert_ok(hg_gradcheck(&report, HG_AUTOENCODER, plain, &few));
    assert_int_equal(report.samples, 3);
    assert_fails(HG_BAD_DATA, "labels", hg_gradcheck(&report, HG_MLP, plain, &defaults));
    assert_fails(HG_USAGE, "samples: ", hg_gradcheck(&report, HG_MLP, labelled, &many));
    assert_fails(HG_USAGE, "hidden: ", hg_gradcheck(&report, HG_AUTOENCODER, plain, &wide));
    assert_ok(hg_gradcheck(&report, HG_MLP, labelled, &wide));

    hg_dataset_free(plain);
    hg_dataset_free(labelled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equations_of_the_mlp_hold),           cmocka_unit_test(equations_of_the_autoencoder_hold),
        cmocka_unit_test(wrong_equations_are_found),           cmocka_unit_test(every_kind_of_data_is_judged),
        cmocka_unit_test(what_cannot_be_judged_does_not_pass), cmocka_unit_test(options_must_fit_the_dataset),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
