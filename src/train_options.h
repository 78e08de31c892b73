/* The settings that `train` and `resume` share. The options of training are rows of host/training/option_table.h; these
 * are the program's own. */
#ifndef HANDGRAD_SRC_TRAIN_OPTIONS_H
#define HANDGRAD_SRC_TRAIN_OPTIONS_H

#include "handgrad/options.h"
#include "src/command.h"

enum { HG_MOST_RUNS = 10000 }; /* of one command */

struct hg_train_settings {
    struct hg_train_options options; /* first, as struct hg_command wants it */
    const char *data, *out, *config;
    bool json, quiet, dry_run;
    size_t seeds, jobs; /* seeds 0: one run, no process of its own; jobs 0: as many as the cores have room for */
};

extern const struct hg_option hg_new_run_options[];     /* of train */
extern const struct hg_option hg_resumed_run_options[]; /* of resume */
extern const struct hg_option hg_session_options[];     /* of both */
extern const struct hg_option hg_seeds_options[];       /* of train and sweep */

/* The settings a command starts from. */
void hg_train_settings_default(struct hg_train_settings *settings, enum hg_model_kind model);

#endif
