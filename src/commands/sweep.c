#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "kernels/base/file.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/paths.h"
#include "src/sweep/sweep.h"

#define AT(field) .name = #field, .offset = offsetof(struct hg_sweep_settings, field)
#define AT_TRAIN(field) .name = #field, .offset = offsetof(struct hg_sweep_settings, train.field)

_Static_assert(offsetof(struct hg_sweep_settings, train) == 0, "tables of training count from the start");

static const struct hg_option sweep_options[] = {
    HG_DATA_OPTION(struct hg_train_settings, HG_GROUP_DATA, "data/mnist"),
    {HG_OPTION_SIZE, AT(seeds), .least = 1, .most = HG_SWEEP_RUNS, .group = HG_GROUP_REPRODUCING,
     .help = "train each point with N seeds, from --seed on"},
    {HG_OPTION_TEXT, AT_TRAIN(out), .argument = "DIR", .what = "a directory", .group = HG_GROUP_OUTPUT,
     .help = "directory of the sweep; one that holds a part of this sweep is gone on with", .preset = "required"},
    {HG_OPTION_SIZE, AT(jobs), .most = 1024, .group = HG_GROUP_MACHINE,
     .help = "runs at a time, of one thread each unless --threads says more",
     .preset = "what the cores have room for; one on a GPU"},
    {.name = NULL},
};

/* The options of every point, and what was assumed. */
static enum hg_status read_settings(struct hg_sweep *sweep, struct hg_arguments *arguments,
                                    struct hg_sweep_settings *settings)
{
    const bool held_out = hg_arguments_text(arguments, sweep->command, "validation_fraction");
    HG_TRY(hg_sweep_read_axes(sweep, arguments));
    if (!held_out)
        settings->train.options.validation_fraction = 0.1;
    HG_TRY(hg_arguments_apply(arguments, sweep->command, settings));
    if (!settings->train.out)
        return hg_fail(HG_USAGE, "out: is missing; give the directory of the sweep");
    HG_TRY(hg_sweep_fill(sweep));
    if (!held_out && !settings->train.quiet)
        hg_command_note(sweep->command, "validation_fraction=0.1: a tenth of the training samples is held out, since "
                                        "points are compared by samples that they are not trained on, and never by "
                                        "the test set");
    return HG_OK;
}

/* What cannot be read fails once, before anything is written, and not in every run. */
static enum hg_status try_data(const struct hg_sweep *sweep)
{
    struct hg_dataset *train = NULL, *test = NULL;
    const enum hg_status status = hg_data_load_both(&train, &test, sweep->data, &sweep->points[0].options, NULL);
    hg_dataset_free(test);
    hg_dataset_free(train);
    return status;
}

static enum hg_status count_failures(const struct hg_sweep *sweep)
{
    size_t failed = 0;
    for (size_t i = 0; i < sweep->point_count; ++i)
        failed += sweep->points[i].failed;
    if (failed == 0)
        return HG_OK;
    return hg_fail(HG_CHECK_FAILED, "%zu of %zu runs failed; the others stand, and the same command tries these again",
                   failed, sweep->run_count);
}

static enum hg_status sweep_model(const struct hg_command *command, enum hg_model_kind model, int argc, char **argv)
{
    struct hg_sweep_settings settings = {.seeds = 1};
    struct hg_sweep sweep = {.command = command, .settings = &settings};
    struct hg_arguments arguments;
    hg_train_settings_default(&settings.train, model);
    HG_TRY(hg_arguments_split(&arguments, command, argc, argv));
    if (arguments.help) {
        hg_help_print(arguments.help, command, &settings);
        return HG_OK;
    }
    int lock = -1;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(read_settings(&sweep, &arguments, &settings));
    HG_TRY_OR_CLEANUP(hg_paths_data(&sweep.data, settings.train.data));
    HG_TRY_OR_CLEANUP(try_data(&sweep));
    HG_TRY_OR_CLEANUP(hg_directory_create(settings.train.out, NULL));
    HG_TRY_OR_CLEANUP(hg_run_lock(&lock, settings.train.out));
    HG_TRY_OR_CLEANUP(hg_sweep_write_points(&sweep));
    HG_TRY_OR_CLEANUP(hg_sweep_train(&sweep, lock));
    hg_sweep_rank(&sweep);
    HG_TRY_OR_CLEANUP(hg_sweep_write_csv(&sweep));
    HG_TRY_OR_CLEANUP(hg_sweep_write_page(&sweep));
    if (settings.train.json)
        HG_TRY_OR_CLEANUP(hg_sweep_print_json(&sweep));
    else if (!settings.train.quiet)
        HG_TRY_OR_CLEANUP(hg_sweep_print(&sweep));
    status = count_failures(&sweep);
cleanup:
    if (lock >= 0)
        hg_run_unlock(lock, settings.train.out);
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
    .tables = {sweep_options, hg_session_options},
    .training = HG_TO_MLP,
    .run = sweep_mlp,
};

const struct hg_command hg_command_sweep_autoencoder = {
    .name = "sweep autoencoder",
    .summary = "train autoencoders over a grid of options and seeds, and compare them",
    .description =
        RULES "Example:\n  handgrad sweep autoencoder --latent 16,32 --momentum 0,0.9 --out runs/sweep-latent" FILES,
    .tables = {sweep_options, hg_session_options},
    .training = HG_TO_AUTOENCODER,
    .run = sweep_autoencoder,
};
