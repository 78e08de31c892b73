/* A trainer runs epochs and reports how they went. */
#ifndef HANDGRAD_TRAINER_H
#define HANDGRAD_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is known at the end of an epoch. Values that do not apply are NAN. Losses are means over samples. */
struct hg_metrics {
    size_t epoch;          /* epochs done, from 1 */
    size_t step;           /* steps done since the start of training */
    double lr;             /* of the epoch's last step */
    double train_loss;     /* MLP: mean over the epoch's steps. Autoencoder: of the epoch's final weights, exact */
    double train_accuracy; /* MLP: over the epoch's steps */
    double validation_loss, validation_accuracy;
    double test_loss, test_accuracy;
    /* Autoencoder, L* the least loss possible on the training set: (train_loss - L*) / L*, NAN where L* is 0; and
     * train_loss - L*. */
    double optimality_gap, optimality_distance;
    double seconds;            /* of training alone */
    double samples_per_second; /* of training alone */
};

struct hg_trainer;

/* A trainer for `options` on `train`; `test` may be NULL. Both datasets are the caller's and must outlive it. Status:
 * HG_USAGE, HG_BAD_DATA (dataset unfit for the model), HG_NO_INPUT (options->init), HG_UNAVAILABLE (backend). */
enum hg_status hg_trainer_create(struct hg_trainer **out, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test);
void hg_trainer_free(struct hg_trainer *trainer);

/* Called now and then within an epoch, from the thread that trains. done, total: samples of this epoch. */
typedef void hg_progress_function(void *context, size_t done, size_t total);

/* Trains to the end of the current epoch, then evaluates. `progress` may be NULL. HG_INTERRUPTED: hg_trainer_stop was
 * called first; the trainer then stands between two steps, and may be saved and continued. HG_CHECK_FAILED: training
 * diverged, a loss is not finite. */
enum hg_status hg_trainer_epoch(struct hg_trainer *trainer, hg_progress_function *progress, void *context,
                                struct hg_metrics *metrics);
/* No epoch is left: all done, the step limit reached, or stopped early. */
bool hg_trainer_finished(const struct hg_trainer *trainer);
/* Why no epoch is left. */
enum hg_finish { HG_NOT_FINISHED, HG_FINISHED_EPOCHS, HG_FINISHED_STEPS, HG_FINISHED_EARLY };
enum hg_finish hg_trainer_finish(const struct hg_trainer *trainer);
/* The epoch with the least validation loss so far, and that loss. False, and both untouched, where there is none:
 * nothing is held out, or no epoch has ended. */
bool hg_trainer_best(const struct hg_trainer *trainer, size_t *epoch, double *validation_loss);
/* The same in words: "all epochs done", "the step limit is reached", ... */
const char *hg_trainer_finish_reason(const struct hg_trainer *trainer);
/* Makes hg_trainer_epoch return after its current chunk of steps, about 0.1 s of training. Async-signal-safe. */
void hg_trainer_stop(struct hg_trainer *trainer);

/* The options in force, with "auto" and HG_BY_DATA resolved; the device; and why "auto" did not take a GPU ("" if it
 * did, or was not asked). Strings live as long as the trainer. */
const struct hg_train_options *hg_trainer_options(const struct hg_trainer *trainer);
const char *hg_trainer_device(const struct hg_trainer *trainer);
const char *hg_trainer_backend_reason(const struct hg_trainer *trainer);
/* One line on what was assumed of options.init; "": nothing. Lives as long as the trainer. */
const char *hg_trainer_note(const struct hg_trainer *trainer);
/* What is amiss, a line each: labels that leave holes, classes without a sample to train or validate on; a number of
 * threads that is not that of the training which is resumed. NULL from the last index on. */
const char *hg_trainer_warning(const struct hg_trainer *trainer, size_t index);
/* The least loss an autoencoder of this size can have on the training set; NAN for an MLP. */
double hg_trainer_optimum(const struct hg_trainer *trainer);
size_t hg_trainer_parameter_count(const struct hg_trainer *trainer);
size_t hg_trainer_steps_per_epoch(const struct hg_trainer *trainer);
size_t hg_trainer_epochs_done(const struct hg_trainer *trainer);

/* Time by phase since the trainer was created (options.timings). `flops` counts its matrix products as if they were
 * dense. */
struct hg_phase_time {
    const char *phase; /* "data", "forward", "backward", "update", "evaluate" */
    double seconds;
    uint64_t count;
    double flops;
};
enum { HG_PHASE_TIMES = 8 };
enum hg_status hg_trainer_timings(struct hg_trainer *trainer, struct hg_phase_time times[HG_PHASE_TIMES],
                                  size_t *count);

#ifdef __cplusplus
}
#endif
#endif
