#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/token.h"
#include "host/proofs/formula/formula.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/explanation.h"
#include "src/output/json.h"
#include "src/output/plot.h"
#include "src/paths.h"

struct check_settings {
    const char *formula, *loss, *of, *size, *data, *plot;
    unsigned model;
    size_t samples, hidden;
    uint64_t seed;
    struct hg_data_options reading;
    bool explain, json;
};

static const char *const models[] = {"auto", "autoencoder", "mlp", NULL};

#define AT(field) .name = #field, .offset = offsetof(struct check_settings, field)

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, AT(formula), .argument = "EXPR", .what = "an expression",
     .help = "the gradient that you derived; without it the gradient's values are printed", .preset = ""},
    {HG_OPTION_TEXT, AT(loss), .argument = "EXPR", .what = "an expression",
     .help = "a loss of your own: one number, of matrices and vectors", .preset = "the model's"},
    {HG_OPTION_TEXT, AT(of), .argument = "NAME", .what = "a name", .help = "the variable that the gradient is taken by",
     .preset = "W"},
    {HG_OPTION_CHOICE, AT(model), .choices = models,
     .help = "whose loss it is; auto: the one that has the name after --of"},
    {HG_OPTION_TEXT, AT(size), .argument = "NAME=RxC", .what = "a size, such as W=3x5",
     .help = "of a matrix, or NAME=R of a column; may be repeated. Others are inferred", .preset = ""},
    HG_DATA_OPTION(struct check_settings, HG_GROUP_OPTIONS, "random matrices"),
    HG_READING_OPTIONS(struct check_settings, HG_GROUP_OPTIONS),
    {HG_OPTION_SIZE, AT(samples), .help = "with --data: take the first N training samples", .example = "32",
     .preset = "32"},
    {HG_OPTION_SIZE, AT(hidden), .help = "with --data: hidden or latent units", .example = "64", .preset = "64"},
    {HG_OPTION_SEED, AT(seed), .help = "of the matrices and the directions", .example = "1"},
    {HG_OPTION_TEXT, AT(plot), .argument = "FILE", .what = "a file, .svg or .png",
     .help = "a picture to write: what is left over h, along the first direction; none where F has another shape",
     .preset = ""},
    {HG_OPTION_FLAG, AT(explain),
     .help = "show the derivation of a model's gradient line by line, with these numbers; without --of that of W, or "
             "of all "
             "that the mlp learns"},
    HG_JSON_OPTION(struct check_settings, HG_GROUP_OPTIONS, "text"),
    {.name = NULL},
};

static const char *const verdicts[] = {
    [HG_FORMULA_GRADIENT] = "gradient",
    [HG_FORMULA_NOT_GRADIENT] = "not the gradient",
    [HG_FORMULA_NOT_JUDGED] = "not judged",
    [HG_FORMULA_NO_FORMULA] = "no formula",
};

static void print_gradient(const struct hg_formula_report *report)
{
    enum { MOST = 100 };
    printf("\n");
    for (size_t i = 0; report->rows * report->cols <= MOST && i < report->rows; ++i, putchar('\n'))
        for (size_t j = 0; j < report->cols; ++j)
            printf(" %+13.6g", report->gradient[i * report->cols + j]);
    if (report->rows * report->cols > MOST)
        printf("the gradient has %zu numbers; those of small sizes are printed\n", report->rows * report->cols);
}

static void print_report(const struct check_settings *settings, const struct hg_formula_report *report, bool model)
{
    printf("L = %s = %.9g; its gradient by %s is %zux%zu\n", report->loss, report->value, report->of, report->rows,
           report->cols);
    if (model)
        puts("Samples are columns (X is D x N), L is the mean over the N samples; dz2, dh, dz1 are each sample's own.");
    if (*report->note)
        printf("note: %s\n", report->note);
    if (!settings->formula) {
        print_gradient(report);
        return;
    }
    printf("F = %s\n", settings->formula);
    if (report->direction_count)
        printf("\n%15s %15s %10s %8s\n", "<F, d>", "differences", "error", "slope");
    for (size_t i = 0; i < report->direction_count; ++i) {
        const struct hg_formula_direction *d = &report->directions[i];
        printf("%+15.8e %+15.8e %10.1e ", d->analytic, d->numeric, d->error);
        if (isnan(d->slope))
            printf("%8s\n", "-");
        else
            printf("%8.2f\n", d->slope);
    }
    if (report->verdict == HG_FORMULA_GRADIENT)
        printf("\nF is the gradient: %s.\n", isnan(report->slope)
                                                 ? "the loss changes as F says, to the last digits"
                                                 : "what is left of L(W + hd) - L(W) - h<F, d> falls as h^2");
    else if (report->verdict == HG_FORMULA_NOT_JUDGED)
        printf("\nNot judged: see the note; take another --seed.\n");
    else
        printf("\nF is not the gradient%s.\n",
               report->direction_count ? ": what is left of L(W + hd) - L(W) - h<F, d> does not fall as h^2" : "");
    for (size_t i = 0; i < report->diagnosis_count; ++i)
        printf("  - %s\n", report->diagnoses[i]);
}

