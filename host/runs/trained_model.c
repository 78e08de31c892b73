/* Trained models: weights from a file, on a backend, applied to datasets. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "handgrad/model.h"
#include "host/data/dataset.h"
#include "host/models/model_file.h"
#include "host/models/tensors.h"
#include "host/runs/run.h"
#include "host/runs/trained_model.h"
#include "host/training/optimum.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/choose.h"
#include "kernels/second_moment.h"

#define TOO_LARGE "its weights, or the numbers of the data, are too large for float32"

struct hg_model {
    struct hg_context *ctx;
    struct hg_model_info info;
    struct hg_network_spec spec;
    char *note;                    /* NULL: none */
    double *values;                /* every parameter, in canonical order */
    char **columns, **class_names; /* NULL: none on record */
    int threads;
    /* The dataset used last and the network bound to it: callers walk through one dataset in pieces. */
    const struct hg_dataset *dataset;
    struct hg_data *data;
    struct hg_network *network;
};

static enum hg_status read_model(struct hg_model *model, const char *path)
{
    struct hg_model_file file;
    enum hg_status status;
    HG_TRY(hg_model_file_open(&file, path));
    model->info = file.info;
    model->spec = hg_model_spec(&file.info);
    model->spec.batch = HG_MODEL_ROWS;
    HG_TRY_OR_CLEANUP(hg_model_names_read(&model->columns, file.tensors, path, "columns", file.info.features));
    HG_TRY_OR_CLEANUP(hg_model_names_read(&model->class_names, file.tensors, path, "class_names", file.info.classes));
    HG_TRY_OR_CLEANUP(hg_allocate(&model->values, hg_trainer_values(&model->spec), path));
    HG_TRY_OR_CLEANUP(hg_model_file_read(&file, &model->spec, model->values));
    if (*file.note)
        HG_TRY_OR_CLEANUP(hg_string_format(&model->note, "%s: %s", path, file.note));
cleanup:
    hg_model_file_close(&file);
    return status;
}

enum hg_status hg_model_load(struct hg_model **out, const char *path, const char *backend, int threads)
{
    struct hg_model *model;
    char *in_run = NULL;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&model, 1, "a model"));
    model->threads = threads;

    struct stat st;
    const bool is_run = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (is_run)
        HG_TRY_OR_CLEANUP(hg_run_path(&in_run, path, "model.safetensors"));
    HG_TRY_OR_CLEANUP(read_model(model, is_run ? in_run : path));
    struct hg_device_info device;
    char reason[512];
    HG_TRY_OR_CLEANUP(hg_backend_choose(&model->ctx, backend, &(struct hg_open_options){.threads = threads}, &device,
                                        reason, sizeof reason));
    *out = model;
    model = NULL; /* the caller's */

cleanup:
    free(in_run);
    hg_model_free(model);
    return status;
}

static void unbind(struct hg_model *model)
{
    if (model->network)
        model->network->functions->free(model->network);
    if (model->data)
        model->ctx->backend->data_free(model->data);
    model->network = NULL;
    model->data = NULL;
    model->dataset = NULL;
}

void hg_model_free(struct hg_model *model)
{
    if (!model)
        return;
    unbind(model);
    if (model->ctx)
        model->ctx->backend->close(model->ctx);
    free(model->note);
    free(model->class_names);
    free(model->columns);
    free(model->values);
    free(model);
}

enum hg_model_kind hg_model_kind(const struct hg_model *model)
{
    return model->spec.kind == HG_NETWORK_MLP ? HG_MLP : HG_AUTOENCODER;
}

size_t hg_model_features(const struct hg_model *model)
{
    return model->spec.features;
}

const char *const *hg_model_columns(const struct hg_model *model)
{
    return (const char *const *)model->columns;
}

const char *const *hg_model_class_names(const struct hg_model *model)
{
    return (const char *const *)model->class_names;
}

size_t hg_model_height(const struct hg_model *model)
{
    return model->info.image.height;
}

size_t hg_model_width(const struct hg_model *model)
{
    return model->info.image.width;
}

size_t hg_model_channels(const struct hg_model *model)
{
    return model->info.image.channels;
}

size_t hg_model_hidden(const struct hg_model *model)
{
    return model->spec.hidden;
}

