/* Claims: over random losses of random sizes, scales and offsets, by every function of the language, no right gradient
 * is called wrong, and none with an error of a thousandth is called right. The right one is the reverse mode's, which
 * tests/host/formula holds against differences by itself. An argument: how many losses. */
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/formula/tree.h"
#include "host/proofs/formula/problem.h"
#include "kernels/base/memory.h"
#include "tests/support/expressions.h"

static size_t losses = 200;

static void put_loss(struct expression *e)
{
    static const char *const around[][2] = {{"sum(", ")"},
                                            {"norm2(", ")"},
                                            {"norm2(", ")^2"},
                                            {"norm1(", ")"},
                                            {"tr(", ")"},
                                            {"det(2*I + 0.1*", ")"},
                                            {"log(det(3*I + 0.01*", "))"}};
    static const char *const scales[] = {"1", "1e-30", "1e30", "255", "1e-3"};
    static const char *const offsets[] = {"0", "0", "50", "1e4"};
    expression_put(e, "%s*(%s", scales[hg_random_below(&e->random, COUNT(scales))],
                   offsets[hg_random_below(&e->random, COUNT(offsets))]);
    for (unsigned terms = 1 + hg_random_below(&e->random, 2); terms > 0; --terms) {
        const unsigned rows = hg_random_below(&e->random, EXPRESSION_DIMS),
                       kinds = e->dims[rows] > 1 ? COUNT(around) : 5; /* I has no size there */
        const unsigned kind = hg_random_below(&e->random, kinds);
        expression_put(e, " + %s", around[kind][0]);
        expression_put_matrix(e, rows, kind < 4 ? hg_random_below(&e->random, EXPRESSION_DIMS) : rows, 4);
        expression_put(e, "%s", around[kind][1]);
    }
    expression_put(e, ")");
}

/* ---- gradients ---- */

struct counts {
    size_t judged, unresolved, without_value;
};

static enum hg_formula_verdict verdict_of(struct hg_problem *problem, uint64_t seed, struct hg_formula_report *report)
{
    *report = (struct hg_formula_report){.rows = problem->of->rows, .cols = problem->of->cols};
    assert_ok(hg_problem_judge(problem, seed, report));
    return report->verdict;
}

/* An error of a thousandth of the gradient's length, of three kinds. */
static void plant(struct expression *e, const double *gradient, double *value, size_t n)
{
    const unsigned kind = hg_random_below(&e->random, 3);
    const size_t at = hg_random_below(&e->random, (unsigned)n);
    double length = 0, error = 0;
    for (size_t i = 0; i < n; ++i) {
        const double random = hg_random_normal(&e->random);
        length = hypot(length, gradient[i]);
        value[i] = kind == 0 ? gradient[i] : kind == 1 ? random : i == at;
        error = hypot(error, value[i]);
    }
    for (size_t i = 0; i < n; ++i)
        value[i] = gradient[i] + 1e-3 * length * value[i] / error;
}

static void judge_both(struct expression *e, struct hg_problem *problem, uint64_t seed, struct counts *counts)
{
    struct hg_formula_report report;
    const size_t n = problem->of->rows * problem->of->cols;
    double *gradient, length = 0, *value = hg_tree_root(&problem->formula)->value;
    assert_ok(hg_allocate(&gradient, n, "a gradient"));
    assert_ok(hg_problem_gradient(problem, 0, gradient));
    for (size_t i = 0; i < n; ++i)
        length = hypot(length, gradient[i]);
    if (!isfinite(length)) { /* of sqrt at 0, where it is constant: the chain rule has none */
        ++counts->without_value;
        free(gradient);
        return;
    }
    memcpy(value, gradient, n * sizeof *value);
    const enum hg_formula_verdict right = verdict_of(problem, seed, &report);
    if (right == HG_FORMULA_NOT_GRADIENT)
        fail_msg("right, called wrong (slope %g, error %g), seed %zu: %s by %s", report.slope, report.error,
                 (size_t)seed, e->text, problem->of->name);
    if (right == HG_FORMULA_NOT_JUDGED || length == 0) {
        assert_true(length == 0 || *report.note);
        ++counts->unresolved;
        free(gradient);
        return;
    }
    ++counts->judged;
    plant(e, gradient, value, n);
    if (verdict_of(problem, seed, &report) == HG_FORMULA_GRADIENT)
        fail_msg("wrong, called right (slope %g, error %g), seed %zu: %s by %s", report.slope, report.error,
                 (size_t)seed, e->text, problem->of->name);
    free(gradient);
}

static void try_loss(uint64_t seed, struct counts *counts)
{
    struct expression e = {.random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, 7)};
    char sizes[EXPRESSION_DIMS * EXPRESSION_DIMS][16], of[2] = "", formula[8];
    struct hg_formula_options options = {.model = HG_FORMULA_CUSTOM, .of = of, .formula = formula, .seed = seed};
    struct hg_problem *problem;
    size_t count = 0;
    for (unsigned i = 0; i < EXPRESSION_DIMS; ++i)
        e.dims[i] = 1 + hg_random_below(&e.random, 7);
    put_loss(&e);
    for (unsigned i = 0; i < EXPRESSION_DIMS; ++i)
        for (unsigned j = 0; j < EXPRESSION_DIMS; ++j) {
            if (!strchr(e.text, expression_name(i, j)))
                continue;
            snprintf(sizes[count], sizeof sizes[count], "%c=%zux%zu", expression_name(i, j), e.dims[i], e.dims[j]);
            options.sizes[count] = sizes[count];
            ++count;
        }
    of[0] = sizes[hg_random_below(&e.random, (unsigned)count)][0];
    snprintf(formula, sizeof formula, "0*%s", of);
    options.loss = e.text;
    assert_ok(hg_allocate(&problem, 1, "a problem"));
    const enum hg_status status = hg_problem_create(problem, &options);
    if (status != HG_OK && status != HG_BAD_DATA)
        fail_msg("%s: %s\n%s", e.text, hg_message(), hg_formula_picture());
    if (status == HG_OK)
        judge_both(&e, problem, seed, counts);
    else
        ++counts->without_value;
    hg_problem_free(problem);
    free(problem);
}

static void random_losses(void **state)
{
    (void)state;
    struct counts counts = {0};
    for (uint64_t seed = 1; seed <= losses; ++seed)
        try_loss(seed, &counts);
    printf("%zu losses: %zu right and %zu wrong gradients judged, %zu not judged, %zu without a value\n", losses,
           counts.judged, counts.judged, counts.unresolved, counts.without_value);
    assert_true(counts.judged > losses * 3 / 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_losses)};
    if (argc > 1)
        losses = strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
