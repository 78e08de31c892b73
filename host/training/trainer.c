/* Runs epochs: stages their order and rates, trains in chunks of steps, and judges when training is finished. What is
 * measured at the end of an epoch: measure.c. */
#include "host/training/trainer.h"
#include "host/models/tensors.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/optimum.h"
#include "host/training/schedule.h"
#include "kernels/base/clock.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

/* A chunk of steps, the number asked of the backend at once, takes about this long: short enough to show progress and
 * to answer a signal in between. */
static const double CHUNK_SECONDS = 0.1;

/* Draws the order of epoch `epoch`, computes its rates, and hands both to the backend. */
static enum hg_status stage(struct hg_trainer *trainer, uint64_t epoch)
{
    const struct hg_train_options *o = &trainer->options;
    const size_t slot = epoch % 2, count = trainer->train.count;
    uint32_t *order = trainer->plans[slot].order;
    float *rates = trainer->plans[slot].rates;

    if (o->shuffle) {
        struct hg_random random = hg_random_stream(o->seed, HG_RANDOM_ORDER, epoch);
        hg_random_permutation(&random, order, count);
    } else {
        for (size_t i = 0; i < count; ++i)
            order[i] = (uint32_t)i;
    }
    for (size_t s = 0; s < trainer->epoch_steps; ++s)
        rates[s] = (float)hg_schedule_rate(o, trainer->epoch_steps, epoch * trainer->epoch_steps + s);

    const struct hg_epoch plan = {
        .order = order, .samples = count, .batch = trainer->spec.batch, .steps = trainer->epoch_steps, .rates = rates};
    HG_TRY(trainer->network->functions->epoch_stage(trainer->network, &plan));
    trainer->plans[slot].staged = true;
    trainer->plans[slot].epoch = epoch;
    return HG_OK;
}

/* Steps of the current epoch that the step limit leaves. */
static size_t steps_wanted(const struct hg_trainer *trainer)
{
    const uint64_t left_in_epoch = trainer->epoch_steps - trainer->position.step_in_epoch;
    if (trainer->options.steps == 0)
        return left_in_epoch;
    const uint64_t done = hg_trainer_steps_done(trainer), limit = trainer->options.steps;
    const uint64_t left = done < limit ? limit - done : 0;
    return left < left_in_epoch ? left : left_in_epoch;
}

static enum hg_status collect_totals(struct hg_trainer *trainer)
{
    struct hg_totals sums;
    HG_TRY(trainer->network->functions->totals(trainer->network, &sums));
    trainer->position.totals.loss += sums.loss;
    trainer->position.totals.correct += sums.correct;
    trainer->position.totals.samples += sums.samples;
    return HG_OK;
}

static enum hg_status run_steps(struct hg_trainer *trainer, hg_progress_function *progress, void *context)
{
    struct hg_position *position = &trainer->position;
    const struct hg_network_functions *network = trainer->network->functions;
    const double began = hg_now();
    size_t left = steps_wanted(trainer), chunk = 1;

    while (left > 0 && !trainer->stop) {
        const double chunk_began = hg_now();
        if (chunk > left)
            chunk = left;
        HG_TRY(network->train(trainer->network, chunk));
        position->step_in_epoch += chunk;
        left -= chunk;
        if (progress) {
            const size_t done = position->step_in_epoch * trainer->spec.batch, total = trainer->train.count;
            progress(context, done < total ? done : total, total);
        }
        const double seconds = hg_now() - chunk_began;
        if (seconds < CHUNK_SECONDS / 2)
            chunk *= 2;
        else if (seconds > CHUNK_SECONDS && chunk > 1)
            chunk /= 2;
    }
    /* The next epoch's plan is drawn and uploaded while a device still works on this one. */
    if (position->step_in_epoch == trainer->epoch_steps && position->epochs_done + 1 < trainer->options.epochs)
        HG_TRY(stage(trainer, position->epochs_done + 1));
    HG_TRY(collect_totals(trainer));
    position->seconds += hg_now() - began;
    return HG_OK;
}

/* The weights of the best epoch are remembered here and written with the next checkpoint: epochs may be far shorter
 * than it takes to bring a file to the disk. */
static enum hg_status note_validation(struct hg_trainer *trainer, double loss)
{
    struct hg_position *position = &trainer->position;
    if (loss >= position->best_validation_loss) {
        ++position->epochs_since_best;
        return HG_OK;
    }
    if (!trainer->best)
        HG_TRY(hg_allocate(&trainer->best, hg_trainer_values(&trainer->spec), "the best weights so far"));
    HG_TRY(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, trainer->best));
    trainer->best_saved = false;
    position->best_validation_loss = loss;
    position->best_epoch = position->epochs_done + 1;
    position->epochs_since_best = 0;
    return HG_OK;
}

void hg_trainer_judge(struct hg_trainer *trainer)
{
    const struct hg_train_options *o = &trainer->options;
    if (trainer->position.epochs_done >= o->epochs)
        trainer->finish = HG_FINISHED_EPOCHS;
    else if (o->steps && hg_trainer_steps_done(trainer) >= o->steps)
        trainer->finish = HG_FINISHED_STEPS;
    else if (o->early_stopping && trainer->position.epochs_since_best >= o->early_stopping)
        trainer->finish = HG_FINISHED_EARLY;
    else
        trainer->finish = HG_NOT_FINISHED;
}