size_t hg_model_classes(const struct hg_model *model)
{
    return model->spec.classes;
}

bool hg_model_scale(const struct hg_model *model, struct hg_input_scale *input)
{
    *input = model->info.input;
    return input->numbers != HG_NUMBERS_UNKNOWN;
}

bool hg_model_epoch(const struct hg_model *model, size_t *epoch)
{
    *epoch = (size_t)model->info.epoch;
    return model->info.has_epoch;
}

bool hg_model_is_best(const struct hg_model *model)
{
    return model->info.is_best;
}

const char *hg_model_note(const struct hg_model *model)
{
    return model->note ? model->note : "";
}

/* Makes the model ready for `dataset`. */
static enum hg_status bind(struct hg_model *model, const struct hg_dataset *dataset)
{
    if (model->dataset == dataset)
        return HG_OK;
    unbind(model);
    if (hg_dataset_features(dataset) != model->spec.features)
        return hg_fail(HG_BAD_DATA, "%s has %zu features a sample; the model was trained on %zu",
                       hg_dataset_name(dataset), hg_dataset_features(dataset), model->spec.features);
    HG_TRY(model->ctx->backend->data_create(&model->data, model->ctx, hg_dataset_samples(dataset)));
    HG_TRY(hg_network_create(&model->network, model->ctx, model->data, &model->spec));
    HG_TRY(hg_network_set_all(model->network, &model->spec, HG_PARAMETER, model->values));
    model->dataset = dataset;
    return HG_OK;
}

void hg_model_complete_reading(struct hg_data_options *given, const struct hg_model *model,
                               const struct hg_train_options *options, struct hg_input_scale *scale)
{
    if (hg_model_scale(model, scale))
        given->like = scale;
    given->feature_count = hg_model_features(model);
    given->features = hg_model_columns(model);
    given->class_names = hg_model_class_names(model);
    given->image_height = hg_model_height(model);
    given->image_width = hg_model_width(model);
    given->image_channels = hg_model_channels(model);
    /* Training brought its pictures to a size by stretching them. */
    if (given->prepare == HG_PREPARE_AUTO && options->image_size)
        given->prepare = HG_PREPARE_RESIZE;
    if (!given->label)
        given->label = options->label;
    if (!given->skip)
        given->skip = options->skip_columns;
    if (given->header == HG_HEADER_AUTO)
        given->header = options->header;
}

/* The least loss that any autoencoder of this size can have on the dataset, and how far above it this one's is. */
static enum hg_status compare_with_optimum(const struct hg_model *model, const struct hg_dataset *dataset,
                                           struct hg_evaluation *evaluation)
{
    const struct hg_network_spec *spec = &model->spec;
    double *moment, square_sum;
    struct hg_spectrum spectrum;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&moment, spec->features, spec->features * sizeof *moment, "the second moment"));
    HG_TRY_OR_CLEANUP(hg_second_moment(hg_dataset_samples(dataset), model->threads, moment, &square_sum));
    HG_TRY_OR_CLEANUP(hg_optimum(moment, spec->features, spec->hidden, &spectrum));
    evaluation->optimum = spectrum.optimum;
    evaluation->optimality_gap = hg_optimality_gap(evaluation->loss, evaluation->optimum);
    evaluation->optimality_distance = evaluation->loss - evaluation->optimum;

cleanup:
    free(moment);
    return status;
}

enum hg_status hg_model_check_labels(const struct hg_model *model, const struct hg_dataset *dataset)
{
    if (hg_dataset_classes(dataset) == 0)
        return hg_fail(HG_BAD_DATA, "%s has no labels to hold the model's answers against", hg_dataset_name(dataset));
    if (hg_dataset_classes(dataset) > model->spec.classes)
        return hg_fail(HG_BAD_DATA, "%s has a label %zu; the model knows %zu classes", hg_dataset_name(dataset),
                       hg_dataset_classes(dataset) - 1, model->spec.classes);
    /* Where another program wrote the file, what its classes are called is not known. */
    const bool known = model->info.input.numbers != HG_NUMBERS_UNKNOWN;
    return known ? hg_dataset_require_classes(dataset, hg_model_class_names(model)) : HG_OK;
}

