#include "host/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/models/tensors.h"
#include "host/training/trainer.h"
#include "kernels/base/clock.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

/* Steps are timed in stretches of at least this length: reading the clock and waiting for the last step cost about a
 * microsecond, which is negligible beside it. */
static const double STRETCH_SECONDS = 0.002;

/* So small that the weights hardly move: the time must not depend on how training goes. */
static const float RATE = 1e-9F;

enum { MAX_STRETCHES = 4096 };

/* Training that begins another epoch whenever one ends. */
struct endless {
    struct hg_trainer *trainer;
    uint32_t *order;
    float *rates;
    struct hg_random random;
    size_t step; /* of the epoch under way */
};

static enum hg_status begin_epoch(struct endless *e)
{
    const struct hg_trainer *t = e->trainer;
    hg_random_permutation(&e->random, e->order, t->train.count);
    const struct hg_epoch epoch = {e->order, t->train.count, t->spec.batch, t->epoch_steps, e->rates};
    HG_TRY(t->network->functions->epoch_stage(t->network, &epoch));
    e->step = 0;
    return t->network->functions->epoch_start(t->network, 0);
}

/* Trains on `steps` full batches, or as many as are left in the epoch; *done is their number. Waits for them. */
static enum hg_status train(struct endless *e, size_t steps, size_t *done)
{
    const struct hg_network *network = e->trainer->network;
    const size_t full = e->trainer->train.count / e->trainer->spec.batch; /* a short last batch takes another time */
    struct hg_totals totals;
    if (e->step == full)
        HG_TRY(begin_epoch(e));
    *done = full - e->step < steps ? full - e->step : steps;
    HG_TRY(network->functions->train(e->trainer->network, *done));
    e->step += *done;
    return network->functions->totals(e->trainer->network, &totals);
}

static enum hg_status endless_create(struct endless *e, const struct hg_train_options *options,
                                     const struct hg_dataset *dataset, bool timings)
{
    struct hg_train_options o = *options;
    o.timings = timings;
    *e = (struct endless){.random = hg_random_stream(o.seed, HG_RANDOM_ORDER, 0)};
    HG_TRY(hg_trainer_create(&e->trainer, &o, dataset, NULL));
    HG_TRY(hg_allocate(&e->order, e->trainer->train.count, "the order of the samples"));
    HG_TRY(hg_allocate(&e->rates, e->trainer->epoch_steps, "the learning rates of an epoch"));
    for (size_t i = 0; i < e->trainer->epoch_steps; ++i)
        e->rates[i] = RATE;
    return begin_epoch(e);
}

static void endless_free(struct endless *e)
{
    hg_trainer_free(e->trainer);
    free(e->rates);
    free(e->order);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum hg_status measure_steps(struct hg_bench_step *result, struct endless *e, double seconds)
{
    double *times;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&times, MAX_STRETCHES, "the times"));
    /* Warm up, and find the number of steps of a stretch. */
    size_t stretch = 1;
    for (double took = 0; took < STRETCH_SECONDS;) {
        size_t done = 0;
        const double began = hg_now();
        HG_TRY_OR_CLEANUP(train(e, stretch, &done));
        took = hg_now() - began;
        if (done < stretch)
            break; /* an epoch has no more */
        if (took < STRETCH_SECONDS)
            stretch *= 2;
    }
    size_t count = 0;
    const double end = hg_now() + seconds;
    while (count < MAX_STRETCHES && (count < 3 || hg_now() < end)) {
        size_t done = 1;
        const double began = hg_now();
        HG_TRY_OR_CLEANUP(train(e, stretch, &done));
        times[count++] = (hg_now() - began) / (double)done;
        result->steps += done;
    }
    qsort(times, count, sizeof *times, by_size);
    result->minimum = times[0];
    result->median = times[count / 2];

cleanup:
    free(times);
    return status;
}

/* Runs the same steps again, with the phases timed. */
static enum hg_status measure_phases(struct hg_bench_step *result, const struct hg_train_options *options,
                                     const struct hg_dataset *dataset, double seconds)
{
    struct endless e;
    size_t done = 0, steps = 0;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(endless_create(&e, options, dataset, true));
    const double end = hg_now() + seconds;
    while (steps == 0 || hg_now() < end) {
        HG_TRY_OR_CLEANUP(train(&e, 16, &done));
        steps += done;
    }
    HG_TRY_OR_CLEANUP(hg_trainer_timings(e.trainer, result->phases, &result->phase_count));
    for (size_t p = 0; p < result->phase_count; ++p) {
        result->phases[p].seconds /= (double)steps;
        result->phases[p].flops /= (double)steps;
    }

cleanup:
    endless_free(&e);
    return status;
}

static double density(const struct hg_samples *samples)
{
    const size_t values = samples->count * samples->features;
    size_t nonzero = 0;
    if (samples->element == HG_U8)
        for (size_t i = 0; i < values; ++i)
            nonzero += ((const uint8_t *)samples->values)[i] != 0;
    else
        for (size_t i = 0; i < values; ++i)
            nonzero += ((const float *)samples->values)[i] != 0;
    return (double)nonzero / (double)values;
}

static void describe(struct hg_bench_step *result, const struct hg_trainer *trainer, const struct hg_samples *samples)
{
    const struct hg_network_spec *spec = &trainer->spec;
    *result = (struct hg_bench_step){.samples = trainer->train.count,
                                     .features = spec->features,
                                     .rows = spec->batch,
                                     .hidden = spec->hidden,
                                     .density = density(samples)};
    snprintf(result->backend, sizeof result->backend, "%s", trainer->options.backend);
    memcpy(result->device, trainer->device.device, sizeof result->device);

    double flops[HG_PHASES];
    hg_network_flops(trainer->network, spec, flops);
    for (size_t p = 0; p < HG_PHASES; ++p)
        result->dense_flops += flops[p];
    /* Two products of a step read the samples, in both models; in the Gram form, none does. */
    const double by_samples =
        spec->second_moment ? 0 : 4.0 * (double)spec->batch * (double)spec->hidden * (double)spec->features;
    result->effective_flops = result->dense_flops - (1 - result->density) * by_samples;

    const double element = (double)trainer->ctx->backend->element_size;
    const double passes = spec->momentum > 0 ? 5 : 3;
    const double input = spec->second_moment
                             ? (double)(spec->features * spec->features) * element
                             : (double)(spec->batch * spec->features) * (samples->element == HG_U8 ? 1 : 4);
    result->bytes = passes * element * (double)hg_trainer_values(spec) + input;
}

static enum hg_status measure_whole_steps(struct hg_bench_step *result, const struct hg_train_options *options,
                                          const struct hg_dataset *dataset, double seconds)
{
    struct endless e;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(endless_create(&e, options, dataset, false));
    describe(result, e.trainer, hg_dataset_samples(dataset));
    HG_TRY_OR_CLEANUP(measure_steps(result, &e, seconds));

cleanup:
    endless_free(&e);
    return status;
}

enum hg_status hg_bench_step(struct hg_bench_step *step, const struct hg_train_options *options,
                             const struct hg_dataset *dataset, double seconds, bool phases)
{
    HG_TRY(measure_whole_steps(step, options, dataset, seconds));
    return phases ? measure_phases(step, options, dataset, seconds / 2) : HG_OK;
}