enum hg_status hg_trainer_epoch(struct hg_trainer *trainer, hg_progress_function *progress, void *context,
                                struct hg_metrics *metrics)
{
    struct hg_position *position = &trainer->position;
    const struct hg_network_functions *network = trainer->network->functions;
    assert(!hg_trainer_finished(trainer));

    if (!trainer->under_way) {
        const size_t slot = position->epochs_done % 2;
        if (!trainer->plans[slot].staged || trainer->plans[slot].epoch != position->epochs_done)
            HG_TRY(stage(trainer, position->epochs_done));
        HG_TRY(network->epoch_start(trainer->network, position->step_in_epoch));
        trainer->plans[slot].staged = false;
        trainer->under_way = true;
    }
    HG_TRY(run_steps(trainer, progress, context));
    HG_TRY(hg_trainer_require_finite(trainer, position->totals.loss, "of its steps"));
    if (trainer->stop && steps_wanted(trainer) > 0) {
        trainer->stop = 0;
        return hg_fail(HG_INTERRUPTED, "interrupted in epoch %llu after step %llu of %zu",
                       (unsigned long long)position->epochs_done + 1, (unsigned long long)position->step_in_epoch,
                       trainer->epoch_steps);
    }

    HG_TRY(hg_trainer_measure(trainer, metrics));
    if (position->step_in_epoch == trainer->epoch_steps) {
        if (trainer->validation.slice)
            HG_TRY(note_validation(trainer, metrics->validation_loss));
        trainer->under_way = false;
        ++position->epochs_done;
        position->step_in_epoch = 0;
        position->totals = (struct hg_totals){0};
        position->seconds = 0;
    }
    hg_trainer_judge(trainer);
    return HG_OK;
}

bool hg_trainer_finished(const struct hg_trainer *trainer)
{
    return trainer->finish != HG_NOT_FINISHED;
}

enum hg_finish hg_trainer_finish(const struct hg_trainer *trainer)
{
    return trainer->finish;
}

const char *hg_trainer_finish_reason(const struct hg_trainer *trainer)
{
    static const char *const reasons[] = {[HG_NOT_FINISHED] = "not finished",
                                          [HG_FINISHED_EPOCHS] = "all epochs done",
                                          [HG_FINISHED_STEPS] = "the step limit is reached",
                                          [HG_FINISHED_EARLY] = "the validation loss gets no better"};
    return reasons[trainer->finish];
}

bool hg_trainer_is_best(const struct hg_trainer *trainer)
{
    const struct hg_position *p = &trainer->position;
    return p->best_epoch > 0 && p->best_epoch == p->epochs_done && p->step_in_epoch == 0;
}

bool hg_trainer_best(const struct hg_trainer *trainer, size_t *epoch, double *validation_loss)
{
    if (trainer->position.best_epoch == 0)
        return false;
    *epoch = trainer->position.best_epoch;
    *validation_loss = trainer->position.best_validation_loss;
    return true;
}

void hg_trainer_stop(struct hg_trainer *trainer)
{
    trainer->stop = 1;
}

const struct hg_train_options *hg_trainer_options(const struct hg_trainer *trainer)
{
    return &trainer->options;
}

const char *hg_trainer_device(const struct hg_trainer *trainer)
{
    return trainer->device.device;
}

const char *hg_trainer_backend_reason(const struct hg_trainer *trainer)
{
    return trainer->backend_reason;
}

const char *hg_trainer_warning(const struct hg_trainer *trainer, size_t index)
{
    return index < trainer->warning_count ? trainer->warnings[index] : NULL;
}

const char *hg_trainer_note(const struct hg_trainer *trainer)
{
    return trainer->note;
}

double hg_trainer_optimum(const struct hg_trainer *trainer)
{
    return trainer->optimum;
}

size_t hg_trainer_parameter_count(const struct hg_trainer *trainer)
{
    return hg_trainer_values(&trainer->spec);
}

size_t hg_trainer_steps_per_epoch(const struct hg_trainer *trainer)
{
    return trainer->epoch_steps;
}

size_t hg_trainer_epochs_done(const struct hg_trainer *trainer)
{
    return trainer->position.epochs_done;
}

enum hg_status hg_trainer_timings(struct hg_trainer *trainer, struct hg_phase_time times[HG_PHASE_TIMES], size_t *count)
{
    static const char *const names[HG_PHASES] = {
        [HG_PHASE_DATA] = "data",     [HG_PHASE_FORWARD] = "forward",   [HG_PHASE_BACKWARD] = "backward",
        [HG_PHASE_UPDATE] = "update", [HG_PHASE_EVALUATE] = "evaluate",
    };
    struct hg_timings read;
    double flops[HG_PHASES];
    HG_TRY(trainer->ctx->backend->timings_read(trainer->ctx, &read));
    hg_network_flops(trainer->network, &trainer->spec, flops);
    *count = 0;
    for (size_t p = 0; p < HG_PHASES; ++p) {
        trainer->timings.seconds[p] += read.seconds[p];
        trainer->timings.count[p] += read.count[p];
        if (!names[p] || trainer->timings.count[p] == 0)
            continue;
        assert(*count < HG_PHASE_TIMES);
        times[(*count)++] = (struct hg_phase_time){.phase = names[p],
                                                   .seconds = trainer->timings.seconds[p],
                                                   .count = trainer->timings.count[p],
                                                   .flops = flops[p] * (double)trainer->timings.count[p]};
    }
    return HG_OK;
}