static void add_report(struct hg_json *json, const struct check_settings *settings,
                       const struct hg_formula_report *report)
{
    hg_json_text(json, "verdict", verdicts[report->verdict]);
    hg_json_text(json, "loss", report->loss);
    hg_json_text(json, "of", report->of);
    if (settings->formula)
        hg_json_text(json, "formula", settings->formula);
    hg_json_number(json, "rows", (double)report->rows);
    hg_json_number(json, "cols", (double)report->cols);
    hg_json_number(json, "value", report->value);
    if (report->direction_count) {
        hg_json_number(json, "slope", report->slope);
        hg_json_number(json, "error", report->error);
    }
    hg_json_text(json, "note", report->note);
    hg_json_array(json, "directions");
    for (size_t i = 0; i < report->direction_count; ++i) {
        struct hg_json *item = hg_json_append(json, "directions");
        hg_json_number(item, "analytic", report->directions[i].analytic);
        hg_json_number(item, "numeric", report->directions[i].numeric);
        hg_json_number(item, "error", report->directions[i].error);
        hg_json_number(item, "slope", report->directions[i].slope);
    }
    hg_json_array(json, "diagnoses");
    for (size_t i = 0; i < report->diagnosis_count; ++i)
        hg_json_text(hg_json_append(json, "diagnoses"), "text", report->diagnoses[i]);
}

