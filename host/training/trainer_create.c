/* Making a trainer: the data's parts, the backend, the network, its first weights. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/data/reading.h"
#include "host/models/model_file.h"
#include "host/models/tensors.h"
#include "host/training/choices.h"
#include "host/training/optimum.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/choose.h"
#include "kernels/second_moment.h"

static void describe_network(struct hg_trainer *trainer)
{
    const struct hg_train_options *o = &trainer->options;
    const size_t count = trainer->train.count;
    const bool all_at_once = o->batch_size == 0 || o->batch_size > count;
    trainer->spec = (struct hg_network_spec){
        .kind = o->model == HG_MLP ? HG_NETWORK_MLP : HG_NETWORK_AUTOENCODER,
        .features = hg_dataset_features(trainer->train.slice),
        .hidden = o->hidden,
        .classes = hg_dataset_classes(trainer->train.slice),
        .batch = all_at_once ? count : o->batch_size,
        .nesterov = o->nesterov,
        .weight_decay = (float)o->weight_decay,
        .record = o->graph && !o->timings, /* a recorded step has no phases to time */
        .samples = count,
    };
    trainer->epoch_steps = (count + trainer->spec.batch - 1) / trainer->spec.batch;
}

/* What an autoencoder descends along. */
static enum hg_status set_gradient(struct hg_trainer *trainer)
{
    struct hg_network_spec *spec = &trainer->spec;
    if (spec->kind != HG_NETWORK_AUTOENCODER ||
        hg_gradient_paths(trainer->options.gradient, &spec->encoder, &spec->decoder))
        return HG_OK;
    const size_t last = trainer->train.count - (trainer->epoch_steps - 1) * spec->batch;
    HG_TRY(hg_typed_gradient_create(&trainer->typed_gradient, trainer->options.gradient, spec->hidden, spec->features,
                                    spec->batch, last));
    spec->gradient = (struct hg_gradient_function){.compute = hg_typed_gradient_compute,
                                                   .context = trainer->typed_gradient,
                                                   .flops = hg_typed_gradient_flops(trainer->typed_gradient)};
    return HG_OK;
}

static double step_flops(const struct hg_network_spec *spec)
{
    double phases[HG_PHASES], sum = 0;
    hg_list_flops(spec, phases);
    for (size_t p = 0; p < HG_PHASES; ++p)
        sum += phases[p];
    return sum;
}

/* Computes the second moment of the training set. The optimum follows from it; and so does the gradient of a full
 * batch, which is computed from it where that takes fewer operations than going through the samples. */
static enum hg_status study_training_set(struct hg_trainer *trainer, struct hg_spectrum *spectrum)
{
    struct hg_network_spec *spec = &trainer->spec;
    trainer->optimum = NAN;
    if (spec->kind != HG_NETWORK_AUTOENCODER)
        return HG_OK;
    HG_TRY(hg_allocate_bytes(&trainer->second_moment, spec->features, spec->features * sizeof(double),
                             "the second moment"));
    HG_TRY(hg_second_moment(hg_dataset_samples(trainer->train.slice), trainer->options.threads, trainer->second_moment,
                            &spec->square_sum));
    HG_TRY(hg_optimum(trainer->second_moment, spec->features, spec->hidden, spectrum));
    trainer->optimum = spectrum->optimum;

    struct hg_network_spec gram = *spec;
    gram.second_moment = trainer->second_moment;
    if (!spec->gradient.compute && spec->batch == trainer->train.count && step_flops(&gram) < step_flops(spec))
        *spec = gram;
    return HG_OK;
}

static enum hg_status create_data(struct hg_trainer *trainer, struct hg_part *part)
{
    if (!part->slice)
        return HG_OK;
    return trainer->ctx->backend->data_create(&part->data, trainer->ctx, hg_dataset_samples(part->slice));
}

static enum hg_status allocate_plans(struct hg_trainer *trainer)
{
    for (size_t i = 0; i < 2; ++i) {
        HG_TRY(hg_allocate(&trainer->plans[i].order, trainer->train.count, "the order of the samples"));
        HG_TRY(hg_allocate(&trainer->plans[i].rates, trainer->epoch_steps, "the learning rates of an epoch"));
    }
    return HG_OK;
}

