/* The one table of training options: hg_train_options_check, config.json, the command line with its --help, and
 * docs/OPTIONS.md follow from its rows. The defaults are in options.c. */
#ifndef HANDGRAD_HOST_TRAINING_OPTION_TABLE_H
#define HANDGRAD_HOST_TRAINING_OPTION_TABLE_H

#include "host/models/model_file.h" /* hg_model_names */
#include "host/training/option.h"

/* A row for each field of struct hg_train_options, in the order of config.json; the last has no name. */
extern const struct hg_option hg_train_option_table[];

/* The options that say which column of a table is what, as other commands have them too: all but field and heading. */
#define HG_LABEL_ROW                                                                                                   \
    .argument = "COLUMN", .what = "a column's name or its number from 1, last, or none",                               \
    .help = "of a CSV table: the column that holds the labels, by its name or its number from 1; last; or none",       \
    .preset = "the one whose name says so; without a header, the first"
#define HG_SKIP_COLUMNS_ROW                                                                                            \
    .argument = "A,B", .what = "columns' names or numbers with commas between them, or none",                          \
    .help = "of a CSV table: columns to leave out, by name or number; none takes in even an index of the rows",        \
    .preset = "an index of the rows"
#define HG_HEADER_ROW                                                                                                  \
    .choices = hg_header_names, .help = "of a CSV table: whether its first line is a header; auto: if it looks like "  \
                                        "one"

#define HG_IMAGE_SIZE_ROW                                                                                              \
    .argument = "HxW", .what = "HxW, HxWx1 (grey), HxWx3 (in colour) or N (NxN)",                                      \
    .help = "of pictures: the size to which all are brought, rows by columns; x1 makes them grey", .example = "28x28", \
    .preset = "their own"

/* The names of the enums' values, NULL-terminated; those of the models are in host/models/model_file.h. */
extern const char *const hg_gradient_names[],
    *const hg_lr_schedule_names[], *const hg_input_names[], *const hg_keep_names[], *const hg_header_names[];

#endif
