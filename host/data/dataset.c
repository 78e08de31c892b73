#include "host/data/dataset_state.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/input_scale.h"
#include "host/formats/names.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static size_t class_count(const uint8_t *labels, size_t count)
{
    uint8_t largest = 0;
    for (size_t i = 0; i < count; ++i)
        largest = labels[i] > largest ? labels[i] : largest;
    return (size_t)largest + 1;
}

enum hg_status hg_dataset_create(struct hg_dataset **out, const char *name, struct hg_samples samples,
                                 struct hg_image_shape shape)
{
    /* Orders of samples are 32-bit indices, and BLAS counts columns in int. */
    if (samples.count == 0 || samples.count > UINT32_MAX)
        return hg_fail(HG_BAD_DATA, "%s: holds %zu samples, expected 1 to %u", name, samples.count, UINT32_MAX);
    if (samples.features == 0 || samples.features > INT_MAX)
        return hg_fail(HG_BAD_DATA, "%s: samples have %zu features, expected 1 to %d", name, samples.features, INT_MAX);
    struct hg_dataset *dataset;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&dataset, 1, name));
    HG_TRY_OR_CLEANUP(hg_string_copy(&dataset->name, name));
    dataset->samples = samples;
    dataset->numbers = samples.element == HG_U8 ? HG_NUMBERS_PIXELS : HG_NUMBERS_VALUES;
    dataset->shape = shape;
    dataset->classes = samples.labels ? class_count(samples.labels, samples.count) : 0;
    *out = dataset;
    return HG_OK;

cleanup:
    free(dataset);
    return status;
}

static enum hg_status from_memory(struct hg_dataset **out, size_t count, size_t height, size_t width,
                                  enum hg_element element, const void *values, const uint8_t *labels)
{
    struct hg_samples samples = {.count = count, .element = element, .values = values, .labels = labels};
    if (__builtin_mul_overflow(height > 0 ? height : 1, width, &samples.features))
        return hg_fail(HG_BAD_DATA, "memory: samples of %zu x %zu numbers are too large", height, width);
    return hg_dataset_create(out, "memory", samples,
                             height > 0 ? (struct hg_image_shape){height, width, 1} : (struct hg_image_shape){0});
}

enum hg_status hg_dataset_from_bytes(struct hg_dataset **out, size_t count, size_t height, size_t width,
                                     const uint8_t *values, const uint8_t *labels)
{
    return from_memory(out, count, height, width, HG_U8, values, labels);
}

enum hg_status hg_dataset_from_floats(struct hg_dataset **out, size_t count, size_t height, size_t width,
                                      const float *values, const uint8_t *labels)
{
    struct hg_dataset *dataset;
    HG_TRY(from_memory(&dataset, count, height, width, HG_F32, values, labels));
    const size_t features = dataset->samples.features;
    for (size_t i = 0; i < count; ++i) {
        for (size_t d = 0; d < features; ++d) {
            if (!isfinite(values[i * features + d])) {
                hg_dataset_free(dataset);
                return hg_fail(HG_BAD_DATA, "memory: number %zu of sample %zu is not finite", d, i);
            }
        }
    }
    *out = dataset;
    return HG_OK;
}

/* What the arrays say of themselves: how many dimensions they have, and that there is a label for each sample. */
static enum hg_status check_table(const struct hg_table *table, const char *samples_path, const char *labels_path)
{
    const struct hg_array *samples = &table->samples, *labels = &table->labels;
    if (samples->dimensions < 2)
        return hg_fail(HG_BAD_DATA, "%s: has 1 dimension, as labels do; samples have 2 to 4", samples_path);
    if (!labels->values.data)
        return HG_OK;
    if (labels->dimensions != 1 || labels->element != HG_U8)
        return hg_fail(HG_BAD_DATA, "%s: has %zu dimensions; labels have 1", labels_path, labels->dimensions);
    if (labels->shape[0] != samples->shape[0])
        return hg_fail(HG_BAD_DATA, "%s: holds %zu labels, but %s holds %zu samples", labels_path, labels->shape[0],
                       samples_path, samples->shape[0]);
    return HG_OK;
}