enum hg_status hg_model_evaluate(struct hg_model *model, const struct hg_dataset *dataset,
                                 struct hg_evaluation *evaluation)
{
    struct hg_evaluation result = {NAN, NAN, NAN, NAN, NAN};
    const size_t count = hg_dataset_count(dataset);
    HG_TRY(bind(model, dataset));
    if (hg_model_kind(model) == HG_MLP)
        HG_TRY(hg_model_check_labels(model, dataset));
    struct hg_totals sums;
    HG_TRY(model->network->functions->evaluate(model->network, model->data, count, &sums));
    if (!isfinite(sums.loss))
        return hg_fail(HG_BAD_DATA, "%s: the model's loss is not finite on it; " TOO_LARGE, hg_dataset_name(dataset));
    result.loss = sums.loss / (double)sums.samples;
    if (hg_model_kind(model) == HG_MLP)
        result.accuracy = (double)sums.correct / (double)sums.samples;
    else
        HG_TRY(compare_with_optimum(model, dataset, &result));
    *evaluation = result;
    return HG_OK;
}

const double *hg_model_values(const struct hg_model *model)
{
    return model->values;
}

size_t hg_predicted_class(const float *outputs, size_t classes)
{
    size_t largest = 0;
    for (size_t c = 1; c < classes; ++c)
        largest = outputs[c] > outputs[largest] ? c : largest;
    return largest;
}

/* The largest logit is subtracted first, so that no exponential overflows. */
void hg_softmax(float *logits, size_t classes)
{
    float largest = logits[0], sum = 0;
    for (size_t c = 1; c < classes; ++c)
        largest = fmaxf(largest, logits[c]);
    for (size_t c = 0; c < classes; ++c)
        sum += logits[c] = expf(logits[c] - largest);
    for (size_t c = 0; c < classes; ++c)
        logits[c] /= sum;
}

static size_t outputs(const struct hg_model *model)
{
    return hg_model_kind(model) == HG_MLP ? model->spec.classes : model->spec.hidden;
}

/* What a model makes of `count` samples, `cols` numbers each. */
static enum hg_status require_finite(const struct hg_dataset *dataset, size_t first, size_t count, size_t cols,
                                     const float *values)
{
    for (size_t i = 0; i < count * cols; ++i)
        if (!isfinite(values[i]))
            return hg_fail(HG_BAD_DATA, "%s: what the model makes of sample %zu is not finite; " TOO_LARGE,
                           hg_dataset_name(dataset), first + i / cols);
    return HG_OK;
}

enum hg_status hg_model_outputs(struct hg_model *model, const struct hg_dataset *dataset, size_t first, size_t count,
                                float *out)
{
    HG_TRY(bind(model, dataset));
    HG_TRY(model->network->functions->forward(model->network, model->data, first, count, out));
    return require_finite(dataset, first, count, outputs(model), out);
}

enum hg_status hg_model_forward(struct hg_model *model, const struct hg_dataset *dataset, size_t first, size_t count,
                                float *out)
{
    HG_TRY(hg_model_outputs(model, dataset, first, count, out));
    for (size_t b = 0; b < count && model->spec.kind == HG_NETWORK_MLP; ++b)
        hg_softmax(out + b * model->spec.classes, model->spec.classes);
    return HG_OK;
}

enum hg_status hg_model_reconstruct(struct hg_model *model, const struct hg_dataset *dataset, size_t first,
                                    size_t count, float *out)
{
    const size_t m = model->spec.hidden, features = model->spec.features;
    if (hg_model_kind(model) != HG_AUTOENCODER)
        return hg_fail(HG_USAGE, "a classifier reconstructs nothing; give an autoencoder's run");
    float *codes;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&codes, count, m * sizeof *codes, "the latent vectors"));
    HG_TRY_OR_CLEANUP(hg_model_forward(model, dataset, first, count, codes));
    for (size_t b = 0; b < count; ++b) {
        float *x = out + b * features;
        memset(x, 0, features * sizeof *x);
        for (size_t i = 0; i < m; ++i)
            for (size_t d = 0; d < features; ++d)
                x[d] += codes[b * m + i] * (float)model->values[i * features + d];
    }
    HG_TRY_OR_CLEANUP(require_finite(dataset, first, count, features, out));

cleanup:
    free(codes);
    return status;
}
