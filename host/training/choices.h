/* What follows from the data where the user chose nothing: docs/MATH.md, "Choices by the data". */
#ifndef HANDGRAD_HOST_TRAINING_CHOICES_H
#define HANDGRAD_HOST_TRAINING_CHOICES_H

#include "host/training/optimum.h"
#include "host/training/trainer.h"

/* The learning rate where options.lr is HG_BY_DATA, with it input_scale and centre_inputs, and options.momentum where
 * that is HG_BY_DATA; then what the network is to know of them. `spectrum` is the autoencoder's. */
enum hg_status hg_trainer_choose_rates(struct hg_trainer *trainer, const struct hg_spectrum *spectrum);

/* The first weights, by the seed, in canonical order. */
void hg_trainer_draw_weights(const struct hg_trainer *trainer, double *values);

#endif
