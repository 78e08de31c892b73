#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/json.h"
#include "host/formats/safetensors_types.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { HEADER_MAX = 1 << 20 }; /* headers of models of handgrad's kind have about 1 KiB */

/* Where a tensor lies in the data. */
struct extent {
    size_t begin, end;
};

/* A whole number that a double holds exactly. */
static bool to_size(const cJSON *item, size_t *out)
{
    const double exact_max = 9007199254740992.0; /* 2^53 */
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < exact_max) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (size_t)item->valuedouble;
    return true;
}

static enum hg_status parse_shape(struct hg_tensor *tensor, const cJSON *shape, const char *path, size_t *bytes)
{
    const cJSON *item;
    if (!cJSON_IsArray(shape))
        return hg_fail(HG_BAD_DATA, "%s: %s has no shape", path, tensor->name);
    cJSON_ArrayForEach(item, shape)
    {
        if (tensor->dimensions == HG_TENSOR_DIMENSIONS)
            return hg_fail(HG_BAD_DATA, "%s: %s has more than %d dimensions", path, tensor->name, HG_TENSOR_DIMENSIONS);
        size_t *size = &tensor->shape[tensor->dimensions++];
        if (!to_size(item, size))
            return hg_fail(HG_BAD_DATA, "%s: the shape of %s holds something that is no size", path, tensor->name);
        if (__builtin_mul_overflow(*bytes, *size, bytes))
            return hg_fail(HG_BAD_DATA, "%s: the shape of %s is larger than any file", path, tensor->name);
    }
    return HG_OK;
}

/* Checks one entry of the header against the `available` bytes of data. */
static enum hg_status parse_tensor(struct hg_tensor *tensor, struct extent *extent, const cJSON *entry,
                                   const char *path, size_t available)
{
    const char *name = entry->string;
    *tensor = (struct hg_tensor){.name = name};
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype"));
    size_t bytes = 0;
    for (size_t i = 0; type && i < sizeof hg_tensor_types / sizeof *hg_tensor_types; ++i) {
        if (strcmp(type, hg_tensor_types[i].name) == 0) {
            tensor->type = hg_tensor_types[i].type;
            bytes = hg_tensor_types[i].size;
        }
    }
    if (bytes == 0)
        return hg_fail(HG_BAD_DATA, "%s: %s has the unknown dtype %s", path, name, type ? type : "(none)");
    HG_TRY(parse_shape(tensor, cJSON_GetObjectItemCaseSensitive(entry, "shape"), path, &bytes));

    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    size_t begin = 0;
    size_t end = 0;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !to_size(cJSON_GetArrayItem(offsets, 0), &begin) || !to_size(cJSON_GetArrayItem(offsets, 1), &end))
        return hg_fail(HG_BAD_DATA, "%s: %s has no data_offsets", path, name);
    if (begin > end || end > available)
        return hg_fail(HG_BAD_DATA, "%s: %s lies at bytes %zu to %zu of %zu bytes of data", path, name, begin, end,
                       available);
    if (end - begin != bytes)
        return hg_fail(HG_BAD_DATA, "%s: %s has %zu bytes, but its shape and dtype need %zu", path, name, end - begin,
                       bytes);
    *extent = (struct extent){begin, end};
    return HG_OK;
}

static int compare_extents(const void *a, const void *b)
{
    const struct extent *x = a;
    const struct extent *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum hg_status check_names(const cJSON *header, size_t entries, const char *path)
{
    const char **names;
    HG_TRY(hg_allocate(&names, entries, path));
    size_t count = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, header) names[count++] = entry->string;
    qsort(names, count, sizeof *names, compare_names);
    enum hg_status status = HG_OK;
    for (size_t i = 1; i < count && status == HG_OK; ++i) {
        if (strcmp(names[i - 1], names[i]) == 0)
            status = hg_fail(HG_BAD_DATA, "%s: its header has %s twice", path, names[i]);
    }
    free(names);
    return status;
}

/* The tensors must fill the data, one behind the other, in whatever order. */
static enum hg_status check_extents(struct extent *extents, size_t count, size_t available, const char *path)
{
    qsort(extents, count, sizeof *extents, compare_extents);
    size_t end = 0;
    for (size_t i = 0; i < count; ++i) {
        if (extents[i].begin != end)
            return hg_fail(HG_BAD_DATA, "%s: tensors %s at byte %zu of the data", path,
                           extents[i].begin < end ? "overlap" : "leave a gap", extents[i].begin);
        end = extents[i].end;
    }
    if (end != available)
        return hg_fail(HG_BAD_DATA, "%s: has %zu bytes of data, but its tensors end at %zu", path, available, end);
    return HG_OK;
}

