/* What a run tells TensorBoard: its metrics, and for data that are images also pictures of what is learnt. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "handgrad/dataset.h"
#include "host/formats/event_file.h"
#include "host/models/tensors.h"
#include "host/pictures/sheet.h"
#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Of the pictures: enough to see what is learnt, and little beside the time of an epoch. */
enum { FEATURES_SHOWN = 100, SAMPLES_SHOWN = 10, LARGEST_SIDE = 1024, MOST_PIXELS = 1 << 20 };

enum hg_status hg_run_start_events(struct hg_run *run, const struct hg_trainer *trainer)
{
    char **path = hg_run_events(run), name[64];
    bool exists = true;
    for (size_t sitting = 1; exists; ++sitting) {
        snprintf(name, sizeof name, HG_EVENT_FILE, sitting);
        HG_TRY(hg_run_has(&exists, run, name));
    }
    free(*path);
    *path = NULL;
    HG_TRY(hg_run_path(path, hg_run_directory(run), name));
    return hg_event_file_begin(*path, trainer->position.epochs_done * trainer->epoch_steps + 1);
}

static void add_metrics(struct hg_protobuf *values, const struct hg_metrics *metrics)
{
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        const double value = hg_metric_value(metric, metrics);
        if (metric->tag && isfinite(value))
            hg_event_scalar(values, metric->tag, value);
    }
}

/* Adds a sheet of images of the shape that the training samples have. */
static enum hg_status add_sheet(struct hg_protobuf *values, const char *tag, const struct hg_trainer *trainer,
                                struct hg_sheet sheet)
{
    const struct hg_dataset *train = trainer->train.slice;
    struct hg_picture picture;
    sheet.height = hg_dataset_height(train);
    sheet.width = hg_dataset_width(train);
    sheet.channels = hg_dataset_channels(train);
    HG_TRY(hg_sheet_draw(&picture, &sheet, tag));
    hg_event_picture(values, tag, &picture);
    hg_picture_free(&picture);
    return HG_OK;
}

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

static size_t features_shown(const struct hg_trainer *trainer)
{
    return at_most(trainer->spec.hidden, at_most(FEATURES_SHOWN, 1 + MOST_PIXELS / trainer->spec.features));
}

/* The weights of the hidden units, each drawn from its own largest weight (white) to the opposite of that (black).
 *
 *   w  in: [hidden][features] */
static enum hg_status add_features(struct hg_protobuf *values, const struct hg_trainer *trainer, const double *w)
{
    const size_t features = trainer->spec.features, count = features_shown(trainer);
    float *images;
    HG_TRY(hg_allocate(&images, count * features, "pictures of the features"));
    for (size_t i = 0; i < count; ++i) {
        double largest = 0;
        for (size_t d = 0; d < features; ++d)
            largest = fmax(largest, fabs(w[i * features + d]));
        for (size_t d = 0; d < features && largest > 0; ++d)
            images[i * features + d] = (float)(w[i * features + d] / largest);
    }
    const struct hg_sheet sheet = {.count = count, .images = images, .dark = -1, .bright = 1};
    const enum hg_status status = add_sheet(values, "features", trainer, sheet);
    free(images);
    return status;
}

/* y = W^T W x, as files have it.
 *
 *   w  in: [hidden][features] */
static void reconstruct(const struct hg_trainer *trainer, const double *w, const float *x, float *y)
{
    const size_t features = trainer->spec.features;
    for (size_t i = 0; i < trainer->spec.hidden; ++i) {
        const double *row = w + i * features;
        double code = 0;
        for (size_t d = 0; d < features; ++d)
            code += row[d] * (double)x[d];
        for (size_t d = 0; d < features; ++d)
            y[d] += (float)(code * row[d]);
    }
}

/* The first samples, of an autoencoder over their reconstructions: of the test set, else of what is held out, else of
 * what is trained on. */
static enum hg_status add_samples(struct hg_protobuf *values, const struct hg_trainer *trainer, const double *w)
{
    const struct hg_part *part = trainer->test.slice         ? &trainer->test
                                 : trainer->validation.slice ? &trainer->validation
                                                             : &trainer->train;
    const bool autoencoder = trainer->options.model == HG_AUTOENCODER;
    const size_t features = trainer->spec.features;
    const size_t count = at_most(part->count, at_most(SAMPLES_SHOWN, 1 + MOST_PIXELS / features));
    const bool pixels = trainer->input.numbers == HG_NUMBERS_PIXELS;
    float *images;
    HG_TRY(hg_allocate(&images, 2 * count * features, "pictures of samples"));
    float *below = images + count * features;
    for (size_t i = 0; i < count; ++i) {
        hg_dataset_sample(part->slice, i, images + i * features);
        if (autoencoder)
            reconstruct(trainer, w, images + i * features, below + i * features);
    }
    const struct hg_sheet sheet = {.count = count,
                                   .images = images,
                                   .below = autoencoder ? below : NULL,
                                   .dark = pixels ? 0 : (float)trainer->input.least,
                                   .bright = pixels ? 1 : (float)trainer->input.largest};
    const enum hg_status status = add_sheet(values, autoencoder ? "reconstructions" : "inputs", trainer, sheet);
    free(images);
    return status;
}

static enum hg_status add_pictures(struct hg_protobuf *values, const struct hg_trainer *trainer,
                                   const struct hg_metrics *metrics)
{
    double *w;
    enum hg_status status;
    HG_TRY(hg_allocate(&w, hg_trainer_values(&trainer->spec), "the weights"));
    HG_TRY_OR_CLEANUP(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, w));
    HG_TRY_OR_CLEANUP(add_features(values, trainer, w)); /* W, or fc1.weight, is the first of the tensors */
    if (trainer->options.model == HG_AUTOENCODER || metrics->epoch == 1)
        HG_TRY_OR_CLEANUP(add_samples(values, trainer, w));
cleanup:
    free(w);
    return status;
}

static bool has_pictures(const struct hg_trainer *trainer)
{
    const size_t height = hg_dataset_height(trainer->train.slice), width = hg_dataset_width(trainer->train.slice);
    return height > 0 && height <= LARGEST_SIDE && width <= LARGEST_SIDE;
}

/* Learning is fast at first and slow later: after epochs 1, 2, 4, 8 ... and the last. */
static bool draws_pictures(const struct hg_trainer *trainer, size_t epoch)
{
    return has_pictures(trainer) && ((epoch & (epoch - 1)) == 0 || hg_trainer_finished(trainer));
}

size_t hg_run_events_size(const struct hg_trainer *trainer, size_t epochs)
{
    enum { SCALARS = 512 }; /* an event of metrics alone */
    /* A weight that looks like noise takes a byte, and somewhat more where it is enlarged. */
    const size_t sheet = (features_shown(trainer) + 2 * SAMPLES_SHOWN) * trainer->spec.features * 3 / 2;
    size_t bytes = epochs * SCALARS + has_pictures(trainer) * sheet;
    for (size_t epoch = 1; has_pictures(trainer) && epoch < epochs; epoch *= 2)
        bytes += sheet;
    return bytes;
}

enum hg_status hg_run_append_events(struct hg_run *run, const struct hg_trainer *trainer,
                                    const struct hg_metrics *metrics)
{
    struct hg_protobuf values = {.bytes = NULL};
    enum hg_status status = HG_OK;
    add_metrics(&values, metrics);
    if (draws_pictures(trainer, metrics->epoch))
        HG_TRY_OR_CLEANUP(add_pictures(&values, trainer, metrics));
    return hg_event_append(*hg_run_events(run), metrics->step, &values);
cleanup:
    free(values.bytes);
    return status;
}
