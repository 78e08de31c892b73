/* The learning rate of every step. */
#ifndef HANDGRAD_HOST_TRAINING_SCHEDULE_H
#define HANDGRAD_HOST_TRAINING_SCHEDULE_H

#include "handgrad/options.h"

/* The rate of step `step` (0 is the first of training) when an epoch has `epoch_steps`: docs/MATH.md (S4) to (S7). */
double hg_schedule_rate(const struct hg_train_options *options, size_t epoch_steps, size_t step);

#endif