static enum hg_status read_init(struct hg_trainer *trainer, double *values)
{
    const struct hg_samples *samples = hg_dataset_samples(trainer->train.slice);
    struct hg_model_file file;
    enum hg_status status;
    HG_TRY(hg_model_file_open(&file, trainer->options.init));
    const struct hg_input_scale *before = &file.info.input, *now = &trainer->input;
    HG_TRY_OR_CLEANUP(hg_model_file_read(&file, &trainer->spec, values));
    if (*file.note)
        snprintf(trainer->note, sizeof trainer->note, "%s: %s", file.path, file.note);
    if (before->numbers == HG_NUMBERS_UNKNOWN)
        goto cleanup;
    status = hg_samples_require_like(samples, file.path, before);
    if (status == HG_BAD_DATA) { /* the user may know: weights can be learnt anew from anywhere */
        status = HG_OK;
        snprintf(trainer->note, sizeof trainer->note,
                 "%s: was trained on inputs from %.4g to %.4g, these are from %.4g to %.4g", file.path, before->least,
                 before->largest, now->least, now->largest);
    }

cleanup:
    hg_model_file_close(&file);
    return status;
}

static enum hg_status set_first_weights(struct hg_trainer *trainer, struct hg_network *network)
{
    double *values;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&values, hg_trainer_values(&trainer->spec), "the first weights"));
    if (trainer->options.init)
        HG_TRY_OR_CLEANUP(read_init(trainer, values));
    else
        hg_trainer_draw_weights(trainer, values);
    HG_TRY_OR_CLEANUP(hg_network_set_all(network, &trainer->spec, HG_PARAMETER, values));

cleanup:
    free(values);
    return status;
}

/* A network with the first weights. */
static enum hg_status create_network(struct hg_network **out, struct hg_trainer *trainer)
{
    struct hg_network *network;
    HG_TRY(hg_network_create(&network, trainer->ctx, trainer->train.data, &trainer->spec));
    const enum hg_status status = set_first_weights(trainer, network);
    if (status == HG_OK)
        *out = network;
    else
        network->functions->free(network);
    return status;
}

static enum hg_status find_rate(struct hg_trainer *trainer)
{
    struct hg_network *network;
    HG_TRY(create_network(&network, trainer));
    const enum hg_status status = hg_trainer_test_rates(trainer, network);
    network->functions->free(network);
    return status;
}

/* Points *text to a copy of its own. */
static enum hg_status copy_text(char **copy, const char **text)
{
    if (*text)
        HG_TRY(hg_string_copy(copy, *text));
    *text = *copy;
    return HG_OK;
}

static enum hg_status copy_options(struct hg_trainer *trainer, const struct hg_train_options *options)
{
    struct hg_train_options *o = &trainer->options;
    *o = *options;
    HG_TRY(copy_text(&trainer->gradient, &o->gradient));
    HG_TRY(copy_text(&trainer->init, &o->init));
    HG_TRY(copy_text(&trainer->label, &o->label));
    HG_TRY(copy_text(&trainer->skip_columns, &o->skip_columns));
    return copy_text(&trainer->image_size, &o->image_size);
}

/* The network that skips zeros takes bytes alone, in training and in evaluation. */
static bool some_are_floats(const struct hg_trainer *trainer)
{
    return trainer->test.slice && hg_dataset_samples(trainer->test.slice)->element == HG_F32;
}

