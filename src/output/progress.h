/* The progress of training on standard error: a bar that is redrawn on a terminal, plain lines elsewhere, nothing if
 * quiet. */
#ifndef HANDGRAD_SRC_OUTPUT_PROGRESS_H
#define HANDGRAD_SRC_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/trainer.h"

struct hg_progress {
    bool quiet;
    bool terminal;                        /* standard error is one that can redraw a line */
    size_t epochs;                        /* in all, of a run that neither stops early nor is stopped */
    size_t every;                         /* each how-manieth has its line */
    size_t epoch;                         /* under way, from 0 */
    size_t resumed;                       /* done when this session began */
    double started, epoch_started, shown; /* seconds of hg_progress_now */
    double first;                         /* the part of the run, 0 ... 1, that was done when this session began */
    double loss;                          /* of the last epoch; NAN before its end */
};

/* Seconds of a clock that never jumps. */
double hg_progress_now(void);

void hg_progress_start(struct hg_progress *progress, const struct hg_trainer *trainer, bool quiet);
/* An hg_progress_function; `context` is the struct hg_progress. */
void hg_progress_update(void *context, size_t done, size_t total);
/* The epoch has ended. Prints its line; of more than 200 epochs only those of the first ten, the last, and in between
 * each 2nd, 5th, 10th ..., so that there are at most about 160. */
void hg_progress_epoch(struct hg_progress *progress, const struct hg_metrics *metrics);
/* Prints a line of its own, even while the bar is shown. */
void hg_progress_note(struct hg_progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the bar off the screen: before an error is reported, or another line printed. */
void hg_progress_clear(const struct hg_progress *progress);

/* "251k": a count of samples, short. */
const char *hg_progress_rate(char out[16], double rate);
/* Minutes and seconds, "1:05", with hours where there are some. */
void hg_progress_duration(char *out, size_t size, double seconds);

#endif
