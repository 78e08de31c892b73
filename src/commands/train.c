#include <math.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/data.h"
#include "src/output/plan.h"
#include "src/output/progress.h"
#include "src/output/rates.h"
#include "src/paths.h"
#include "src/session.h"
#include "src/signals.h"
#include "src/sweep/sweep.h"
#include "src/train_options.h"

/* The options and the data that training starts from. */
struct sources {
    struct hg_run_config config;
    struct hg_dataset *train, *test;
    char *data;
};

static void sources_free(struct sources *sources)
{
    hg_dataset_free(sources->test);
    hg_dataset_free(sources->train);
    free(sources->data);
    hg_run_config_free(&sources->config);
}

/* Options from --config, then those of the command line on top. */
static enum hg_status read_settings(const struct hg_command *command, const struct hg_arguments *arguments,
                                    struct hg_train_settings *settings, struct sources *sources)
{
    const char *file = hg_arguments_text(arguments, command, "config");
    if (file) {
        const enum hg_model_kind model = settings->options.model;
        HG_TRY(hg_run_config_read(&sources->config, file));
        if (sources->config.options.model != model)
            return hg_fail(HG_USAGE, "--config: %s is of the other model; give it to handgrad train %s", file,
                           hg_model_names[sources->config.options.model]);
        settings->options = sources->config.options;
        settings->data = sources->config.data;
    }
    HG_TRY(hg_arguments_apply(arguments, command, settings));
    if (settings->jobs && !settings->seeds)
        return hg_fail(HG_USAGE, "jobs: one run is one process; give seeds=5, for example, too");
    return hg_train_options_check(&settings->options);
}

/* Makes the run's directory: the one given, or the next free default name; tries again if another process takes that
 * first. */
static enum hg_status create_directory(struct hg_run **run, const struct hg_train_settings *settings)
{
    if (settings->out)
        return hg_run_create(run, settings->out);
    for (;;) {
        char *directory;
        HG_TRY(hg_paths_new_run(&directory, hg_model_names[settings->options.model]));
        const enum hg_status status = hg_run_create(run, directory);
        const bool taken = status == HG_CANNOT_CREATE && hg_paths_exist(directory);
        free(directory);
        if (!taken)
            return status;
    }
}

/* Creates the run and writes its options and first checkpoint: from here on it can be resumed. */
static enum hg_status create_run(struct hg_run **out, const struct hg_train_settings *settings, const char *data,
                                 struct hg_trainer *trainer)
{
    struct hg_run *run;
    hg_signals_watch(trainer);
    HG_TRY(create_directory(&run, settings));
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_run_write_config(run, hg_trainer_options(trainer), data));
    HG_TRY_OR_CLEANUP(hg_run_save(run, trainer));
    HG_TRY_OR_CLEANUP(hg_rates_write(run, trainer));
    *out = run;
    return HG_OK;

cleanup:
    hg_run_discard(run);
    return status;
}

/* Long enough for a figure within some tens of percent; short beside any training that one would want to plan. */
static const double rehearsal_seconds = 0.5;

/* Tells what training would do, and writes nothing. */
static enum hg_status rehearse(const struct hg_command *command, const struct hg_train_settings *settings,
                               const struct sources *sources, struct hg_trainer *trainer)
{
    struct hg_plan plan = {.command = command,
                           .trainer = trainer,
                           .train = sources->train,
                           .test = sources->test,
                           .seeds = settings->seeds,
                           .rate_by_data = isnan(settings->options.lr)};
    char *directory = NULL;
    enum hg_status status = HG_OK;
    if (settings->out)
        HG_TRY(hg_string_copy(&directory, settings->out));
    else
        HG_TRY(hg_paths_new_run(&directory, hg_model_names[settings->options.model]));
    if (!settings->seeds) /* which may go on with what is there */
        HG_TRY_OR_CLEANUP(hg_run_require_none(directory));
    HG_TRY_OR_CLEANUP(hg_trainer_rehearse(trainer, rehearsal_seconds, &plan.rehearsal));
    plan.run = directory;
    if (settings->json)
        status = hg_plan_print_json(&plan);
    else if (!settings->quiet)
        hg_plan_print(&plan);

cleanup:
    free(directory);
    return status;
}

static enum hg_status train_seeds(const struct hg_command *command, const struct hg_train_settings *settings,
                                  const char *data)
{
    struct hg_train_settings named = *settings;
    struct hg_sweep sweep = {.command = command, .settings = &named};
    char *directory = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_paths_new_run(&directory, hg_model_names[settings->options.model]));
    named.out = settings->out ? settings->out : directory;
    HG_TRY_OR_CLEANUP(hg_string_copy(&sweep.data, data));
    status = hg_sweep_run(&sweep);
