/* A rate range test: a few hundred steps from the first weights at rates that rise exponentially, until the loss
 * breaks out. The loss over the rate shows which rates learn, and one of them is chosen. */
#ifndef HANDGRAD_HOST_TRAINING_RANGE_TEST_H
#define HANDGRAD_HOST_TRAINING_RANGE_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

struct hg_network;
struct hg_trainer;

/* From 2^-6 to 2^7 times the rate by the data, in twelve steps an octave: few enough below that the loss falls little
 * before rates are reached that matter. */
enum { HG_RANGE_OCTAVES_BELOW = 6, HG_RANGE_OCTAVES_ABOVE = 7, HG_RANGE_OCTAVE_STEPS = 12 };
enum { HG_RANGE_STEPS = (HG_RANGE_OCTAVES_BELOW + HG_RANGE_OCTAVES_ABOVE) * HG_RANGE_OCTAVE_STEPS + 1 };

struct hg_range_step {
    double rate;     /* of the step */
    double loss;     /* of its batch, before the step; the last may be infinite or NAN */
    double smoothed; /* exponential mean of the losses so far */
};

struct hg_range_test {
    struct hg_range_step *steps; /* [count], owned */
    size_t count;
    size_t least;   /* the step with the least smoothed loss */
    double by_data; /* the rate that training would have taken without the test */
    double chosen;
    enum { HG_RANGE_ENDED, HG_RANGE_BROKE_OUT, HG_RANGE_LEARNT } end;
};

/* Takes the steps on `network`, which has the first weights and is of no use afterwards. The trainer has its data and
 * its plans, and options.lr is the rate by the data, which the chosen one replaces. HG_CHECK_FAILED: no rate brings the
 * loss down. */
enum hg_status hg_trainer_test_rates(struct hg_trainer *trainer, struct hg_network *network);

#endif
