#include "host/training/range_test.h"

#include <math.h>
#include <stdlib.h>

#include "host/models/tensors.h"
#include "host/training/choices.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

/* Weight of the losses before in their exponential mean: it remembers ten steps, most of an octave. */
static const double smoothing = 0.9;
/* A loss of so many times the first one will not come back. */
static const double broken = 2;
/* A classifier whose loss is this part of the first one has learnt its samples: gradients vanish, and larger rates show
 * nothing any more. The autoencoder's curvature does not depend on how much it has learnt. */
static const double learnt = 0.05;

static double rate_of(const struct hg_range_test *test, size_t step)
{
    return test->by_data * exp2((double)step / HG_RANGE_OCTAVE_STEPS - HG_RANGE_OCTAVES_BELOW);
}

/* Stages the pass over the training samples that begins with `step`. Of the two plans the last pass takes the second,
 * so that the first, which training begins with, is free while a device may still read that of the last pass. */
static enum hg_status stage(struct hg_trainer *trainer, struct hg_network *network, size_t step)
{
    const size_t each = trainer->epoch_steps, pass = step / each, passes = (HG_RANGE_STEPS + each - 1) / each;
    const size_t slot = (passes - pass) % 2, left = HG_RANGE_STEPS - step;
    uint32_t *order = trainer->plans[slot].order;
    float *rates = trainer->plans[slot].rates;
    struct hg_random random = hg_random_stream(trainer->options.seed, HG_RANDOM_ORDER, pass);
    hg_random_permutation(&random, order, trainer->train.count);
    for (size_t s = 0; s < each; ++s)
        rates[s] = (float)rate_of(&trainer->range_test, step + s);
    const struct hg_epoch plan = {.order = order,
                                  .samples = each <= left ? trainer->train.count : left * trainer->spec.batch,
                                  .batch = trainer->spec.batch,
                                  .steps = each <= left ? each : left,
                                  .rates = rates};
    HG_TRY(network->functions->epoch_stage(network, &plan));
    return network->functions->epoch_start(network, 0);
}

/* Notes the loss of a step. False: it is of no use to go on. */
static bool note(struct hg_range_test *test, double loss, enum hg_model_kind model)
{
    const size_t k = test->count++;
    struct hg_range_step *step = &test->steps[k];
    /* The sum of all weights is 1 from the first step on: a mean of ten steps, or of as many as there are. */
    const double weight = (1 - smoothing) / (1 - pow(smoothing, (double)k + 1));
    const double before = k ? test->steps[k - 1].smoothed : loss;
    *step = (struct hg_range_step){rate_of(test, k), loss, before + weight * (loss - before)};
    if (step->smoothed < test->steps[test->least].smoothed)
        test->least = k;
    if (!(step->smoothed <= broken * test->steps[0].loss))
        test->end = HG_RANGE_BROKE_OUT;
    else if (model == HG_MLP && step->smoothed < learnt * test->steps[0].loss)
        test->end = HG_RANGE_LEARNT;
    return test->end == HG_RANGE_ENDED;
}

static enum hg_status take_steps(struct hg_trainer *trainer, struct hg_network *network)
{
    struct hg_range_test *test = &trainer->range_test;
    do {
        struct hg_totals totals;
        if (test->count % trainer->epoch_steps == 0)
            HG_TRY(stage(trainer, network, test->count));
        HG_TRY(network->functions->train(network, 1));
        HG_TRY(network->functions->totals(network, &totals));
        if (!note(test, totals.loss / (double)totals.samples, trainer->options.model))
            break;
    } while (test->count < HG_RANGE_STEPS);
    return HG_OK;
}

/* Training at the rate with the least smoothed loss for longer than the test does may diverge. A test that ends because
 * all is learnt never came near that. docs/DEFAULTS.md has what these reach. */
static double choose(const struct hg_range_test *test)
{
    const double rate = test->steps[test->least].rate;
    return hg_two_digits(test->end == HG_RANGE_LEARNT ? rate : rate / 3);
}

enum hg_status hg_trainer_test_rates(struct hg_trainer *trainer, struct hg_network *network)
{
    struct hg_range_test *test = &trainer->range_test;
    test->by_data = trainer->options.lr;
    HG_TRY(hg_allocate(&test->steps, HG_RANGE_STEPS, "the steps of the rate range test"));
    HG_TRY(take_steps(trainer, network));
    if (test->least == 0)
        return hg_fail(HG_CHECK_FAILED,
                       "lr: the range test found no rate that brings the loss down, from %.3g to %.3g; give a number, "
                       "or leave it out",
                       test->steps[0].rate, test->steps[test->count - 1].rate);
    test->chosen = choose(test);
    trainer->options.lr = test->chosen;
    return HG_OK;
}
