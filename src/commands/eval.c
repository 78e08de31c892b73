#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "handgrad/model.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/array.h"
#include "src/output/json.h"
#include "src/output/judgement.h"
#include "src/output/summary.h"
#include "src/paths.h"

enum { MISTAKES = 100 /* in --json and in pictures */ };

struct eval_settings {
    const char *data, *backend, *show, *mistakes;
    struct hg_data_options reading;
    enum hg_split split;
    int threads;
    bool json;
};

#define AT(field) .name = #field, .offset = offsetof(struct eval_settings, field)

static const struct hg_option options[] = {
    HG_DATA_OPTION(struct eval_settings, HG_GROUP_OPTIONS, "the run's own"),
    {HG_OPTION_CHOICE, AT(split), .choices = hg_split_names, .help = "which of its samples"},
    HG_READING_OPTIONS(struct eval_settings, HG_GROUP_OPTIONS),
    HG_PREPARE_OPTIONS(struct eval_settings, HG_GROUP_OPTIONS),
    HG_BACKEND_OPTION(struct eval_settings, HG_GROUP_OPTIONS, hg_backend_choices, "where to compute"),
    HG_THREADS_OPTION(struct eval_settings, HG_GROUP_OPTIONS),
    {HG_OPTION_TEXT, AT(mistakes), .argument = "FILE.png", .what = "a file",
     .help = "a picture to write of the 100 most confident mistakes, with what they are and were taken for; of an "
             "autoencoder of the samples that it reconstructs worst"},
    HG_JSON_OPTION(struct eval_settings, HG_GROUP_OPTIONS, "table"),
    {.name = NULL},
};

static enum hg_status print_json(const struct hg_judgement *judgement, const struct hg_evaluation *e)
{
    const struct hg_model *model = judgement->model;
    const struct hg_dataset *dataset = judgement->dataset;
    struct hg_json *json = hg_json_create();
    hg_json_text(json, "model", hg_model_names[hg_model_kind(model)]);
    hg_json_text(json, "data", hg_dataset_name(dataset));
    hg_json_number(json, "samples", (double)hg_dataset_count(dataset));
    size_t epoch;
    if (hg_model_epoch(model, &epoch))
        hg_json_number(json, "epoch", (double)epoch);
    hg_json_number(json, "loss", e->loss);
    hg_json_number(json, "accuracy", e->accuracy);
    hg_json_number(json, "optimum", e->optimum);
    hg_json_number(json, "optimality_gap", e->optimality_gap);
    hg_json_number(json, "optimality_distance", e->optimality_distance);
    hg_judgement_describe(judgement, json);
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

static void print_table(const struct hg_model *model, const struct hg_dataset *dataset, const struct hg_evaluation *e)
{
    size_t epoch;
    if (hg_model_epoch(model, &epoch))
        printf("%-10s after epoch %zu%s\n", "weights", epoch,
               hg_model_is_best(model) ? ", kept for the best validation loss" : "");
    printf("%-10s %s, %zu samples\n%-10s %.7g\n", "data", hg_dataset_name(dataset), hg_dataset_count(dataset), "loss",
           e->loss);
    if (isfinite(e->accuracy))
        printf("%-10s %.2f %%\n", "accuracy", 100 * e->accuracy);
    if (isfinite(e->optimum)) {
        char gap[96];
        hg_summary_gap(gap, sizeof gap, e->loss, e->optimum);
        printf("%-10s %s, which is the least loss on these very samples\n", "", gap);
    }
}

static enum hg_status check_picture(const char *file)
{
    return hg_array_format(file) == HG_ARRAY_PNG ? HG_OK : hg_fail(HG_USAGE, "--mistakes: '%s' must end in .png", file);
}

static enum hg_status eval(int argc, char **argv)
{
    struct eval_settings settings = {.backend = "auto", .split = HG_TEST};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_eval, argc, argv, &settings, &done));
    if (done)
        return HG_OK;

    const char *run = arguments.operands[0];
    if (settings.mistakes)
        HG_TRY(check_picture(settings.mistakes));
    struct hg_model *model = NULL;
    struct hg_dataset *dataset = NULL;
    struct hg_evaluation evaluation;
    struct hg_judgement judgement = {0};
    struct hg_run_config config = {0};
    struct hg_input_scale scale;
    char *data = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_model_load(&model, run, settings.backend, settings.threads));
    hg_command_note(&hg_command_eval, hg_model_note(model));
    HG_TRY_OR_CLEANUP(hg_data_read_config(&config, run));
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings.data ? settings.data : config.data));
    hg_data_complete_options(&settings.reading, &config, model, &scale);
    HG_TRY_OR_CLEANUP(hg_data_load(&dataset, data, settings.split, &settings.reading, &hg_command_eval));
    if (settings.show)
        HG_TRY_OR_CLEANUP(hg_data_show(settings.show, dataset, 0, hg_dataset_count(dataset)));
    HG_TRY_OR_CLEANUP(hg_model_evaluate(model, dataset, &evaluation));
    HG_TRY_OR_CLEANUP(hg_judgement_make(&judgement, model, dataset, MISTAKES));
    if (settings.mistakes && !judgement.worst && judgement.confusion.mistake_count == 0)
        hg_command_note(&hg_command_eval, "there are no mistakes, so no picture of them was written");
    else if (settings.mistakes)
        HG_TRY_OR_CLEANUP(hg_judgement_draw(&judgement, model, settings.mistakes));
    if (settings.json) {
        status = print_json(&judgement, &evaluation);
    } else {
        print_table(model, dataset, &evaluation);
        hg_judgement_print(&judgement);
    }
cleanup:
    hg_judgement_free(&judgement);
    free(data);
    hg_run_config_free(&config);
    hg_dataset_free(dataset);
    hg_model_free(model);
    return status;
}

const struct hg_command hg_command_eval = {
    .name = "eval",
    .operands = {"RUN"},
    .summary = "loss and accuracy of a trained model on a dataset",
    .description =
        "RUN is a run's directory or a .safetensors file of weights. An autoencoder's loss is set against\n"
        "the least that is possible on the same samples. Of a classifier the precision, recall and F1 of each\n"
        "class follow, the confusion matrix where it fits, and the most confident mistakes.\n\n"
        "Example:\n"
        "  handgrad eval runs/mlp --data data/fashion-mnist\n\n"
        "Writes nothing but the pictures of --mistakes and --show.",
    .tables = {options},
    .run = eval,
};