static enum hg_status open_backend(struct hg_trainer *trainer)
{
    struct hg_train_options *o = &trainer->options;
    const bool dense = o->input == HG_INPUT_FORM_DENSE || (o->input == HG_INPUT_FORM_AUTO && some_are_floats(trainer));
    if (o->input == HG_INPUT_FORM_SPARSE && some_are_floats(trainer) &&
        hg_dataset_samples(trainer->train.slice)->element == HG_U8)
        return hg_fail(HG_USAGE, "input: sparse takes bytes alone, but %s holds floats; give input=dense",
                       hg_dataset_name(trainer->test.slice));
    const struct hg_open_options open_options = {
        .threads = o->threads,
        .input = dense                              ? HG_INPUT_DENSE
                 : o->input == HG_INPUT_FORM_SPARSE ? HG_INPUT_SPARSE
                                                    : HG_INPUT_AUTO,
        .precision = o->tf32 ? HG_TF32 : HG_FP32,
        .stream_data = o->stream_data,
        .timings = o->timings,
    };
    const bool moved = trainer->typed_gradient && strcmp(o->backend, "auto") == 0;
    HG_TRY(hg_backend_choose(&trainer->ctx, moved ? "reference" : o->backend, &open_options, &trainer->device,
                             trainer->backend_reason, sizeof trainer->backend_reason));
    if (moved)
        snprintf(trainer->backend_reason, sizeof trainer->backend_reason, "a formula is evaluated there");
    o->backend = trainer->ctx->backend->name;
    trainer->position.threads = (uint64_t)trainer->ctx->threads;
    return HG_OK;
}

static enum hg_status build(struct hg_trainer *trainer, const struct hg_train_options *options,
                            const struct hg_dataset *train, const struct hg_dataset *test)
{
    HG_TRY(copy_options(trainer, options));
    HG_TRY(hg_trainer_require_fit(options, train, test));
    HG_TRY(hg_trainer_divide(trainer, train, test));
    hg_dataset_scale(trainer->train.slice, &trainer->input);
    if (test)
        HG_TRY(hg_samples_require_like(hg_dataset_samples(test), hg_dataset_name(test), &trainer->input));
    describe_network(trainer);
    HG_TRY(set_gradient(trainer));
    HG_TRY(open_backend(trainer));
    struct hg_spectrum spectrum = {0}; /* MLP: it has none */
    HG_TRY(study_training_set(trainer, &spectrum));
    HG_TRY(hg_trainer_choose_rates(trainer, &spectrum));
    HG_TRY(create_data(trainer, &trainer->train));
    HG_TRY(create_data(trainer, &trainer->validation));
    HG_TRY(create_data(trainer, &trainer->test));
    HG_TRY(allocate_plans(trainer));
    if (options->lr == HG_BY_RANGE_TEST)
        HG_TRY(find_rate(trainer));
    return create_network(&trainer->network, trainer);
}

enum hg_status hg_trainer_create(struct hg_trainer **out, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test)
{
    HG_TRY(hg_train_options_check(options));
    struct hg_trainer *trainer;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&trainer, 1, "a trainer"));
    trainer->position.best_validation_loss = INFINITY;
    HG_TRY_OR_CLEANUP(build(trainer, options, train, test));
    *out = trainer;
    return HG_OK;

cleanup:
    hg_trainer_free(trainer);
    return status;
}

static void free_part(struct hg_trainer *trainer, struct hg_part *part)
{
    if (part->data)
        trainer->ctx->backend->data_free(part->data);
    hg_dataset_free(part->slice);
}

void hg_trainer_free(struct hg_trainer *trainer)
{
    if (!trainer)
        return;
    if (trainer->network)
        trainer->network->functions->free(trainer->network);
    free_part(trainer, &trainer->test);
    free_part(trainer, &trainer->validation);
    free_part(trainer, &trainer->train);
    /* After the datasets: threads that stream one may still read the order of an epoch that was interrupted. */
    for (size_t i = 0; i < 2; ++i) {
        free(trainer->plans[i].order);
        free(trainer->plans[i].rates);
    }
    if (trainer->ctx)
        trainer->ctx->backend->close(trainer->ctx);
    free(trainer->range_test.steps);
    free(trainer->mean);
    free(trainer->best);
    free(trainer->second_moment);
    free(trainer->image_size);
    free(trainer->skip_columns);
    free(trainer->label);
    hg_typed_gradient_free(trainer->typed_gradient);
    free(trainer->gradient);
    free(trainer->init);
    free(trainer);
}
