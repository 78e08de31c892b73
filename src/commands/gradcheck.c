#include <stdio.h>
#include <stdlib.h>

#include "handgrad/check.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/json.h"
#include "src/output/table.h"
#include "src/output/verdict.h"
#include "src/paths.h"

struct gradcheck_settings {
    struct hg_gradcheck_options options;
    const char *data;
    struct hg_data_options reading;
    bool json;
};

#define AT(field) .name = #field, .offset = offsetof(struct gradcheck_settings, options.field)

static const struct hg_option options[] = {
    HG_DATA_OPTION(struct gradcheck_settings, HG_GROUP_OPTIONS, "data/mnist"),
    HG_READING_OPTIONS(struct gradcheck_settings, HG_GROUP_OPTIONS),
    {HG_OPTION_SIZE, AT(samples), .help = "take the first N training samples, as one batch", .example = "32",
     .preset = "32"},
    {HG_OPTION_SIZE, AT(hidden), .help = "hidden or latent units", .example = "64", .preset = "64"},
    {HG_OPTION_SEED, AT(seed), .help = "of the weights and the directions", .example = "1"},
    HG_JSON_OPTION(struct gradcheck_settings, HG_GROUP_OPTIONS, "tables"),
    {.name = NULL},
};

static void print_table(enum hg_model_kind model, const struct hg_gradcheck_report *report)
{
    printf("%s: %zu samples of %zu features, %zu %s units, in double precision\n\n", hg_model_names[model],
           report->samples, report->features, report->hidden, model == HG_MLP ? "hidden" : "latent");
    hg_table_cell("", 5);
    hg_table_cell("equation", 42);
    printf("%15s %15s %10s %8s\n", "analytic", "numeric", "error", "limit");
    const struct hg_gradcheck_row *formula = NULL;
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        hg_table_cell(row->equation, 5);
        hg_table_cell(row->name, 42);
        printf("%+15.8e %+15.8e %10.1e %8.0e  %s%s\n", row->analytic, row->numeric, row->error, row->limit,
               hg_verdicts[row->verdict].words, row->reason);
        if (row->verdict == HG_GRADCHECK_NOT_THE_GRADIENT)
            formula = row;
    }
    if (formula)
        printf("\n(%s) is the formula that replaces the decoder's path by the encoder's. Along this direction it gives "
               "%+.3g where\nthe loss changes by %+.3g: it is not the gradient (docs/MATH.md), which is expected, and "
               "no failure.\n",
               formula->equation, formula->analytic, formula->numeric);
}

static void add_rows(struct hg_json *json, enum hg_model_kind model, const struct hg_gradcheck_report *report)
{
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_gradcheck_row *row = &report->rows[i];
        struct hg_json *item = hg_json_append(json, "rows");
        hg_json_text(item, "model", hg_model_names[model]);
        hg_json_text(item, "equation", row->equation);
        hg_json_text(item, "name", row->name);
        hg_json_number(item, "analytic", row->analytic);
        hg_json_number(item, "numeric", row->numeric);
        hg_json_number(item, "error", row->error);
        hg_json_number(item, "limit", row->limit);
        hg_json_text(item, "verdict", hg_verdicts[row->verdict].key);
        hg_json_text(item, "reason", row->reason);
    }
}

/* Rows of both models that did not pass. */
struct tally {
    size_t failed, not_judged;
};

/* Checks both models, or the one asked for. Failed rows are counted in `tally`; they are no failure of this function.
 */
static enum hg_status check(const struct gradcheck_settings *settings, unsigned models, struct tally *tally)
{
    char *data = NULL;
    struct hg_dataset *dataset = NULL;
    struct hg_json *json = settings->json ? hg_json_create() : NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings->data));
    HG_TRY_OR_CLEANUP(hg_data_load(&dataset, data, HG_TRAIN, &settings->reading, &hg_command_gradcheck));
    for (unsigned model = 0; hg_model_names[model]; ++model) {
        struct hg_gradcheck_report report;
        if (!(models & 1U << model))
            continue;
        const enum hg_status checked = hg_gradcheck(&report, model, dataset, &settings->options);
        if (checked != HG_CHECK_FAILED)
            HG_TRY_OR_CLEANUP(checked);
        tally->failed += report.failed;
        tally->not_judged += report.not_judged;
        if (json) {
            add_rows(json, model, &report);
        } else {
            print_table(model, &report);
            if (models >> model > 1) /* another one follows */
                putchar('\n');
        }
    }
    if (json) {
        hg_json_number(json, "failed", (double)tally->failed);
        hg_json_number(json, "not_judged", (double)tally->not_judged);
        HG_TRY_OR_CLEANUP(hg_json_print(json));
    }

cleanup:
    hg_dataset_free(dataset);
    free(data);
    hg_json_free(json);
    return status;
}

static enum hg_status gradcheck(int argc, char **argv)
{
    struct gradcheck_settings settings = {.options.seed = 1};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_gradcheck, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    unsigned models;
    HG_TRY(hg_arguments_models(&models, arguments.operands[0]));

    struct tally tally = {0};
    HG_TRY(check(&settings, models, &tally));
    if (tally.failed)
        return hg_fail(HG_CHECK_FAILED, "equations that do not hold: %zu; that could not be judged: %zu", tally.failed,
                       tally.not_judged);
    if (tally.not_judged)
        return hg_fail(HG_CHECK_FAILED,
                       "equations that could not be judged on these samples: %zu; take more samples (--samples N), "
                       "other data (--data DIR) or other weights (--seed N)",
                       tally.not_judged);
    return HG_OK;
}

const struct hg_command hg_command_gradcheck = {
    .name = "gradcheck",
    .operands = {"[mlp|autoencoder]"},
    .summary = "check every derived gradient against the loss itself",
    .description =
        "One row for each equation of docs/MATH.md, on your own data: the derivative of the loss along a\n"
        "direction, once by the equation and once by central differences of the loss, in double precision.\n"
        "They may differ by the limit, which is what rounding and the differences' own error leave open. Exit\n"
        "code 1 if an equation does not hold, or if the samples leave nothing to judge it by. The formula\n"
        "2W(W'W - I)XX' is shown too: it is not the gradient of the autoencoder's loss, and by how much can be\n"
        "read there.\n\n"
        "Example:\n"
        "  handgrad gradcheck autoencoder --hidden 16\n\n"
        "Writes no files.",
    .tables = {options},
    .run = gradcheck,
};
