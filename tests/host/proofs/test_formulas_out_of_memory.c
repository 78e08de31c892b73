/* Claim: whichever allocation fails while a formula is checked or explained, tests/support/out_of_memory.h holds. */
#include "tests/support/check.h"

#include "handgrad/dataset.h"
#include "host/proofs/formula/explain.h"
#include "host/proofs/formula/formula.h"
#include "tests/support/out_of_memory.h"
#include "tests/support/temporary.h"

static enum hg_status check_formula(const void *argument)
{
    struct hg_formula_report report = {.gradient = NULL};
    const enum hg_status status = hg_formula_check(&report, argument);
    hg_formula_report_free(&report);
    return status;
}

static enum hg_status explain(const void *argument)
{
    struct hg_explanation explanation;
    const enum hg_status status = hg_formula_explain(&explanation, argument);
    hg_explanation_free(&explanation);
    return status;
}

/* Verdict and diagnoses, by every function that takes memory of its own. */
static void formulas(void **state)
{
    (void)state;
    static const struct hg_formula_options custom[] = {
        {.model = HG_FORMULA_CUSTOM, .loss = "log(det(A)) + tr(inv(A)*B)", .of = "A", .formula = "inv(A)'"},
        {.model = HG_FORMULA_CUSTOM, .loss = "det(A'*A)", .of = "A", .formula = "det(A'*A)*inv(A')"},
        {.model = HG_FORMULA_CUSTOM, .loss = "tr(A^3) + tr(A^-1)", .of = "A", .formula = "3*A^2"},
        {.model = HG_FORMULA_CUSTOM, .loss = "sum(swish(W*X))", .of = "W", .formula = "ones(3,5)*X'"},
    };
    for (size_t i = 0; i < COUNT(custom); ++i) {
        struct hg_formula_options o = custom[i];
        o.seed = 1;
        o.sizes[0] = i < 3 ? "A=4x4" : "W=3x4";
        o.sizes[1] = i < 3 ? NULL : "X=4x5";
        survives(check_formula, &o, 0);
    }
    struct hg_dataset *train;
    assert_ok(hg_dataset_load(&train, out_of_memory_data(), HG_TRAIN));
    const struct hg_formula_options models[] = {
        {.model = HG_FORMULA_AUTOENCODER, .formula = "2*W*(W'*W - I)*X*X'", .seed = 1, .dataset = train},
        {.model = HG_FORMULA_MLP, .of = "z1", .formula = "dh/N", .seed = 1, .dataset = train},
    };
    for (size_t i = 0; i < COUNT(models); ++i)
        survives(check_formula, &models[i], 0);
    for (size_t i = 0; i < COUNT(models); ++i)
        survives(explain, &models[i], 0);
    hg_dataset_free(train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(formulas)};
    return cmocka_run_group_tests(tests, out_of_memory_begin, temporary_remove);
}