static enum hg_status check_metadata(const cJSON *metadata, const char *path)
{
    const cJSON *item;
    if (metadata && !cJSON_IsObject(metadata))
        return hg_fail(HG_BAD_DATA, "%s: __metadata__ is not an object", path);
    cJSON_ArrayForEach(item, metadata)
    {
        if (!cJSON_IsString(item))
            return hg_fail(HG_BAD_DATA, "%s: __metadata__ holds %s, which is not text", path, item->string);
    }
    return HG_OK;
}

/* The entries of the header, checked against the `available` bytes of data. */
static enum hg_status parse_entries(struct hg_safetensors *file, const unsigned char *data, size_t available)
{
    struct extent *extents;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&extents, (size_t)cJSON_GetArraySize(file->header), file->path));
    const cJSON *entry;
    cJSON_ArrayForEach(entry, file->header)
    {
        if (strcmp(entry->string, HG_SAFETENSORS_METADATA) == 0) {
            HG_TRY_OR_CLEANUP(check_metadata(entry, file->path));
            continue;
        }
        struct hg_tensor *tensor = &file->tensors[file->count];
        struct extent *extent = &extents[file->count];
        HG_TRY_OR_CLEANUP(parse_tensor(tensor, extent, entry, file->path, available));
        tensor->data = data + extent->begin;
        ++file->count;
    }
    HG_TRY_OR_CLEANUP(check_extents(extents, file->count, available, file->path));

cleanup:
    free(extents);
    return status;
}

static enum hg_status parse_header(struct hg_safetensors *file)
{
    const unsigned char *bytes = file->mapping.data;
    if (file->mapping.size < HG_SAFETENSORS_LENGTH_SIZE)
        return hg_fail(HG_BAD_DATA, "%s: is not a safetensors file: it has %zu bytes", file->path, file->mapping.size);
    uint64_t length = 0;
    for (int i = HG_SAFETENSORS_LENGTH_SIZE - 1; i >= 0; --i)
        length = length << 8 | bytes[i];
    const size_t rest = file->mapping.size - HG_SAFETENSORS_LENGTH_SIZE;
    if (length > rest || length > HEADER_MAX)
        return hg_fail(HG_BAD_DATA, "%s: announces a header of %" PRIu64 " bytes; it may have %d and the file has %zu",
                       file->path, length, HEADER_MAX, rest);

    const char *text = (const char *)bytes + HG_SAFETENSORS_LENGTH_SIZE;
    const char *stop = text;
    HG_TRY(hg_json_parse(&file->header, text, length, &stop, file->path));
    while (file->header && stop < text + length && strchr(" \t\r\n", *stop) && *stop)
        ++stop;
    if (!cJSON_IsObject(file->header) || stop != text + length)
        return hg_fail(HG_BAD_DATA, "%s: its header is not a JSON object (byte %td)", file->path, stop - text);

    const size_t entries = (size_t)cJSON_GetArraySize(file->header);
    HG_TRY(check_names(file->header, entries, file->path));
    HG_TRY(hg_allocate(&file->tensors, entries, file->path));
    return parse_entries(file, (const unsigned char *)text + length, rest - length);
}

enum hg_status hg_safetensors_open(struct hg_safetensors **out, const char *path)
{
    struct hg_safetensors *file;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&file, 1, path));
    HG_TRY_OR_CLEANUP(hg_string_copy(&file->path, path));
    HG_TRY_OR_CLEANUP(hg_file_map(&file->mapping, path));
    HG_TRY_OR_CLEANUP(parse_header(file));
    *out = file;
    return HG_OK;

cleanup:
    hg_safetensors_close(file);
    return status;
}

void hg_safetensors_close(struct hg_safetensors *file)
{
    if (!file)
        return;
    free(file->tensors);
    cJSON_Delete(file->header);
    hg_file_unmap(&file->mapping);
    free(file->path);
    free(file);
}

size_t hg_safetensors_count(const struct hg_safetensors *file)
{
    return file->count;
}

const struct hg_tensor *hg_safetensors_tensor(const struct hg_safetensors *file, size_t index)
{
    return &file->tensors[index];
}

const struct hg_tensor *hg_safetensors_find(const struct hg_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; ++i) {
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    }
    return NULL;
}

const char *hg_safetensors_metadata(const struct hg_safetensors *file, const char *key)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, HG_SAFETENSORS_METADATA);
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, key));
}