enum hg_status hg_dataset_from_table(struct hg_dataset **out, const char *samples_path, const char *labels_path,
                                     struct hg_table *table)
{
    const struct hg_array *samples = &table->samples;
    struct hg_dataset *dataset = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(check_table(table, samples_path, labels_path));
    const struct hg_image_shape shape = hg_array_image_shape(samples);
    const struct hg_samples described = {.count = samples->shape[0],
                                         .features = hg_array_features(samples),
                                         .element = samples->element,
                                         .values = samples->values.data,
                                         .labels = table->labels.values.data};
    HG_TRY_OR_CLEANUP(hg_dataset_create(&dataset, samples_path, described, shape));
    if (*table->note)
        HG_TRY_OR_CLEANUP(hg_string_format(&dataset->note, "%s: %s", samples_path, table->note));
    dataset->values = table->samples.values;
    dataset->labels = table->labels.values;
    dataset->own_columns = table->names;
    dataset->columns = (const char *const *)table->names;
    dataset->own_sample_names = table->sample_names;
    dataset->sample_names = (const char *const *)table->sample_names;
    dataset->own_class_names = table->class_names;
    dataset->class_names = (const char *const *)table->class_names;
    if (dataset->class_names)
        dataset->classes = hg_names_count(dataset->class_names);
    *table = (struct hg_table){.names = NULL}; /* the dataset's */
    *out = dataset;
    dataset = NULL; /* the caller's */

cleanup:
    hg_dataset_free(dataset);
    hg_table_free(table);
    return status;
}

void hg_dataset_free(struct hg_dataset *dataset)
{
    if (!dataset)
        return;
    hg_block_free(&dataset->labels);
    hg_block_free(&dataset->values);
    free(dataset->own_sample_names);
    free(dataset->own_class_names);
    free(dataset->own_columns);
    free(dataset->note);
    free(dataset->name);
    free(dataset);
}

const struct hg_samples *hg_dataset_samples(const struct hg_dataset *dataset)
{
    return &dataset->samples;
}

size_t hg_dataset_count(const struct hg_dataset *dataset)
{
    return dataset->samples.count;
}

size_t hg_dataset_features(const struct hg_dataset *dataset)
{
    return dataset->samples.features;
}

size_t hg_dataset_height(const struct hg_dataset *dataset)
{
    return dataset->shape.height;
}

size_t hg_dataset_width(const struct hg_dataset *dataset)
{
    return dataset->shape.width;
}

size_t hg_dataset_channels(const struct hg_dataset *dataset)
{
    return dataset->shape.channels;
}

const uint8_t *hg_dataset_labels(const struct hg_dataset *dataset)
{
    return dataset->samples.labels;
}

size_t hg_dataset_classes(const struct hg_dataset *dataset)
{
    return dataset->classes;
}

const char *const *hg_dataset_class_names(const struct hg_dataset *dataset)
{
    return dataset->class_names;
}

enum hg_status hg_dataset_require_classes(const struct hg_dataset *dataset, const char *const *names)
{
    const char *const *own = dataset->class_names;
    if (!own && !names)
        return HG_OK;
    if (!own || !names)
        return hg_fail(HG_BAD_DATA, "%s: its labels are %s, those of training %s; give both the same", dataset->name,
                       own ? "names" : "numbers", own ? "were numbers" : "were names");
    size_t i = 0;
    while (own[i] && names[i] && strcmp(own[i], names[i]) == 0)
        ++i;
    if (!own[i] && !names[i])
        return HG_OK;
    return hg_fail(HG_BAD_DATA,
                   "%s: its class %zu is %s, that of training %s; read it with the class_names of training",
                   dataset->name, i, own[i] ? own[i] : "missing", names[i] ? names[i] : "missing");
}

const char *hg_dataset_sample_name(const struct hg_dataset *dataset, size_t index)
{
    return dataset->sample_names ? dataset->sample_names[index] : NULL;
}

void hg_dataset_sample(const struct hg_dataset *dataset, size_t index, float *out)
{
    const size_t features = dataset->samples.features;
    if (dataset->samples.element == HG_F32) {
        memcpy(out, (const float *)dataset->samples.values + index * features, features * sizeof *out);
        return;
    }
    const uint8_t *pixels = (const uint8_t *)dataset->samples.values + index * features;
    for (size_t d = 0; d < features; ++d)
        out[d] = (float)pixels[d] / 255.0F;
}

void hg_dataset_set_numbers(struct hg_dataset *dataset, enum hg_numbers numbers)
{
    dataset->numbers = numbers;
}

enum hg_status hg_dataset_add_note(struct hg_dataset *dataset, const char *note)
{
    char *both;
    HG_TRY(dataset->note ? hg_string_format(&both, "%s; %s", dataset->note, note) : hg_string_copy(&both, note));
    free(dataset->note);
    dataset->note = both;
    return HG_OK;
}

void hg_dataset_scale(const struct hg_dataset *dataset, struct hg_input_scale *input)
{
    hg_samples_scale(&dataset->samples, dataset->numbers, input);
}

const char *const *hg_dataset_columns(const struct hg_dataset *dataset)
{
    return dataset->columns;
}

const char *hg_dataset_note(const struct hg_dataset *dataset)
{
    return dataset->note ? dataset->note : "";
}

const char *hg_dataset_name(const struct hg_dataset *dataset)
{
    return dataset->name;
}
