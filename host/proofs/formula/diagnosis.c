#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/functions.h"
#include "host/proofs/formula/problem.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Two matrices are the same if they differ by less than this part of their length: both come out of a few thousand
 * roundings at most, and an error of a formula is never as small. */
static const double SAME = 1e-8;
enum { PARTS = 8 }; /* occurrences of a variable that are told apart */

static double inner(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; ++i)
        sum += a[i] * b[i];
    return sum;
}

__attribute__((format(printf, 2, 3))) static void say(struct hg_formula_report *report, const char *format, ...)
{
    va_list arguments;
    if (report->diagnosis_count == HG_FORMULA_DIAGNOSES)
        return;
    va_start(arguments, format);
    vsnprintf(report->diagnoses[report->diagnosis_count++], sizeof report->diagnoses[0], format, arguments);
    va_end(arguments);
}

/* Whether f = factor * g; the factor is rounded to a number that one would write, where it is one. */
static bool is_multiple(const double *f, const double *g, size_t n, double *factor)
{
    const double gg = inner(g, g, n), ff = inner(f, f, n);
    double rest = 0;
    if (!(gg > 0) || !(ff > 0))
        return false;
    *factor = inner(f, g, n) / gg;
    for (size_t i = 0; i < n; ++i)
        rest += (f[i] - *factor * g[i]) * (f[i] - *factor * g[i]);
    return sqrt(rest) <= SAME * sqrt(ff);
}

/* "2", "-1/2", "N", "2*N", "1/N": a factor in words. `samples` is N, or 0. */
static char *factor_words(char out[48], double factor, double samples)
{
    static const int simple[] = {1, 2, 3, 4, 6, 8};
    const char *sign = factor < 0 ? "-" : "";
    for (int with = 0; with < (samples > 1 ? 3 : 1); ++with) { /* plain, times N, by N */
        const double rest = fabs(with == 1 ? factor / samples : with == 2 ? factor * samples : factor);
        for (size_t i = 0; i < sizeof simple / sizeof *simple; ++i) {
            const int k = simple[i];
            if (fabs(rest - k) < 1e-6)
                snprintf(out, 48,
                         with == 1 && k == 1 ? "%sN"
                         : with == 1         ? "%s%d*N"
                         : with == 2         ? "%s%d/N"
                                             : "%s%d",
                         sign, k);
            else if (fabs(rest - 1.0 / k) < 1e-6)
                snprintf(out, 48, with == 1 ? "%sN/%d" : with == 2 ? "%s1/(%d*N)" : "%s1/%d", sign, k);
            else
                continue;
            return out;
        }
    }
    snprintf(out, 48, "%.4g", factor);
    return out;
}

static double samples_of(const struct hg_problem *problem)
{
    const struct hg_variable *n = hg_scope_find(&problem->scope, "N", 1);
    return n && n->rows == 1 && n->cols == 1 ? n->value[0] : 0;
}

/* The transpose, for the gradient's shape or the transposed one. */
static enum hg_status diagnose_transpose(const struct hg_problem *problem, struct hg_formula_report *report)
{
    const struct hg_node *f = hg_tree_root(&problem->formula);
    const size_t rows = report->rows, cols = report->cols;
    double *turned, factor;
    char words[48];
    if (f->rows != cols || f->cols != rows || rows == 1 || cols == 1)
        return HG_OK;
    HG_TRY(hg_allocate(&turned, rows * cols, "a transpose"));
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < cols; ++j)
            turned[i * cols + j] = f->value[j * rows + i];
    if (is_multiple(turned, report->gradient, rows * cols, &factor)) {
        if (fabs(factor - 1) < 1e-6)
            say(report, "it is the transpose of the gradient");
        else
            say(report, "it is %s times the transpose of the gradient",
                factor_words(words, factor, samples_of(problem)));
    }
    free(turned);
    return HG_OK;
}

/* Solves a[n][n] x = b by the inverse; not `solved`: the parts depend on each other. */
static enum hg_status solve(size_t n, const double *a, const double *b, double *x, bool *solved)
{
    double inverse[PARTS * PARTS], determinant, diagonal = 1;
    bool singular;
    HG_TRY(hg_invert(n, a, inverse, &determinant, &singular));
    for (size_t i = 0; i < n; ++i)
        diagonal *= a[i * n + i];
    *solved = !singular && fabs(determinant) > 1e-9 * fabs(diagonal);
    for (size_t i = 0; *solved && i < n; ++i)
        x[i] = inner(inverse + i * n, b, n);
    return HG_OK;
}

