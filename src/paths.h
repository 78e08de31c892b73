/* Paths: where data and runs are by default, and what is there. */
#ifndef HANDGRAD_SRC_PATHS_H
#define HANDGRAD_SRC_PATHS_H

#include <stdbool.h>

#include "handgrad/options.h"

/* The directory of the dataset, absolute: `given` if that is not NULL; else data/mnist here, or where handgrad was
 * installed or built. The caller frees *out. HG_NO_INPUT: there is none. */
enum hg_status hg_paths_data(char **out, const char *given);

/* The first of runs/NAME, runs/NAME-2, ... that does not exist. The caller frees *out. */
enum hg_status hg_paths_new_run(char **out, const char *name);

bool hg_paths_exist(const char *path);
bool hg_paths_is_directory(const char *path);

#endif
