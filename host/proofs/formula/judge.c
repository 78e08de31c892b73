#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/formula/kinks.h"
#include "host/proofs/compare.h"
#include "host/proofs/formula/problem.h"
#include "host/proofs/gradcheck/probe.h"
#include "kernels/base/try.h"

/* What differences leave unknown of a derivative, as a part of it: more, and nothing is judged; less of F's difference
 * from the derivative is never held against F, which has roundings of its own. */
static const double COARSE = 1e-4, EQUAL = 1e-6;
/* Noise that is this part of L is more than rounding; it may be that L changes within shorter steps than any taken. */
static const double ERRATIC = 1000 * DBL_EPSILON;
/* Between the slopes 1 and 2. */
static const double STEEP = 1.5;

/* The loss along lines through one point. */
struct lines {
    struct hg_problem *problem;
    struct hg_kinks kinks;         /* at that point */
    const struct hg_node *reached; /* one whose kink was in the way; NULL: none */
};

/* NAN where the loss has no value, or where it is not smooth between the point and here: differences then take smaller
 * steps alone. */
static enum hg_status loss_or_nan(void *target, const double *values, double *loss)
{
    struct lines *lines = target;
    const enum hg_status status = hg_problem_loss(lines->problem, values, loss);
    if (status == HG_BAD_DATA) {
        *loss = NAN;
        return HG_OK;
    }
    const struct hg_node *reached = status == HG_OK ? hg_kinks_reached(&lines->kinks, &lines->problem->loss) : NULL;
    if (reached) {
        lines->reached = reached;
        *loss = NAN;
    }
    return status;
}

struct fit {
    double slope;
    double
        left; /* r / h at the least of the steps: what F lacks of the derivative, and of a curve the more the wider */
};

/* The slope of log r over log h by least squares, over the six smallest h at which r is well above rounding. There the
 * first power that does not cancel is what is left: h^2 if F is the gradient, h if not. NAN: fewer than four; or steps
 * that are too wide for a power, where more is left than h times what is not known of the derivative. */
