/* The options that `train` and `resume` share, as tables for struct hg_command. */
#ifndef HANDGRAD_SRC_TRAIN_OPTIONS_H
#define HANDGRAD_SRC_TRAIN_OPTIONS_H

#include "handgrad/options.h"
#include "src/command.h"

struct hg_train_settings {
    struct hg_train_options options;
    const char *data, *out, *config;
    unsigned precision; /* index into hg_precision_names; options.tf32 follows it */
    bool test;          /* evaluate on the test set */
    bool json, quiet;
};

extern const struct hg_option hg_mlp_options[], hg_autoencoder_options[]; /* the models' sizes */
extern const struct hg_option hg_training_options[];                      /* what and how to learn */
extern const struct hg_option hg_resume_options[];                        /* what may differ in a run that goes on */
extern const struct hg_option hg_running_options[];                       /* where to compute, and what to show */

/* The settings a command starts from; and, once the arguments are applied, what follows from them. */
void hg_train_settings_default(struct hg_train_settings *settings, enum hg_model_kind model);
void hg_train_settings_finish(struct hg_train_settings *settings);

#endif