/* Names of an occurrence: the autoencoder's W occurs first in the decoder. */
static const char *part_name(char out[48], const struct hg_formula_options *options, size_t k, bool longer)
{
    static const char *const paths[2][2] = {{"D", "decoder's"}, {"E", "encoder's"}};
    if (options->model == HG_FORMULA_AUTOENCODER && k < 2)
        return paths[k][longer];
    snprintf(out, 48, "use %zu", k + 1);
    return out;
}

/* The formula as a combination of what flows back to each occurrence of the variable. */
static enum hg_status describe_parts(struct hg_problem *problem, const struct hg_formula_options *options,
                                     const double *parts, size_t count, struct hg_formula_report *report)
{
    const double *f = hg_tree_root(&problem->formula)->value;
    const size_t n = report->rows * report->cols;
    double gram[PARTS * PARTS] = {0}, right[PARTS], x[PARTS], rest = 0;
    char words[48], name[48], sum[160] = "", missing[96] = "";
    bool solved;
    for (size_t i = 0; i < count; ++i) {
        right[i] = inner(parts + i * n, f, n);
        for (size_t j = 0; j < count; ++j)
            gram[i * count + j] = inner(parts + i * n, parts + j * n, n);
    }
    HG_TRY(solve(count, gram, right, x, &solved));
    if (!solved)
        return HG_OK;
    for (size_t i = 0; i < n; ++i) {
        double difference = f[i];
        for (size_t k = 0; k < count; ++k)
            difference -= x[k] * parts[k * n + i];
        rest += difference * difference;
    }
    if (!(sqrt(rest) <= SAME * sqrt(inner(f, f, n))))
        return HG_OK;
    for (size_t k = count; k-- > 0;) { /* E before D */
        const size_t used = strlen(sum), said = strlen(missing);
        const bool zero = fabs(x[k]) < 1e-6;
        snprintf(sum + used, sizeof sum - used, "%s%s %s", used ? " + " : "",
                 zero ? "0" : factor_words(words, x[k], samples_of(problem)), part_name(name, options, k, false));
        if (zero && said < sizeof missing)
            snprintf(missing + said, sizeof missing - said, "%sthe %s%s of %s is missing", said ? ", " : "; ",
                     part_name(name, options, k, true), options->model == HG_FORMULA_AUTOENCODER ? " use" : "",
                     report->of);
    }
    say(report, "%s occurs %zu times in the loss, and the gradient is the sum of its parts; this is %s%s", report->of,
        count, sum, missing);
    return HG_OK;
}

static enum hg_status diagnose_parts(struct hg_problem *problem, const struct hg_formula_options *options,
                                     struct hg_formula_report *report)
{
    const size_t n = report->rows * report->cols;
    double *parts;
    const size_t count = hg_problem_occurrences(problem);
    enum hg_status status = HG_OK;
    if (count < 2 || count > PARTS)
        return HG_OK;
    HG_TRY(hg_allocate(&parts, count * n, "the parts of a gradient"));
    for (size_t k = 0; k < count; ++k)
        HG_TRY_OR_CLEANUP(hg_problem_gradient(problem, k + 1, parts + k * n));
    status = describe_parts(problem, options, parts, count, report);
cleanup:
    free(parts);
    return status;
}

/* A gradient that forgot the derivative of one function in the loss. */
static enum hg_status diagnose_functions(struct hg_problem *problem, struct hg_formula_report *report)
{
    const size_t n = report->rows * report->cols;
    double *without, factor;
    char words[48];
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&without, n, "a gradient"));
    for (size_t k = 0; k < problem->loss.count; ++k) {
        struct hg_node *node = &problem->loss.nodes[k];
        if (node->kind != HG_NODE_ELEMENTS)
            continue;
        node->linearised = true;
        status = hg_problem_gradient(problem, 0, without);
        node->linearised = false;
        HG_TRY_OR_CLEANUP(status);
        const bool missing = is_multiple(hg_tree_root(&problem->formula)->value, without, n, &factor);
        if (missing)
            say(report, "the factor %s, the derivative of %s, is missing%s%s", node->function->derivative_name,
                node->function->name, fabs(factor - 1) < 1e-6 ? "" : "; besides, it is too large by the factor ",
                fabs(factor - 1) < 1e-6 ? "" : factor_words(words, factor, samples_of(problem)));
    }
cleanup:
    free(without);
    return status;
}

/* ---- points where the formula and the gradient agree by chance ---- */

