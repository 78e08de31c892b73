#include <stdlib.h>

#include "host/runs/run.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/data.h"
#include "src/output/progress.h"
#include "src/paths.h"
#include "src/session.h"
#include "src/signals.h"
#include "src/train_options.h"

/* What train --seeds and sweep make looks like a run that has not begun. */
static enum hg_status require_one_run(const char *directory, uint64_t seed)
{
    char *run;
    HG_TRY(hg_string_format(&run, "%s/seed-%llu", directory, (unsigned long long)seed));
    const enum hg_status status =
        hg_paths_is_directory(run)
            ? hg_fail(HG_NO_INPUT,
                      "%s: holds a run for each of its seeds; give one of them, such as %s, or the command again "
                      "that made them all",
                      directory, run)
            : HG_OK;
    free(run);
    return status;
}

static enum hg_status resume(int argc, char **argv)
{
    const double began = hg_progress_now();
    struct hg_train_settings settings;
    struct hg_arguments arguments;
    hg_train_settings_default(&settings, HG_MLP);
    HG_TRY(hg_arguments_split(&arguments, &hg_command_resume, argc, argv));
    if (arguments.help) {
        hg_help_print(arguments.help, &hg_command_resume, &settings);
        return HG_OK;
    }

    const char *directory = arguments.operands[0];
    struct hg_run *run = NULL;
    struct hg_run_config config = {0};
    struct hg_dataset *train = NULL, *test = NULL;
    struct hg_run_inputs inputs = {.columns = NULL};
    struct hg_trainer *trainer = NULL;
    char *file = NULL, *data = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_open(&run, directory));
    HG_TRY_OR_CLEANUP(hg_run_path(&file, directory, "config.json"));
    HG_TRY_OR_CLEANUP(hg_run_config_read(&config, file));
    HG_TRY_OR_CLEANUP(require_one_run(directory, config.options.seed));
    settings.options = config.options;
    settings.data = config.data;
    HG_TRY_OR_CLEANUP(hg_arguments_apply(&arguments, &hg_command_resume, &settings));
    HG_TRY_OR_CLEANUP(hg_train_options_check(&settings.options));
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings.data));
    HG_TRY_OR_CLEANUP(hg_run_inputs_read(&inputs, run));
    HG_TRY_OR_CLEANUP(hg_data_load_both(&train, &test, data, &settings.options, &inputs));
    HG_TRY_OR_CLEANUP(hg_trainer_resume(&trainer, run, &settings.options, train, test));
    /* Both files are written before training goes on: config.json keeps the options for the next resume, and
     * model.safetensors becomes that of the checkpoint or of the best epoch, even if a crash came between writing the
     * two, or --keep was changed. */
    hg_signals_watch(trainer);
    HG_TRY_OR_CLEANUP(hg_run_write_config(run, &settings.options, data));
    HG_TRY_OR_CLEANUP(hg_run_save(run, trainer));
    status = hg_session_run(&(struct hg_session){.command = &hg_command_resume,
                                                 .trainer = trainer,
                                                 .run = run,
                                                 .data = data,
                                                 .train = train,
                                                 .test = test,
                                                 .began = began,
                                                 .json = settings.json,
                                                 .quiet = settings.quiet});
    run = NULL; /* the session has closed it */
cleanup:
    hg_run_close(run);
    hg_trainer_free(trainer);
    hg_dataset_free(test);
    hg_dataset_free(train);
    hg_run_inputs_free(&inputs);
    free(data);
    hg_run_config_free(&config);
    free(file);
    return status;
}

const struct hg_command hg_command_resume = {
    .name = "resume",
    .operands = {"RUN"},
    .summary = "go on with a run where its checkpoint stands",
    .description = "The weights that follow are those that an uninterrupted run would have had, bit for bit, on the\n"
                   "same backend and number of threads. The options are the run's own, save those given here; they\n"
                   "are kept in its config.json. More epochs stretch the schedule of the learning rate.\n\n"
                   "Example:\n"
                   "  handgrad resume runs/mlp --epochs 40\n\n"
                   "Writes the files of the run: metrics.jsonl gains a line an epoch, the others are replaced whole.",
    .tables = {hg_resumed_run_options, hg_session_options},
    .training = HG_TO_RESUMED,
    .run = resume,
};
