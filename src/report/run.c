/* Everything that a page says of a run, read and computed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/runs/trained_model.h"
#include "host/training/optimum.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/second_moment.h"
#include "src/data.h"
#include "src/paths.h"
#include "src/report/report.h"

/* As many of a classifier's mistakes as a page could show. */
enum { MISTAKES = 10000 };

static enum hg_status read_records(struct hg_report_run *run)
{
    char *file = NULL;
    enum hg_status status;
    HG_TRY(hg_run_require(run->path));
    HG_TRY_OR_CLEANUP(hg_run_path(&file, run->path, "config.json"));
    HG_TRY_OR_CLEANUP(hg_run_config_read(&run->config, file));
    status = hg_history_read(&run->history, run->path);
cleanup:
    free(file);
    return status;
}

static enum hg_status load_model(struct hg_report_run *run, const struct hg_report_settings *settings,
                                 const struct hg_command *command)
{
    char *file = NULL;
    enum hg_status status = HG_OK;
    HG_TRY(hg_run_path(&file, run->path, "model.safetensors"));
    if (hg_paths_exist(file))
        HG_TRY_OR_CLEANUP(hg_model_load(&run->model, run->path, settings->backend, settings->threads));
    if (run->model)
        hg_command_note(command, hg_model_note(run->model));
cleanup:
    free(file);
    return status;
}

/* The weights that are there may be of an earlier epoch, while a run is under way. */
static void find_kept(struct hg_report_run *run)
{
    size_t epoch;
    if (!hg_model_epoch(run->model, &epoch))
        return;
    for (size_t i = 0; i < run->history.count; ++i)
        if (run->history.epochs[i].epoch == epoch)
            run->kept = &run->history.epochs[i];
}

/* Whether a failure to read the data is one that a page can do without, and not a lack of memory, say. */
static bool is_of_data(enum hg_status status)
{
    return status == HG_NO_INPUT || status == HG_BAD_DATA || status == HG_IO || status == HG_USAGE;
}

/* Keeps the message of the latest failure as the reason why the page has nothing on the data. */
static enum hg_status keep_reason(struct hg_report_run *run)
{
    free(run->no_data);
    run->no_data = NULL;
    return hg_string_copy(&run->no_data, hg_message());
}

static enum hg_status load_data(struct hg_report_run *run, const char *data, const struct hg_command *command)
{
    struct hg_data_options given = {.header = HG_HEADER_AUTO};
    hg_data_complete_options(&given, &run->config, run->model, &run->scale);
    enum hg_status status = hg_data_load(&run->train, data, HG_TRAIN, &given, command);
    if (status == HG_OK || status == HG_NO_INPUT) {
        const enum hg_status of_train = status;
        status = hg_data_load(&run->test, data, HG_TEST, &given, command);
        if (status == HG_NO_INPUT && of_train == HG_OK)
            return HG_OK; /* no test set */
    }
    return status;
}

static bool can_judge(const struct hg_report_run *run, const struct hg_dataset *dataset)
{
    return dataset && (hg_model_kind(run->model) == HG_AUTOENCODER || hg_dataset_labels(dataset));
}

/* How an autoencoder stands to the training set, from which its principal components are. */
static enum hg_status compare_with_components(struct hg_report_run *run, int threads)
{
    const size_t features = hg_model_features(run->model), latent = hg_model_hidden(run->model);
    const double *w = hg_model_values(run->model);
    double *moment, squares;
    enum hg_status status;
    HG_TRY(hg_allocate_bytes(&moment, features, features * sizeof *moment, "the second moment"));
    HG_TRY_OR_CLEANUP(hg_second_moment(hg_dataset_samples(run->train), threads, moment, &squares));
    HG_TRY_OR_CLEANUP(hg_second_moment_loss(moment, features, w, latent, &run->train_loss));
    HG_TRY_OR_CLEANUP(hg_principal_create(&run->principal, moment, features, w, latent));
    run->train_optimum = hg_optimum_loss(run->principal.values, features, latent);
cleanup:
    free(moment);
    return status;
}

static enum hg_status judge(struct hg_report_run *run, int threads)
{
    const struct hg_dataset *judged = can_judge(run, run->test) ? run->test : run->train;
    if (!judged)
        return hg_fail(HG_BAD_DATA, "%s: has no labels to hold the model's answers against",
                       hg_dataset_name(run->test));
    HG_TRY(hg_model_evaluate(run->model, judged, &run->evaluation));
    if (hg_model_kind(run->model) == HG_MLP)
        HG_TRY(hg_model_confusion(run->model, judged, MISTAKES, &run->confusion));
    if (hg_model_kind(run->model) == HG_AUTOENCODER && run->train)
        HG_TRY(compare_with_components(run, threads));
    run->judged = judged;
    return HG_OK;
}

enum hg_status hg_report_run_open(struct hg_report_run *run, const char *path)
{
    *run = (struct hg_report_run){.path = path, .train_loss = NAN, .train_optimum = NAN};
    HG_TRY(read_records(run));
    run->kept = hg_history_kept(&run->history, run->config.options.keep);
    return HG_OK;
}

enum hg_status hg_report_run_load(struct hg_report_run *run, const struct hg_report_settings *settings,
                                  const struct hg_command *command)
{
    size_t epoch;
    char *data = NULL;
    HG_TRY(load_model(run, settings, command));
    if (!run->model)
        return HG_OK;
    find_kept(run);
    run->solved = run->history.count == 0 && !hg_model_epoch(run->model, &epoch);
    enum hg_status status = hg_paths_data(&data, settings->data ? settings->data : run->config.data);
    if (status == HG_OK)
        status = load_data(run, data, command);
    free(data);
    if (status == HG_OK)
        status = judge(run, settings->threads);
    if (is_of_data(status) && !settings->data)
        return keep_reason(run);
    return status;
}

void hg_report_run_unload(struct hg_report_run *run)
{
    hg_principal_free(&run->principal);
    hg_confusion_free(&run->confusion);
    hg_dataset_free(run->test);
    hg_dataset_free(run->train);
    hg_model_free(run->model);
    run->test = run->train = NULL;
    run->judged = NULL;
    run->model = NULL;
}

void hg_report_run_close(struct hg_report_run *run)
{
    hg_report_run_unload(run);
    free(run->no_data);
    hg_history_free(&run->history);
    hg_run_config_free(&run->config);
}
