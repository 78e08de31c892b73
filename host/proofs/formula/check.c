#include <stdio.h>
#include <stdlib.h>

#include "host/formula/kinks.h"
#include "host/proofs/formula/problem.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_formula_check(struct hg_formula_report *report, const struct hg_formula_options *options)
{
    struct hg_problem *problem = NULL;
    struct hg_formula_options complete = *options;
    enum hg_status status = HG_OK;
    hg_formula_picture_clear();
    *report = (struct hg_formula_report){.verdict = HG_FORMULA_NO_FORMULA};
    if (!complete.of && complete.model != HG_FORMULA_AUTOENCODER)
        return hg_fail(HG_USAGE, "of: name the variable that the gradient is taken by, as W");
    complete.of = complete.of ? complete.of : "W";
    HG_TRY(hg_allocate(&problem, 1, "a formula"));
    HG_TRY_OR_CLEANUP(hg_problem_create(problem, &complete));
    report->loss = problem->text;
    report->value = hg_tree_root(&problem->loss)->value[0];
    report->rows = problem->of->rows;
    report->cols = problem->of->cols;
    snprintf(report->of, sizeof report->of, "%s", problem->of->name);
    snprintf(report->note, sizeof report->note, "%s", problem->note);
    HG_TRY_OR_CLEANUP(hg_allocate(&report->gradient, report->rows * report->cols, "the gradient"));
    HG_TRY_OR_CLEANUP(hg_problem_gradient(problem, 0, report->gradient));
    const struct hg_node *kink = hg_formula_kink(&problem->loss);
    if (kink)
        snprintf(report->note, sizeof report->note, "the operand of '%.*s' has a zero, where it has no derivative",
                 (int)(kink->place.end - kink->place.begin), kink->place.text + kink->place.begin);
    if (!complete.formula)
        goto cleanup;
    const struct hg_node *f = hg_tree_root(&problem->formula);
    if (f->rows == report->rows && f->cols == report->cols)
        HG_TRY_OR_CLEANUP(hg_problem_judge(problem, complete.seed, report));
    else
        report->verdict = HG_FORMULA_NOT_GRADIENT;
    if (report->verdict == HG_FORMULA_NOT_GRADIENT)
        HG_TRY_OR_CLEANUP(hg_problem_diagnose(problem, &complete, report));

cleanup:
    hg_problem_free(problem);
    free(problem);
    if (status != HG_OK)
        hg_formula_report_free(report);
    return status;
}

void hg_formula_report_free(struct hg_formula_report *report)
{
    free(report->gradient);
    report->gradient = NULL;
}
