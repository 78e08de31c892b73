#include "host/training/choices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/data/scale.h"
#include "host/models/network.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

/* docs/DEFAULTS.md has the measurements behind these, docs/MATH.md the reasons. The MLP's rate is for inputs within the
 * three bounds below it; in brackets MNIST's figures. */
static const double mlp_rate = 0.3;
static const double most_about_zero = 38;    /* largest eigenvalue of the second moment [38.1] */
static const double most_about_mean = 10;    /* of the covariance [5.1] */
static const double most_variance = 40;      /* the sum of them all [52.7] */
static const double far_from_zero = 10;      /* the first figure over the second: from here on the mean is in the way */
static const double resolved = 1e-12;        /* the second over the first: below, floats do not tell the inputs apart */
static const double autoencoder_rate = 0.38; /* times the largest eigenvalue */
static const double cautious_rate = 0.15;    /* the same, with more momentum than usual, or where single samples rule */
static const double usual_momentum = 0.9;
static const double usual_span = 400; /* largest over least eigenvalue kept, up to which that is enough */
static const double most_momentum = 0.99;
static const double least_memories = 20; /* a run lasts that many times the 1 / (1 - momentum) steps of its memory */

double hg_two_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.1e", value);
    return strtod(text, NULL);
}

/* Mean of ||x - mean||^2. */
static double variance(size_t features, const double *mean, double mean_square)
{
    for (size_t d = 0; d < features; ++d)
        mean_square -= mean[d] * mean[d];
    return mean_square;
}

enum hg_status hg_input_choose(struct hg_input_choice *out, const struct hg_samples *samples, const double *mean,
                               double mean_square)
{
    double about_zero, about_mean;
    HG_TRY(hg_input_spread(samples, NULL, &about_zero));
    HG_TRY(hg_input_spread(samples, mean, &about_mean));
    out->centre = about_mean > resolved * about_zero && about_zero > far_from_zero * about_mean;
    double gain = fmin(most_about_mean / about_mean,
                       most_variance / fmax(variance(samples->features, mean, mean_square), about_mean));
    if (!out->centre)
        gain = fmin(gain, most_about_zero / about_zero);
    const double exponent = round(0.5 * log2(gain));
    out->scale = isfinite(exponent) ? exp2(fmax(fmin(exponent, 48), -48)) : 1; /* infinite: every input is zero */
    return HG_OK;
}

static void choose_for_autoencoder(struct hg_trainer *trainer, const struct hg_spectrum *spectrum)
{
    struct hg_train_options *o = &trainer->options;
    /* A batch with the longest sample in it has an eigenvalue at least as large as the second of these. */
    const double longest = hg_largest_square(hg_dataset_samples(trainer->train.slice)) / (double)trainer->spec.batch;
    const double largest = fmax(spectrum->largest, longest), span = largest / spectrum->least_kept;
    const double steps = (double)o->epochs * (double)trainer->epoch_steps;
    const double friction = fmax(1 - most_momentum, least_memories / steps);
    if (isnan(o->momentum))
        o->momentum = 1 - fmin(1 - usual_momentum, fmax(friction, (1 - usual_momentum) * usual_span / span));
    const bool cautious = o->momentum > usual_momentum || longest > spectrum->largest;
    const double rate = cautious ? cautious_rate : autoencoder_rate;
    o->lr = largest > 0 ? hg_two_digits(rate / largest) : rate;
}

enum hg_status hg_trainer_choose_rates(struct hg_trainer *trainer, const struct hg_spectrum *spectrum)
{
    struct hg_train_options *o = &trainer->options;
    const bool by_data = !isfinite(o->lr);
    if (o->model == HG_MLP) {
        const struct hg_samples *samples = hg_dataset_samples(trainer->train.slice);
        HG_TRY(hg_allocate(&trainer->mean, trainer->spec.features, "the mean of the inputs"));
        hg_input_mean(samples, trainer->mean);
        trainer->mean_square = hg_mean_square(samples);
        if (by_data || isnan(o->input_scale)) {
            struct hg_input_choice choice;
            HG_TRY(hg_input_choose(&choice, samples, trainer->mean, trainer->mean_square));
            o->input_scale = choice.scale;
            o->centre_inputs = choice.centre;
        }
        if (by_data)
            o->lr = mlp_rate;
    } else if (by_data) {
        choose_for_autoencoder(trainer, spectrum);
    }
    if (isnan(o->momentum))
        o->momentum = usual_momentum;
    trainer->spec.momentum = (float)o->momentum;
    trainer->spec.input_scale = (float)o->input_scale;
    trainer->spec.input_centre = o->centre_inputs ? trainer->mean : NULL;
    return HG_OK;
}

/* One over the variance of the first tensor's weights, (S9). */
static double first_precision(const struct hg_trainer *trainer)
{
    const struct hg_network_spec *spec = &trainer->spec;
    if (spec->kind == HG_NETWORK_AUTOENCODER)
        return (double)(spec->features + spec->hidden);
    const double square =
        spec->input_centre ? variance(spec->features, trainer->mean, trainer->mean_square) : trainer->mean_square;
    return square > 0 && isfinite(square) ? square : 1;
}

/* The first hidden units see the inputs from their centre. */
static void centre_first_bias(const struct hg_network_spec *spec, double *values)
{
    double *bias = values + spec->hidden * spec->features;
    for (size_t j = 0; j < spec->hidden; ++j)
        for (size_t d = 0; d < spec->features; ++d)
            bias[j] -= values[j * spec->features + d] * spec->input_centre[d];
}

/* Few numbers may be drawn far larger than their variance says: (S9), the end. */
static void shorten(double *values, size_t count, double most_square)
{
    double square = 0;
    for (size_t k = 0; k < count; ++k)
        square += values[k] * values[k];
    for (size_t k = 0; k < count && square > most_square; ++k)
        values[k] *= sqrt(most_square / square);
}

void hg_trainer_draw_weights(const struct hg_trainer *trainer, double *values)
{
    const struct hg_network_spec *spec = &trainer->spec;
    const double precision = first_precision(trainer);
    struct hg_random random = hg_random_stream(trainer->options.seed, HG_RANDOM_WEIGHTS, 0);
    double *next = values;
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, i);
        const double deviation = 1 / sqrt(i == 0 ? precision : (double)spec->hidden);
        for (size_t k = 0; k < shape.rows * shape.cols; ++k)
            *next++ = shape.vector ? 0 : deviation * hg_random_normal(&random);
    }
    if (spec->kind == HG_NETWORK_AUTOENCODER)
        shorten(values, spec->hidden * spec->features, (double)(spec->hidden * spec->features) / precision);
    else if (spec->input_centre)
        centre_first_bias(spec, values);
}