static struct fit fit_slope(const double *h, const double *r, const double *rounding, double unknown)
{
    enum { MOST = 6, LEAST = 4 };
    double x[MOST], y[MOST], mean_x = 0, mean_y = 0, xy = 0, xx = 0, left = NAN;
    int n = 0;
    for (size_t k = HG_FORMULA_STEPS; k-- > 0 && n < MOST;) {
        if (!(r[k] > rounding[k]))
            continue;
        left = n ? left : r[k] / h[k];
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
    const double slope = n < LEAST ? NAN : xy / xx;
    return (struct fit){slope < STEEP && left > 2 * unknown ? NAN : slope, left};
}

/* Along the probe's direction, at steps 1/2, 1/4, ...: the remainder, the difference from the central difference, and
 * the slope of the remainder. */
static enum hg_status measure_slope(struct lines *lines, const struct hg_probe *probe,
                                    const struct hg_derivative *numeric, struct hg_formula_report *report,
                                    struct fit *fit)
{
    /* A remainder this many roundings of L long, or standard deviations of its errors, is not rounding. */
    static const double ROUNDINGS = 1000, DEVIATIONS = 64;
    double h[HG_FORMULA_STEPS], remainder[HG_FORMULA_STEPS], rounding[HG_FORMULA_STEPS], central[HG_FORMULA_STEPS];
    const double expected = hg_probe_analytic(probe, 0).value;
    for (int k = 0; k < HG_FORMULA_STEPS; ++k) {
        double side[2];
        h[k] = ldexp(1, -k - 1);
        for (int s = 0; s < 2; ++s) {
            for (size_t i = 0; i < probe->n; ++i)
                probe->moved[i] = probe->base[i] + (s ? -h[k] : h[k]) * probe->direction[i];
            HG_TRY(loss_or_nan(lines, probe->moved, &side[s]));
        }
        remainder[k] = fabs(side[0] - report->value - h[k] * expected);
        rounding[k] =
            fmax(ROUNDINGS * DBL_EPSILON * (fabs(report->value) + fabs(side[0])), DEVIATIONS * numeric->noise) +
            EQUAL * h[k] * fabs(expected);
        central[k] = fabs((side[0] - side[1]) / (2 * h[k]) - expected);
    }
    *fit = fit_slope(h, remainder, rounding, fabs(expected - numeric->value) + numeric->error);
    if (report->h[0] == 0) { /* the first line is drawn */
        memcpy(report->h, h, sizeof h);
        memcpy(report->remainder, remainder, sizeof remainder);
        memcpy(report->central, central, sizeof central);
    }
    return HG_OK;
}

enum finding {
    RIGHT,
    UNRESOLVED, /* differences do not know */
    WRONG,
    REFUTED /* wrong by the differences, which the remainder shows to be wrong themselves */
};

static enum hg_status compare(struct lines *lines, const struct hg_probe *probe, struct hg_formula_report *report,
                              struct hg_formula_direction *direction, enum finding *finding)
{
    struct hg_derivative numeric;
    struct fit fit;
    const struct hg_derivative analytic = hg_probe_analytic(probe, 64);
    HG_TRY(hg_probe_numeric(probe, loss_or_nan, lines, &numeric));
    HG_TRY(measure_slope(lines, probe, &numeric, report, &fit));
    const double scale = fmax(fabs(analytic.value), fabs(numeric.value));
    const double apart = fabs(analytic.value - numeric.value);
    direction->slope = fit.slope;
    direction->analytic = analytic.value;
    direction->numeric = numeric.value;
    direction->error = hg_relative_error(analytic.value, numeric.value, scale);
    /* A formula that is zero says that the loss does not change, which differences can agree with, however coarse. */
    const bool resolved = isfinite(numeric.value) && (numeric.error <= COARSE * scale || analytic.value == 0);
    const bool erratic = numeric.noise > ERRATIC * fabs(report->value) && apart < 16 * numeric.hidden;
    /* If F lacked as much of the derivative as differences say, as much would be left of the remainder. */
    const bool refuted = fit.slope >= STEEP && fit.left < apart / 2;
    if (resolved && apart <= fmax(numeric.error + analytic.error, EQUAL * scale) && !(fit.slope < STEEP))
        *finding = RIGHT;
    else if (!resolved || erratic)
        *finding = UNRESOLVED;
    else
        *finding = refuted ? REFUTED : WRONG;
    return HG_OK;
}

/* Of wide steps differences can be equal by chance, or see nothing of what changes fast. So F is wrong only where they
 * are the same along a shorter direction, at other steps, and disagree with F there, too. */
static enum hg_status judge_direction(struct lines *lines, const struct hg_probe *probe,
                                      struct hg_formula_report *report)
{
    enum { ATTEMPTS = 3 };
    static const double NARROWER = 192, SAME = 1e-3; /* not a power of 2, so that no step is taken twice */
    struct hg_formula_direction *direction = &report->directions[report->direction_count++];
    enum finding finding = UNRESOLVED;
    double width = 1, before = NAN;
    bool confirmed = false;
    for (int attempt = 0; attempt < ATTEMPTS && !confirmed; ++attempt) {
        HG_TRY(compare(lines, probe, report, direction, &finding));
        direction->analytic *= width;
        direction->numeric *= width;
        const bool same = fabs(direction->numeric - before) <= SAME * fmax(fabs(direction->numeric), fabs(before));
        confirmed = finding == RIGHT || finding == UNRESOLVED || (finding == WRONG && same);
        before = direction->numeric;
        width *= NARROWER;
        for (size_t i = 0; i < probe->n; ++i)
            probe->direction[i] /= NARROWER;
    }
    if (finding == WRONG && confirmed)
        report->verdict = HG_FORMULA_NOT_GRADIENT;
    else if (finding != RIGHT && report->verdict == HG_FORMULA_GRADIENT)
        report->verdict = HG_FORMULA_NOT_JUDGED;
    report->error = fmax(report->error, direction->error);
    report->slope = report->direction_count > 1 ? fmin(report->slope, direction->slope) : direction->slope;
    return HG_OK;
}

static void add_note(const struct lines *lines, struct hg_formula_report *report)
{
    enum { WIDE = 8 }; /* steps that a kink may take away without a word */
    int first = 0;
    while (first < HG_FORMULA_STEPS && !isfinite(report->central[first]))
        ++first;
    const struct hg_node *node = lines->reached;
    if (node && first == HG_FORMULA_STEPS)
        snprintf(report->note, sizeof report->note,
                 "the loss has a kink here: the operand of '%.*s' is 0, or as good as 0, where it has no derivative",
                 (int)(node->place.end - node->place.begin), node->place.text + node->place.begin);
    else if (node && first > WIDE)
        snprintf(
            report->note, sizeof report->note,
            "the operand of '%.*s' is near 0, where it has no derivative; only steps h of 2^-%d and below are taken, "
            "which do not get there",
            (int)(node->place.end - node->place.begin), node->place.text + node->place.begin, first + 1);
    else if (report->verdict == HG_FORMULA_NOT_JUDGED)
        snprintf(report->note, sizeof report->note,
                 "L = %.6g changes so little along d, or rounds so much, that its differences say nothing",
                 report->value);
}

enum hg_status hg_problem_judge(struct hg_problem *problem, uint64_t seed, struct hg_formula_report *report)
{
    const struct hg_node *f = hg_tree_root(&problem->formula);
    struct hg_random random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, UINT32_MAX);
    struct hg_probe probe;
    struct lines lines = {.problem = problem};
    enum hg_status status = HG_OK;
    report->verdict = HG_FORMULA_GRADIENT;
    HG_TRY(hg_probe_create(&probe, report->rows * report->cols));
    memcpy(probe.base, problem->of->value, probe.n * sizeof *probe.base);
    memcpy(probe.gradient, f->value, probe.n * sizeof *probe.gradient);
    HG_TRY_OR_CLEANUP(hg_problem_loss(problem, probe.base, &report->value));
    HG_TRY_OR_CLEANUP(hg_kinks_create(&lines.kinks, &problem->loss));
    for (int i = 0; i < HG_FORMULA_DIRECTIONS; ++i) {
        hg_probe_aim(&probe, &random);
        HG_TRY_OR_CLEANUP(judge_direction(&lines, &probe, report));
    }
    add_note(&lines, report);
    HG_TRY_OR_CLEANUP(hg_problem_loss(problem, probe.base, &report->value));

cleanup:
    hg_kinks_free(&lines.kinks);
    hg_probe_free(&probe);
    return status;
}
