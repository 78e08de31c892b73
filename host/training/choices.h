/* What follows from the data where the user chose nothing: docs/MATH.md, "Choices by the data". */
#ifndef HANDGRAD_HOST_TRAINING_CHOICES_H
#define HANDGRAD_HOST_TRAINING_CHOICES_H

#include "host/training/optimum.h"
#include "host/training/trainer.h"

/* How an MLP sees its inputs where the data decides, given their mean and the mean of their squares
 * (host/data/scale.h): docs/MATH.md (S10). */
struct hg_input_choice {
    double scale;
    bool centre;
};
enum hg_status hg_input_choose(struct hg_input_choice *out, const struct hg_samples *samples, const double *mean,
                               double mean_square);

/* The learning rate where options.lr is HG_BY_DATA or HG_BY_RANGE_TEST, which begins from the same; with it, or where
 * options.input_scale is HG_BY_DATA, input_scale and centre_inputs; and options.momentum where that is HG_BY_DATA. Then
 * what the network is to know of them. `spectrum` is the autoencoder's. */
enum hg_status hg_trainer_choose_rates(struct hg_trainer *trainer, const struct hg_spectrum *spectrum);

/* The nearest number of two digits. */
double hg_two_digits(double value);

/* The first weights, by the seed, in canonical order. */
void hg_trainer_draw_weights(const struct hg_trainer *trainer, double *values);

#endif
