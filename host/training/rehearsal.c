#include "host/training/rehearsal.h"

#include <stdio.h>
#include <string.h>

#include "host/models/tensors.h"
#include "host/training/trainer.h"
#include "kernels/base/clock.h"
#include "kernels/base/try.h"

/* VmHWM, since the maximum that getrusage() gives includes that of the program which started this one. */
static size_t peak_memory(void)
{
    char line[256];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %llu kB", &kilobytes) == 1)
            break;
    fclose(file);
    return (size_t)kilobytes << 10;
}

/* What hg_run_save holds for a moment, and the copy of the best weights. */
static size_t memory_when_saved(const struct hg_trainer *trainer)
{
    const size_t values = hg_trainer_values(&trainer->spec) * sizeof(double);
    const size_t files = 2 + (trainer->spec.momentum > 0), best = trainer->validation.slice ? 1 : 0;
    return values * (files + best + (best && !trainer->best));
}

struct limit {
    struct hg_trainer *trainer;
    double until;
};

static void stop_in_time(void *context, size_t done, size_t total)
{
    const struct limit *limit = context;
    (void)done;
    (void)total;
    if (hg_now() >= limit->until)
        hg_trainer_stop(limit->trainer);
}

/* Of an epoch that was stopped on the way: its steps so far, and one evaluation. */
static enum hg_status extrapolate(struct hg_trainer *trainer, struct hg_rehearsal *out)
{
    struct hg_metrics metrics;
    const double began = hg_now();
    HG_TRY(hg_trainer_measure(trainer, &metrics));
    const double evaluation = hg_now() - began;
    out->step_seconds = trainer->position.seconds / (double)trainer->position.step_in_epoch;
    out->epoch_seconds = out->step_seconds * (double)trainer->epoch_steps + evaluation;
    return HG_OK;
}

enum hg_status hg_trainer_rehearse(struct hg_trainer *trainer, double seconds, struct hg_rehearsal *out)
{
    const double began = hg_now();
    struct limit limit = {.trainer = trainer, .until = began + seconds};
    double first_ended = began;
    *out = (struct hg_rehearsal){.steps = 0};
    do {
        struct hg_metrics metrics;
        const size_t before = hg_trainer_steps_done(trainer);
        const enum hg_status status = hg_trainer_epoch(trainer, stop_in_time, &limit, &metrics);
        out->steps = hg_trainer_steps_done(trainer);
        if (status == HG_INTERRUPTED) {
            if (out->epochs == 0)
                HG_TRY(extrapolate(trainer, out));
            break;
        }
        HG_TRY(status);
        /* The first epoch touches much memory for the first time, and counts only where there is no second. */
        if (out->epochs++ == 0)
            first_ended = hg_now();
        out->epoch_seconds =
            out->epochs == 1 ? first_ended - began : (hg_now() - first_ended) / (double)(out->epochs - 1);
        out->step_seconds = metrics.seconds / (double)(out->steps - before);
    } while (hg_now() < limit.until && !hg_trainer_finished(trainer));
    out->peak_memory = peak_memory();
    out->memory_when_saved = memory_when_saved(trainer);
    return HG_OK;
}
