/* What an autoencoder descends along: one of three that have names, or a formula that its user typed. */
#ifndef HANDGRAD_HOST_TRAINING_GRADIENT_H
#define HANDGRAD_HOST_TRAINING_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* The weights of the two paths (kernels/network.h) in a gradient that has a name; false: it is a formula. */
bool hg_gradient_paths(const char *gradient, float *encoder, float *decoder);

/* HG_USAGE, "gradient: ...", where it has no name and is no expression over W, X and N; hg_formula_picture then shows
 * where. */
enum hg_status hg_gradient_check(const char *gradient);

/* A formula as host/formula has it, over W [hidden][features], X with the batch's samples as columns, N, their number,
 * and what quantities.h makes of them. */
struct hg_typed_gradient;

/* The batches of an epoch have `batch` samples each, but for the last, which has `last`. HG_USAGE where sizes in the
 * formula contradict each other, or the result is not of the size of W. `formula` must outlive what is made of it. */
enum hg_status hg_typed_gradient_create(struct hg_typed_gradient **out, const char *formula, size_t hidden,
                                        size_t features, size_t batch, size_t last);
void hg_typed_gradient_free(struct hg_typed_gradient *gradient);

/* Multiplications and additions in the matrix products of a full batch. */
double hg_typed_gradient_flops(const struct hg_typed_gradient *gradient);

/* The `compute` of struct hg_gradient_function; `gradient` is a struct hg_typed_gradient. Weights that are not finite
 * have a gradient that is not finite. HG_CHECK_FAILED: the formula has no value at finite ones. */
enum hg_status hg_typed_gradient_compute(void *gradient, size_t rows, const double *w, const double *x, double *out);

#endif
