/* Claim: the derivative that is taken from values of a function is within its own error of the true one, whatever the
 * function's scale and curvature; and where there is no derivative, none is made up. */
#include "host/proofs/gradcheck/probe.h"

#include <math.h>

#include "tests/support/check.h"

struct function {
    const char *name;
    double (*value)(double x);
    double (*derivative)(double x);
};

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* Three classes whose logits are x, -x / 2 and 1: what a wide step sees of it are straight lines. */
static double cross_entropy(double x)
{
    return log(exp(x - 1 - fabs(x)) + exp(-x / 2 - 1 - fabs(x)) + exp(-fabs(x))) + 1 + fabs(x) + x / 2;
}

static double cross_entropy_slope(double x)
{
    const double largest = fmax(fmax(x, -x / 2), 1);
    const double p[] = {exp(x - largest), exp(-x / 2 - largest), exp(1 - largest)};
    return (p[0] - p[1] / 2) / (p[0] + p[1] + p[2]) + 0.5;
}

static double quartic(double x)
{
    return (x * x - 1) * (x * x - 1);
}

static double quartic_slope(double x)
{
    return 4 * x * (x * x - 1);
}

static double sigmoid_slope(double x)
{
    return sigmoid(x) * sigmoid(-x);
}

static double tiny(double x)
{
    return 1e-12 * (2 + sigmoid(x));
}

static double tiny_slope(double x)
{
    return 1e-12 * sigmoid_slope(x);
}

static double black_hole(double x)
{
    (void)x;
    return NAN;
}

static enum hg_status loss(void *target, const double *values, double *value)
{
    const struct function *function = target;
    *value = function->value(values[0]);
    return HG_OK;
}

static struct hg_derivative differentiate(const struct function *function, double x, double direction)
{
    struct hg_probe probe;
    struct hg_derivative derivative;
    assert_ok(hg_probe_create(&probe, 1));
    probe.base[0] = x;
    probe.direction[0] = direction;
    assert_ok(hg_probe_numeric(&probe, loss, (void *)function, &derivative));
    assert_true(probe.moved[0] == x);
    hg_probe_free(&probe);
    return derivative;
}

static void the_error_is_no_less_than_the_truth(void **state)
{
    (void)state;
    static const struct function functions[] = {
        {"softplus", softplus, sigmoid},     {"cross-entropy", cross_entropy, cross_entropy_slope},
        {"quartic", quartic, quartic_slope}, {"sigmoid", sigmoid, sigmoid_slope},
        {"tiny", tiny, tiny_slope},
    };
    enum { POINTS = 20000 };
    struct hg_random random = hg_random_stream(1, HG_RANDOM_SYNTHETIC, 0);
    for (size_t f = 0; f < COUNT(functions); ++f)
        for (size_t i = 0; i < POINTS; ++i) {
            /* Directions from a thousandth of what bends the function to a thousand times that. */
            const double x = 2 * hg_random_normal(&random), direction = pow(10, 6 * hg_random_uniform(&random) - 3);
            const struct hg_derivative d = differentiate(&functions[f], x, direction);
            const double truth = direction * functions[f].derivative(x);
            /* The truth is a double, too: eight roundings of its own, and the point's where the slope is steep. */
            const double slack = 8 * 0x1p-53 * (fabs(truth) + direction * fabs(functions[f].value(x)));
            if (!(fabs(d.value - truth) <= d.error + slack))
                fail_msg("%s at %.17g along %g: %.17g +- %g, in truth %.17g", functions[f].name, x, direction, d.value,
                         d.error, truth);
            /* An error that says nothing would pass the above. */
            assert_true(d.error <= 1e-8 * (fabs(truth) + direction * fabs(functions[f].value(x))));
        }
}

static void what_is_not_finite_has_no_derivative(void **state)
{
    (void)state;
    const struct function function = {"NaN", black_hole, NULL};
    const struct hg_derivative d = differentiate(&function, 1, 1);
    assert_false(isfinite(d.value));
    assert_false(isfinite(d.error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_is_no_less_than_the_truth),
        cmocka_unit_test(what_is_not_finite_has_no_derivative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
