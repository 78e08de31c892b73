/* What a rate range test found, in words and as a plot. */
#ifndef HANDGRAD_SRC_OUTPUT_RATES_H
#define HANDGRAD_SRC_OUTPUT_RATES_H

#include <stddef.h>

#include "handgrad/run.h"

/* Writes lr-find.csv and lr-find.svg into the run, and nothing where there was no test. HG_CANNOT_CREATE, HG_IO,
 * HG_INTERNAL. */
enum hg_status hg_rates_write(struct hg_run *run, const struct hg_trainer *trainer);

enum { HG_RATES_WORDS = 256 };

/* How the test went, in out[HG_RATES_WORDS]; NULL where there was none. */
const char *hg_rates_words(char *out, const struct hg_trainer *trainer);

#endif