/* Gram and Schmidt on the rows, or on the columns where there are fewer. */
static void make_orthonormal(const struct hg_variable *v)
{
    const bool by_rows = v->rows <= v->cols;
    const size_t vectors = by_rows ? v->rows : v->cols, length = by_rows ? v->cols : v->rows;
    const size_t next = by_rows ? v->cols : 1, step = by_rows ? 1 : v->cols;
    for (size_t a = 0; a < vectors; ++a) {
        double *to = v->value + a * next, norm = 0;
        for (size_t b = 0; b < a; ++b) {
            double along = 0;
            for (size_t i = 0; i < length; ++i)
                along += to[i * step] * v->value[b * next + i * step];
            for (size_t i = 0; i < length; ++i)
                to[i * step] -= along * v->value[b * next + i * step];
        }
        for (size_t i = 0; i < length; ++i)
            norm += to[i * step] * to[i * step];
        for (size_t i = 0; i < length; ++i)
            to[i * step] /= sqrt(norm);
    }
}

static void make_symmetric(const struct hg_variable *v)
{
    for (size_t i = 0; i < v->rows; ++i)
        for (size_t j = 0; j < i; ++j)
            v->value[i * v->cols + j] = v->value[j * v->cols + i];
}

/* Small matrices, of which variable k is made special. */
static enum hg_status try_special(const struct hg_formula_options *options, size_t k, bool symmetric,
                                  struct hg_formula_report *report)
{
    struct hg_problem *problem;
    double *gradient = NULL, factor;
    char words[48];
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&problem, 1, "a formula"));
    HG_TRY_OR_CLEANUP(hg_problem_create(problem, options));
    const struct hg_variable *v = &problem->scope.variables[k];
    const size_t n = problem->of->rows * problem->of->cols;
    if (v->rows < 2 || v->cols < 2 || (symmetric && v->rows != v->cols))
        goto cleanup;
    if (symmetric)
        make_symmetric(v);
    else
        make_orthonormal(v);
    HG_TRY_OR_CLEANUP(hg_formula_evaluate(&problem->loss, &problem->scope));
    HG_TRY_OR_CLEANUP(hg_formula_evaluate(&problem->formula, &problem->scope));
    HG_TRY_OR_CLEANUP(hg_allocate(&gradient, n, "a gradient"));
    HG_TRY_OR_CLEANUP(hg_problem_gradient(problem, 0, gradient));
    if (n == hg_tree_root(&problem->formula)->rows * hg_tree_root(&problem->formula)->cols &&
        is_multiple(hg_tree_root(&problem->formula)->value, gradient, n, &factor)) {
        const bool equal = fabs(factor - 1) < 1e-6;
        say(report, "it %s%s%s the gradient where %s%s, which is why the mistake can survive a test there",
            equal ? "equals" : "is ", equal ? "" : factor_words(words, factor, samples_of(problem)),
            equal ? "" : " times", v->name,
            symmetric            ? " is symmetric"
            : v->rows <= v->cols ? " has orthonormal rows (times its transpose it is I)"
                                 : " has orthonormal columns (its transpose times it is I)");
    }

cleanup:
    free(gradient);
    hg_problem_free(problem);
    free(problem);
    if (status != HG_BAD_DATA && status != HG_USAGE)
        return status;
    /* no value at the special point, or a size in the text that is not that of small matrices: nothing to say of it */
    hg_formula_picture_clear();
    return HG_OK;
}

static enum hg_status diagnose_special(const struct hg_problem *problem, const struct hg_formula_options *options,
                                       struct hg_formula_report *report)
{
    struct hg_formula_options small = *options;
    if (report->rows * report->cols > 10000 && !options->dataset)
        return HG_OK; /* several times as long as everything before */
    small.dataset = NULL;
    for (size_t k = 0; k < problem->scope.count; ++k)
        for (int symmetric = 0; symmetric < 2; ++symmetric)
            HG_TRY(try_special(&small, k, symmetric, report));
    return HG_OK;
}

enum hg_status hg_problem_diagnose(struct hg_problem *problem, const struct hg_formula_options *options,
                                   struct hg_formula_report *report)
{
    const struct hg_node *f = hg_tree_root(&problem->formula);
    double factor;
    char words[48];
    if (f->rows != report->rows || f->cols != report->cols)
        say(report, "it is %zux%zu, and %s, so its gradient, is %zux%zu", f->rows, f->cols, report->of, report->rows,
            report->cols);
    HG_TRY(diagnose_transpose(problem, report));
    if (f->rows != report->rows || f->cols != report->cols)
        return HG_OK;
    if (is_multiple(f->value, report->gradient, report->rows * report->cols, &factor)) {
        say(report, "it is %s times the gradient", factor_words(words, factor, samples_of(problem)));
        return HG_OK;
    }
    HG_TRY(diagnose_parts(problem, options, report));
    HG_TRY(diagnose_functions(problem, report));
    return diagnose_special(problem, options, report);
}
