/* The fields of training options, by their rows of hg_train_option_table. */
#ifndef HANDGRAD_TESTS_SUPPORT_OPTIONS_H
#define HANDGRAD_TESTS_SUPPORT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/training/option_table.h"

void *option_field(const struct hg_option *o, struct hg_train_options *options);

/* HG_OPTION_SIZE, _SEED and _INT; the largest value that the row allows. */
bool option_is_whole(const struct hg_option *o);
void option_set_whole(const struct hg_option *o, struct hg_train_options *options, uint64_t value);
uint64_t option_largest_whole(const struct hg_option *o);

/* Of HG_OPTION_CHOICE, an enum of any name; it may be out of range. */
void option_set_choice(const struct hg_option *o, struct hg_train_options *options, unsigned choice);

#endif
