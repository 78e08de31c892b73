#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/proofs/compare.h"
#include "host/proofs/formula/problem.h"
#include "host/proofs/gradcheck/probe.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* The loss along a line; where it has no value, NAN, since the widest steps may leave where it has. */
static enum hg_status loss_or_nan(void *target, const double *values, double *loss)
{
    const enum hg_status status = hg_problem_loss(target, values, loss);
    if (status == HG_BAD_DATA)
        *loss = NAN;
    return status == HG_BAD_DATA ? HG_OK : status;
}

/* The slope of log r over log h by least squares, over the six smallest h at which r is well above rounding. There the
 * first power that does not cancel is what is left: h^2 if F is the gradient, h if not. NAN: fewer than four. */
static double fit_slope(const double *h, const double *r, const double *rounding, size_t count)
{
    enum { MOST = 6, LEAST = 4 };
    double x[MOST], y[MOST], mean_x = 0, mean_y = 0, xy = 0, xx = 0;
    int n = 0;
    for (size_t k = count; k-- > 0 && n < MOST;) {
        if (!(r[k] > rounding[k]))
            continue;
        x[n] = log(h[k]);
        y[n++] = log(r[k]);
    }
    for (int i = 0; i < n; ++i) {
        mean_x += x[i] / n;
        mean_y += y[i] / n;
    }
    for (int i = 0; i < n; ++i) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return n < LEAST ? NAN : xy / xx;
}

static enum hg_status measure(struct hg_problem *problem, const struct hg_probe *probe,
                              struct hg_formula_report *report)
{
    /* A remainder this many roundings of L long is not rounding. */
    static const double CLEAR = 1000;
    struct hg_formula_direction *direction = &report->directions[report->direction_count];
    double h[HG_FORMULA_STEPS], remainder[HG_FORMULA_STEPS], rounding[HG_FORMULA_STEPS], central[HG_FORMULA_STEPS];
    const double slope = hg_probe_analytic(probe, 0).value;
    for (int k = 0; k < HG_FORMULA_STEPS; ++k) {
        double side[2];
        h[k] = ldexp(1, -k - 1);
        for (int s = 0; s < 2; ++s) {
            for (size_t i = 0; i < probe->n; ++i)
                probe->moved[i] = probe->base[i] + (s ? -h[k] : h[k]) * probe->direction[i];
            HG_TRY(loss_or_nan(problem, probe->moved, &side[s]));
        }
        remainder[k] = fabs(side[0] - report->value - h[k] * slope);
        rounding[k] = CLEAR * DBL_EPSILON * (fabs(report->value) + fabs(side[0]));
        central[k] = fabs((side[0] - side[1]) / (2 * h[k]) - slope);
    }
    if (!report->direction_count) {
        memcpy(report->h, h, sizeof h);
        memcpy(report->remainder, remainder, sizeof remainder);
        memcpy(report->central, central, sizeof central);
    }
    struct hg_derivative numeric;
    HG_TRY(hg_probe_numeric(probe, loss_or_nan, problem, &numeric));
    direction->analytic = slope;
    direction->numeric = numeric.value;
    direction->error = hg_relative_error(slope, numeric.value, fmax(fabs(slope), fabs(numeric.value)));
    direction->slope = fit_slope(h, remainder, rounding, HG_FORMULA_STEPS);
    /* Differences that know no better, as of a loss that does not change, are no evidence against it. */
    const double limit =
        fmax(numeric.error + hg_probe_analytic(probe, 64).error, 1e-6 * fmax(fabs(slope), fabs(numeric.value)));
    const bool right = fabs(slope - numeric.value) <= limit && !(direction->slope < 1.5);
    if (!right)
        report->verdict = HG_FORMULA_NOT_GRADIENT;
    report->error = fmax(report->error, direction->error);
    report->slope = report->direction_count ? fmin(report->slope, direction->slope) : direction->slope;
    ++report->direction_count;
    return HG_OK;
}

static enum hg_status judge(struct hg_problem *problem, const struct hg_formula_options *options,
                            struct hg_formula_report *report)
{
    const struct hg_node *f = &problem->formula.nodes[problem->formula.count - 1];
    struct hg_random random = hg_random_stream(options->seed, HG_RANDOM_SYNTHETIC, UINT32_MAX);
    struct hg_probe probe;
    enum hg_status status = HG_OK;
    report->verdict = HG_FORMULA_GRADIENT;
    HG_TRY(hg_probe_create(&probe, report->rows * report->cols));
    memcpy(probe.base, problem->of->value, probe.n * sizeof *probe.base);
    memcpy(probe.gradient, f->value, probe.n * sizeof *probe.gradient);
    for (int i = 0; i < HG_FORMULA_DIRECTIONS; ++i) {
        hg_probe_aim(&probe, &random);
        HG_TRY_OR_CLEANUP(measure(problem, &probe, report));
    }
    HG_TRY_OR_CLEANUP(hg_problem_loss(problem, probe.base, &report->value));

cleanup:
    hg_probe_free(&probe);
    return status;
}

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
    const struct hg_node *root = &problem->loss.nodes[problem->loss.count - 1];
    report->loss = problem->text;
    report->value = root->value[0];
    report->rows = problem->of->rows;
    report->cols = problem->of->cols;
    snprintf(report->of, sizeof report->of, "%s", problem->of->name);
    snprintf(report->note, sizeof report->note, "%s", problem->note);
    HG_TRY_OR_CLEANUP(hg_allocate(&report->gradient, report->rows * report->cols, "the gradient"));
    HG_TRY_OR_CLEANUP(hg_problem_gradient(problem, 0, report->gradient));
    const struct hg_node *kink = hg_formula_kink(&problem->loss);
    if (kink)
        snprintf(report->note, sizeof report->note,
                 "the loss has a kink here: the argument of '%.*s' has a zero, where it has no derivative",
                 (int)(kink->place.end - kink->place.begin), kink->place.text + kink->place.begin);
    if (!complete.formula)
        goto cleanup;
    const struct hg_node *f = &problem->formula.nodes[problem->formula.count - 1];
    if (f->rows == report->rows && f->cols == report->cols)
        HG_TRY_OR_CLEANUP(judge(problem, &complete, report));
    else
        report->verdict = HG_FORMULA_NOT_GRADIENT;
    if (kink)
        report->verdict = HG_FORMULA_KINK;
    else if (report->verdict == HG_FORMULA_NOT_GRADIENT)
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
