/* The command line that trains a run anew. */
#ifndef HANDGRAD_HOST_TRAINING_RECIPE_H
#define HANDGRAD_HOST_TRAINING_RECIPE_H

#include "handgrad/options.h"

/* "handgrad train mlp --data data/mnist --lr 0.3": every option that differs from its default, numbers to the bit, for
 * a shell. The caller frees *out. HG_INTERNAL. */
enum hg_status hg_recipe_command(char **out, const struct hg_train_options *options, const char *data);

#endif
