#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/paths.h"
#include "src/sweep/sweep.h"

static const struct hg_option sweep_options[] = {
    HG_DATA_OPTION(struct hg_train_settings, HG_GROUP_DATA, "data/mnist"),
    {HG_OPTION_TEXT, .name = "out", .offset = offsetof(struct hg_train_settings, out), .argument = "DIR",
     .what = "a directory", .group = HG_GROUP_OUTPUT,
     .help = "directory of the sweep; one that holds a part of this sweep is gone on with", .preset = "required"},
    {.name = NULL},
};

/* The options of every point, and what was assumed. */
static enum hg_status read_settings(struct hg_sweep *sweep, struct hg_arguments *arguments,
                                    struct hg_train_settings *settings)
{
    const bool held_out = hg_arguments_text(arguments, sweep->command, "validation_fraction");
    HG_TRY(hg_sweep_read_axes(sweep, arguments));
    if (!held_out)
        settings->options.validation_fraction = 0.1;
    HG_TRY(hg_arguments_apply(arguments, sweep->command, settings));
    if (!settings->out)
        return hg_fail(HG_USAGE, "out: is missing; give the directory of the sweep");
    if (!held_out && !settings->quiet)
        hg_command_note(sweep->command, "validation_fraction=0.1: a tenth of the training samples is held out, since "
                                        "points are compared by samples that they are not trained on, and never by "
                                        "the test set");
    return HG_OK;
}

static enum hg_status sweep_model(const struct hg_command *command, enum hg_model_kind model, int argc, char **argv)
{
    struct hg_train_settings settings;
    struct hg_sweep sweep = {.command = command, .settings = &settings, .compares = true};
    struct hg_arguments arguments;
    hg_train_settings_default(&settings, model);
    settings.seeds = 1;
    HG_TRY(hg_arguments_split(&arguments, command, argc, argv));
    if (arguments.help) {
        hg_help_print(arguments.help, command, &settings);
        return HG_OK;
    }
    enum hg_status status;
    HG_TRY_OR_CLEANUP(read_settings(&sweep, &arguments, &settings));
    HG_TRY_OR_CLEANUP(hg_paths_data(&sweep.data, settings.data));
    status = hg_sweep_run(&sweep);
cleanup:
    hg_sweep_free(&sweep);
    return status;
}

static enum hg_status sweep_mlp(int argc, char **argv)
{
    return sweep_model(&hg_command_sweep_mlp, HG_MLP, argc, argv);
}

static enum hg_status sweep_autoencoder(int argc, char **argv)
{
    return sweep_model(&hg_command_sweep_autoencoder, HG_AUTOENCODER, argc, argv);
}

#define RULES                                                                                                          \
    "Options of training take lists with commas; every combination is a point, and each point is trained with\n"       \
    "--seeds seeds, in processes of their own. Points are compared by the samples held out\n"                          \
    "(--validation-fraction, here 0.1 unless given), never by the test set. The same command goes on where an\n"       \
    "earlier one ended: finished runs are not repeated, others continue, failed ones are tried again.\n\n"

#define FILES                                                                                                          \
    "\n\nWrites into DIR, for each point:\n"                                                                           \
    "  POINT/config.json    its options; handgrad train ... --config takes them\n"                                     \
    "  POINT/seed-N/        a run; POINT/seed-N.log: what it said; POINT/seed-N.finished: it is done\n"                \
    "results.csv, a line a run, and sweep.html, a page that compares them. Exit code 1: some runs failed; the\n"       \
    "table has the others.\n"                                                                                          \
    "Ctrl-C stops all runs, each saved."

const struct hg_command hg_command_sweep_mlp = {
    .name = "sweep mlp",
    .summary = "train classifiers over a grid of options and seeds, and compare them",
    .description =
        RULES "Example:\n  handgrad sweep mlp --lr 0.1,0.3 --hidden 128,256 --seeds 5 --out runs/sweep" FILES,
    .tables = {sweep_options, hg_seeds_options, hg_session_options},
    .training = HG_TO_MLP,
    .run = sweep_mlp,
};

const struct hg_command hg_command_sweep_autoencoder = {
    .name = "sweep autoencoder",
    .summary = "train autoencoders over a grid of options and seeds, and compare them",
    .description =
        RULES "Example:\n  handgrad sweep autoencoder --latent 16,32 --momentum 0,0.9 --out runs/sweep-latent" FILES,
    .tables = {sweep_options, hg_seeds_options, hg_session_options},
    .training = HG_TO_AUTOENCODER,
    .run = sweep_autoencoder,
};