cleanup:
    hg_sweep_free(&sweep);
    free(directory);
    return status;
}

static enum hg_status train(const struct hg_command *command, enum hg_model_kind model, int argc, char **argv)
{
    const double began = hg_progress_now();
    struct hg_train_settings settings;
    struct hg_arguments arguments;
    hg_train_settings_default(&settings, model);
    HG_TRY(hg_arguments_split(&arguments, command, argc, argv));
    if (arguments.help) {
        hg_help_print(arguments.help, command, &settings);
        return HG_OK;
    }

    struct sources sources = {0};
    struct hg_trainer *trainer = NULL;
    struct hg_run *run = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(read_settings(command, &arguments, &settings, &sources));
    HG_TRY_OR_CLEANUP(hg_paths_data(&sources.data, settings.data));
    if (settings.seeds && !settings.dry_run) {
        status = train_seeds(command, &settings, sources.data);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_data_load_both(&sources.train, &sources.test, sources.data, &settings.options, NULL));
    HG_TRY_OR_CLEANUP(hg_trainer_create(&trainer, &settings.options, sources.train, sources.test));
    if (settings.dry_run) {
        status = rehearse(command, &settings, &sources, trainer);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(create_run(&run, &settings, sources.data, trainer));
    HG_TRY_OR_CLEANUP(hg_session_run(&(struct hg_session){.command = command,
                                                          .trainer = trainer,
                                                          .run = run,
                                                          .data = sources.data,
                                                          .train = sources.train,
                                                          .test = sources.test,
                                                          .began = began,
                                                          .json = settings.json,
                                                          .quiet = settings.quiet}));
cleanup:
    hg_trainer_free(trainer);
    sources_free(&sources);
    return status;
}

static enum hg_status train_mlp(int argc, char **argv)
{
    return train(&hg_command_train_mlp, HG_MLP, argc, argv);
}

static enum hg_status train_autoencoder(int argc, char **argv)
{
    return train(&hg_command_train_autoencoder, HG_AUTOENCODER, argc, argv);
}

#define RUN_FILES                                                                                                      \
    "The run is a directory of its own, and none is ever overwritten:\n"                                               \
    "  config.json             every option; handgrad train ... --config takes it back\n"                              \
    "  metrics.jsonl           one JSON object an epoch\n"                                                             \
    "  events.out.tfevents.*   with --tensorboard, what tensorboard --logdir shows\n"                                  \
    "  checkpoint.safetensors  weights, optimizer and position; handgrad resume goes on from it to the bit\n"          \
    "  model.safetensors       float32 weights, as PyTorch names and shapes them: of the epoch with the best\n"        \
    "                          validation loss, also kept as best.safetensors; of the last one where nothing\n"        \
    "                          is held out\n"                                                                          \
    "With --seeds N the run's directory holds config.json, a run a seed in seed-K, what it said in seed-K.log, and\n"  \
    "results.csv; the same command goes on with them.\n"                                                               \
    "Ctrl-C, SIGTERM, a closed terminal or a limit on processor time ends the training in order, the run saved;\n"     \
    "a second signal ends it at once."

const struct hg_command hg_command_train_mlp = {
    .name = "train mlp",
    .summary = "train the two-layer Swish classifier",
    .description = "Learns to tell classes apart by stochastic gradient descent on the softmax cross-entropy, with\n"
                   "gradients derived by hand (docs/MATH.md). The defaults reach 98.4 % on MNIST's test set.\n\n"
                   "Example:\n"
                   "  handgrad train mlp --data data/mnist --hidden 512 --epochs 30 --out runs/wide\n\n" RUN_FILES,
    .tables = {hg_new_run_options, hg_seeds_options, hg_session_options},
    .training = HG_TO_MLP,
    .run = train_mlp,
};

const struct hg_command hg_command_train_autoencoder = {
    .name = "train autoencoder",
    .summary = "train the tied linear autoencoder",
    .description =
        "Learns W so that W'W x comes close to x, by stochastic gradient descent on 1/2 ||W'W x - x||^2. The\n"
        "least loss possible is known (it follows from the data's second moment), and every epoch tells\n"
        "how far from it the weights are.\n\n"
        "Example:\n"
        "  handgrad train autoencoder --latent 32 --batch-size 0 --epochs 200 --out runs/pca\n"
        "  handgrad train autoencoder --limit 6000 --gradient \"2*W*(W'*W - I)*X*X'/N\"\n\n" RUN_FILES,
    .tables = {hg_new_run_options, hg_seeds_options, hg_session_options},
    .training = HG_TO_AUTOENCODER,
    .run = train_autoencoder,
};
