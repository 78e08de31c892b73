/* Claims: every equation that should hold does, on several sizes of samples; the formula (A8) does not and is expected
 * not to; and an op that is wrong in one equation fails the rows that depend on it and no others. */
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

/* Are exactly the rows of these equations (blank-separated, with a blank at both ends) those that do not hold? */
static void assert_only_these_fail(const struct hg_gradcheck_report *report, const char *equations)
{
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        char word[8];
        snprintf(word, sizeof word, " %s ", row->equation);
        const bool should_pass = strstr(equations, word) == NULL;
        if (row->passed != should_pass)
            fail_msg("(%s) %s: %.12g analytic, %.12g numeric, error %g", row->equation, row->name, row->analytic,
                     row->numeric, row->error);
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
            assert_true(report.rows[i].holds);
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
            assert_int_equal(report.rows[i].holds, !formula);
            assert_true(report.rows[i].passed);
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

static void wrong_equations_are_found(void **state)
{
    const struct fixture *f = *state;
    const struct {
        enum hg_model_kind model;
        struct hg_ops ops;
        const char *failing;
    } faults[] = {
        {HG_MLP, {.bias_swish = slope_is_sigmoid}, " M9 M10 M11 M12 "},
        /* the sum of softmax is 1 whatever the logits: h and everything before it see a wrong gradient, too */
        {HG_MLP, {.softmax_xent = xent_without_label}, " M5 M7 M8 M10 M11 M12 "},
        {HG_MLP, {.swish_backward = backward_forgets_alpha}, " M11 "},
        {HG_AUTOENCODER, {.autoencoder_terms = encoder_for_decoder}, " A6 A7 A15 "},
        {HG_AUTOENCODER, {.autoencoder_terms = half_encoder}, " A5 A7 A15 A8 "},
    };
    for (size_t i = 0; i < COUNT(faults); ++i) {
        faulty = *original;
        faulty.open = open_faulty;
        plant_ops(&faulty.ops, &faults[i].ops);
        struct hg_gradcheck_report report;
        const struct hg_gradcheck_options options = {.hidden = 9};
        assert_fails(HG_CHECK_FAILED, "does not hold",
                     hg_gradcheck_backend(&report, faults[i].model, &faulty, &f->samples, CLASSES, &options));
        assert_only_these_fail(&report, faults[i].failing);
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
        cmocka_unit_test(equations_of_the_mlp_hold),
        cmocka_unit_test(equations_of_the_autoencoder_hold),
        cmocka_unit_test(wrong_equations_are_found),
        cmocka_unit_test(options_must_fit_the_dataset),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
