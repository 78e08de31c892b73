#include "src/train_options.h"

#include "src/common_options.h"

#define AT(field) .name = #field, .offset = offsetof(struct hg_train_settings, field)

_Static_assert(offsetof(struct hg_train_settings, options) == 0,
               "rows of training count from the start of the settings");

const struct hg_option hg_new_run_options[] = {
    HG_DATA_OPTION(struct hg_train_settings, HG_GROUP_DATA, "data/mnist"),
    {HG_OPTION_TEXT, AT(config), .argument = "FILE", .what = "a config.json of a run", .group = HG_GROUP_REPRODUCING,
     .help = "take every option from a run's config.json; options given here come on top"},
    {HG_OPTION_TEXT, AT(out), .argument = "RUN", .what = "a directory that does not exist", .group = HG_GROUP_OUTPUT,
     .help = "directory to make for the run", .preset = "runs/MODEL, runs/MODEL-2, ..."},
    {HG_OPTION_FLAG, AT(dry_run), .group = HG_GROUP_OUTPUT,
     .help = "tell what would happen (data, sizes, memory, rate, steps, time, files) and write nothing"},
    {.name = NULL},
};

const struct hg_option hg_resumed_run_options[] = {
    {HG_OPTION_TEXT, AT(data), .argument = "DIR", .what = "a directory", .group = HG_GROUP_DATA,
     .help = "where the data is by now; the same data, or the run is another one", .preset = "as before"},
    {.name = NULL},
};

const struct hg_option hg_session_options[] = {
    HG_JSON_OPTION(struct hg_train_settings, HG_GROUP_OUTPUT, "summary"),
    {HG_OPTION_FLAG, AT(quiet), .group = HG_GROUP_OUTPUT, .help = "say nothing but errors (and the JSON object)"},
    {.name = NULL},
};

const struct hg_option hg_seeds_options[] = {
    {HG_OPTION_SIZE, AT(seeds), .least = 1, .most = HG_MOST_RUNS, .group = HG_GROUP_REPRODUCING,
     .help = "train with N seeds, from --seed on, each a run in a process of its own, and give mean and spread",
     .preset = "one"},
    {HG_OPTION_SIZE, AT(jobs), .most = 1024, .group = HG_GROUP_MACHINE,
     .help = "such runs at a time, of one thread each unless --threads says more",
     .preset = "what the cores have room for; one on a GPU"},
    {.name = NULL},
};

void hg_train_settings_default(struct hg_train_settings *settings, enum hg_model_kind model)
{
    *settings = (struct hg_train_settings){.quiet = false};
    hg_train_options_default(&settings->options, model);
}
