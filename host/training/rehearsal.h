/* A trial of training, before it begins in earnest: how long it will take, and how much memory. */
#ifndef HANDGRAD_HOST_TRAINING_REHEARSAL_H
#define HANDGRAD_HOST_TRAINING_REHEARSAL_H

#include "handgrad/trainer.h"

struct hg_rehearsal {
    size_t steps;             /* that were taken */
    size_t epochs;            /* whole ones among them */
    double epoch_seconds;     /* of an epoch with its evaluation: measured, or extrapolated from `steps` */
    double step_seconds;      /* mean over the steps measured */
    size_t peak_memory;       /* bytes of main memory that this process has held at most so far; 0: not known */
    size_t memory_when_saved; /* bytes that keeping the best weights and writing a checkpoint add to that */
};

/* Trains for about `seconds`, at least one step and at most to the end, evaluating as training does, and writes
 * nothing. The trainer is only fit to be looked at and freed afterwards. HG_CHECK_FAILED: training diverged. */
enum hg_status hg_trainer_rehearse(struct hg_trainer *trainer, double seconds, struct hg_rehearsal *out);

#endif
