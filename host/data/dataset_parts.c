/* Datasets made of some samples of another one. */
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset_state.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* The files of some samples of a dataset. */
static enum hg_status gather_names(struct hg_dataset *part, const struct hg_dataset *whole, const uint32_t *rows,
                                   size_t count)
{
    if (!whole->sample_names)
        return HG_OK;
    HG_TRY(hg_allocate(&part->own_sample_names, count, "the names of a part of the samples"));
    for (size_t i = 0; i < count; ++i)
        part->own_sample_names[i] = (char *)whole->sample_names[rows[i]];
    part->sample_names = (const char *const *)part->own_sample_names;
    return HG_OK;
}

/* What some samples of a dataset have from the whole. */
static void inherit(struct hg_dataset *part, const struct hg_dataset *whole)
{
    part->classes = whole->classes;
    part->numbers = whole->numbers;
    part->columns = whole->columns;
    part->class_names = whole->class_names;
}

enum hg_status hg_dataset_gather(struct hg_dataset **out, const struct hg_dataset *dataset, const uint32_t *rows,
                                 size_t count)
{
    const struct hg_samples *whole = &dataset->samples;
    const size_t size = whole->features * (whole->element == HG_U8 ? sizeof(uint8_t) : sizeof(float));
    struct hg_dataset *part = NULL;
    unsigned char *values = NULL;
    uint8_t *labels = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&values, count, size, "a part of the samples"));
    if (whole->labels)
        HG_TRY_OR_CLEANUP(hg_allocate(&labels, count, "the labels of a part of the samples"));
    for (size_t i = 0; i < count; ++i) {
        memcpy(values + i * size, (const unsigned char *)whole->values + rows[i] * size, size);
        if (labels)
            labels[i] = whole->labels[rows[i]];
    }
    struct hg_samples samples = *whole;
    samples.count = count;
    samples.values = values;
    samples.labels = labels;
    HG_TRY_OR_CLEANUP(hg_dataset_create(&part, dataset->name, samples, dataset->shape));
    inherit(part, dataset);
    part->values = (struct hg_block){.data = values, .size = count * size, .memory = values};
    part->labels = (struct hg_block){.data = labels, .size = labels ? count : 0, .memory = labels};
    values = labels = NULL; /* the part's */
    HG_TRY_OR_CLEANUP(gather_names(part, dataset, rows, count));
    *out = part;
    part = NULL; /* the caller's */

cleanup:
    hg_dataset_free(part);
    free(labels);
    free(values);
    return status;
}

enum hg_status hg_dataset_slice(struct hg_dataset **out, const struct hg_dataset *dataset, size_t first, size_t count)
{
    const struct hg_samples *whole = &dataset->samples;
    if (count == 0 || first >= whole->count || count > whole->count - first)
        return hg_fail(HG_BAD_DATA, "%s: has no %zu samples from number %zu on; it holds %zu", dataset->name, count,
                       first, whole->count);
    const size_t element_size = whole->element == HG_U8 ? sizeof(uint8_t) : sizeof(float);
    struct hg_samples part = *whole;
    part.count = count;
    part.values = (const unsigned char *)whole->values + first * whole->features * element_size;
    part.labels = whole->labels ? whole->labels + first : NULL;
    struct hg_dataset *slice;
    HG_TRY(hg_dataset_create(&slice, dataset->name, part, dataset->shape));
    inherit(slice, dataset);
    slice->sample_names = dataset->sample_names ? dataset->sample_names + first : NULL;
    *out = slice;
    return HG_OK;
}
