/* The one table of training options: hg_train_options_check, config.json, the command line with its --help, and
 * docs/OPTIONS.md follow from its rows. The defaults are in options.c. */
#ifndef HANDGRAD_HOST_TRAINING_OPTION_TABLE_H
#define HANDGRAD_HOST_TRAINING_OPTION_TABLE_H

#include "host/models/model_file.h" /* hg_model_names */
#include "host/training/option.h"

/* A row for each field of struct hg_train_options, in the order of config.json; the last has no name. */
extern const struct hg_option hg_train_option_table[];

/* The names of the enums' values, NULL-terminated; those of the models are in host/models/model_file.h. */
extern const char *const hg_gradient_names[], *const hg_lr_schedule_names[], *const hg_input_names[],
                                                                                 *const hg_keep_names[];

#endif