/* `report` and `explanation`: NULL where they were not asked for. */
static enum hg_status print_json(const struct check_settings *settings, const struct hg_formula_report *report,
                                 const struct hg_explanation *explanation)
{
    struct hg_json *json = hg_json_create();
    if (report)
        add_report(json, settings, report);
    if (explanation)
        hg_explanation_add_json(json, explanation);
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

/* Both errors over the step h: the remainder falls with the slope that the verdict rests on, the central difference as
 * h^2 to where rounding takes over, the V. */
static enum hg_status draw(const char *file, const struct hg_formula_report *report)
{
    double h[HG_FORMULA_STEPS], remainder[HG_FORMULA_STEPS], central[HG_FORMULA_STEPS];
    char title[128];
    for (size_t k = 0; k < HG_FORMULA_STEPS; ++k) { /* the steps were halved one by one; a plot goes up */
        h[k] = report->h[HG_FORMULA_STEPS - 1 - k];
        remainder[k] = report->remainder[HG_FORMULA_STEPS - 1 - k];
        central[k] = report->central[HG_FORMULA_STEPS - 1 - k];
    }
    const struct hg_series series[] = {
        {.name = "|L(W + hd) - L(W) - h<F, d>|", .count = HG_FORMULA_STEPS, .x = h, .y = remainder},
        {.name = "|central difference - <F, d>|", .count = HG_FORMULA_STEPS, .x = h, .y = central},
    };
    snprintf(title, sizeof title, "F is %s%s", report->verdict == HG_FORMULA_GRADIENT ? "the " : "",
             verdicts[report->verdict]);
    const struct hg_plot plot = {.title = title,
                                 .x_label = "h",
                                 .y_label = "error",
                                 .x_kind = HG_AXIS_LOG,
                                 .y_kind = HG_AXIS_LOG,
                                 .series = series,
                                 .count = sizeof series / sizeof *series};
    return hg_plot_write(file, &plot);
}

/* A name after --of that is no quantity of a model's loss. */
static enum hg_status refuse_name(const char *name)
{
    static const char *const gradients[][2] = {{"dz2", "z2"}, {"dh", "h"}, {"dz1", "z1"}};
    for (size_t i = 0; i < sizeof gradients / sizeof *gradients; ++i)
        if (strcmp(name, gradients[i][0]) == 0)
            return hg_fail(HG_USAGE,
                           "of: %s is itself a gradient, which the loss does not contain; check it as that of %s, by "
                           "of=%s and a formula that ends in /N",
                           name, gradients[i][1], gradients[i][1]);
    return hg_fail(HG_USAGE,
                   "of: no model has '%s'; give W, W1, b1, W2, b2, z1, h, z2 or p, or a loss of your own (--loss)",
                   name);
}

static enum hg_status choose_model(const struct check_settings *settings, enum hg_formula_model *model)
{
    *model = settings->of ? hg_formula_model_of(settings->of) : HG_FORMULA_AUTOENCODER;
    if (settings->model)
        *model = settings->model == 1 ? HG_FORMULA_AUTOENCODER : HG_FORMULA_MLP;
    if (settings->loss && settings->explain)
        return hg_fail(HG_USAGE, "explain: the derivations are those of the two models; leave out loss=...");
    if (settings->loss && (settings->model || settings->data))
        return hg_fail(HG_USAGE, "loss: a loss of your own has no model and no data; give the sizes of its matrices");
    if (settings->loss)
        *model = HG_FORMULA_CUSTOM;
    else if (*model == HG_FORMULA_CUSTOM)
        return refuse_name(settings->of);
    else if (!settings->formula && !settings->explain)
        return hg_fail(HG_USAGE, "formula: give the gradient that you derived, as --formula \"2*W*(W'*W - I)*X*X'\"");
    return HG_OK;
}

static enum hg_status show(const struct check_settings *settings, const struct hg_formula_report *report,
                           const struct hg_explanation *explanation, bool model)
{
    if (settings->json)
        return print_json(settings, report, explanation);
    if (explanation)
        hg_explanation_print(explanation);
    if (explanation && report)
        putchar('\n');
    if (report)
        print_report(settings, report, model);
    return HG_OK;
}

/* The explanation, the report on a formula, or both. */
static enum hg_status answer(const struct check_settings *settings, const struct hg_formula_options *formula)
{
    struct hg_formula_report report = {.gradient = NULL};
    struct hg_explanation explanation = {.count = 0};
    const bool reports = settings->formula || !settings->explain;
    enum hg_status status = HG_OK;
    if (reports)
        HG_TRY_OR_CLEANUP(hg_formula_check(&report, formula));
    if (settings->explain)
        HG_TRY_OR_CLEANUP(hg_formula_explain(&explanation, formula));
    HG_TRY_OR_CLEANUP(show(settings, reports ? &report : NULL, settings->explain ? &explanation : NULL,
                           formula->model != HG_FORMULA_CUSTOM));
    if (settings->plot && report.direction_count)
        HG_TRY_OR_CLEANUP(draw(settings->plot, &report));
    if (settings->explain && !(explanation.error <= explanation.limit))
        status = hg_fail(HG_CHECK_FAILED, "the terms do not sum up to the derivative by differences");
    else if (report.verdict == HG_FORMULA_NOT_GRADIENT || report.verdict == HG_FORMULA_NOT_JUDGED)
        status = hg_fail(HG_CHECK_FAILED, "the formula is %s", verdicts[report.verdict]);

cleanup:
    hg_explanation_free(&explanation);
    hg_formula_report_free(&report);
    return status;
}

static enum hg_status check(int argc, char **argv)
{
    struct check_settings settings = {.seed = 1};
    struct hg_arguments arguments;
    struct hg_formula_options formula = {.model = HG_FORMULA_CUSTOM};
    struct hg_dataset *dataset = NULL;
    enum hg_status status = HG_OK;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_check, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    const struct hg_token of = hg_token_read(settings.of ? settings.of : "", 0);
    if (of.kind == HG_TOKEN_NAME && !settings.of[of.end]) /* as in an expression λ is lambda, and W₁ is W1 */
        settings.of = of.name;
    HG_TRY(choose_model(&settings, &formula.model));
    if (settings.plot && !settings.formula)
        return hg_fail(HG_USAGE, "plot: it shows how a formula fits the loss; give --formula, too");
    if (settings.plot)
        HG_TRY(hg_plot_require(settings.plot));
    HG_TRY(hg_arguments_repeated(formula.sizes, HG_FORMULA_SIZES, &hg_command_check, "size", argc, argv));
    if (settings.data && formula.sizes[0])
        return hg_fail(HG_USAGE, "size: with --data the sizes are those of the data; give --samples and --hidden");
    if (settings.data)
        HG_TRY_OR_CLEANUP(hg_data_load(&dataset, settings.data, HG_TRAIN, &settings.reading, &hg_command_check));
    formula.loss = settings.loss;
    formula.of = settings.of;
    formula.formula = settings.formula;
    formula.dataset = dataset;
    formula.samples = settings.samples;
    formula.hidden = settings.hidden;
    formula.seed = settings.seed;
    status = answer(&settings, &formula);

cleanup:
    hg_dataset_free(dataset);
    return status;
}

const struct hg_command hg_command_check = {
    .name = "check",
    .operands = {NULL},
    .summary = "is the gradient that you derived by hand the gradient?",
    .description =
        "Takes a formula that you typed and a loss, and says whether the one is the gradient of the other: by\n"
        "differences of the loss alone, along random directions. Where it is not, says what it is instead: a\n"
        "multiple, the transpose, or a sum in which a path is missing. (gradcheck checks the equations of\n"
        "handgrad itself, crosscheck its backends.) Without --loss it is the loss of a model, whose names are\n"
        "W, X, N, z, xhat, v, E, D, or W1, b1, W2, b2, X, Y, N, z1, h, z2, p, dz2, dh, dz1. docs/FORMULAS.md\n"
        "has the language. --explain shows how the gradient of a model comes about, line by line.\n\n"
        "Example:\n"
        "  handgrad check --formula \"2*W*(W'*W - I)*X*X'\"\n"
        "  handgrad check --of W2 --formula \"dz2*h'/N\" --data data/mnist\n"
        "  handgrad check --explain --of W1\n"
        "  handgrad check --loss \"0.5*norm2(A*x - b)^2\" --of x --formula \"A'*(A*x - b)\" --size A=7x3\n\n"
        "Exit code 0: it is the gradient, 1: it is not, 64: the expression is malformed. Writes nothing but the file\n"
        "of --plot.",
    .tables = {options},
    .run = check,
};
