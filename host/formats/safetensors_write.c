#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/json.h"
#include "host/formats/safetensors_types.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static size_t size_of(const struct hg_tensor *tensor)
{
    size_t size = hg_tensor_types[tensor->type].size;
    for (size_t i = 0; i < tensor->dimensions; ++i)
        size *= tensor->shape[i];
    return size;
}

static bool add_number(cJSON *array, double value)
{
    cJSON *number = cJSON_CreateNumber(value);
    if (cJSON_AddItemToArray(array, number))
        return true;
    cJSON_Delete(number); /* no array: there was no memory for it */
    return false;
}

static bool describe(cJSON *header, const struct hg_tensor *tensor, size_t begin)
{
    cJSON *entry = cJSON_AddObjectToObject(header, tensor->name);
    if (!cJSON_AddStringToObject(entry, "dtype", hg_tensor_types[tensor->type].name))
        return false;
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (size_t i = 0; i < tensor->dimensions; ++i) {
        if (!add_number(shape, (double)tensor->shape[i]))
            return false;
    }
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    return shape && add_number(offsets, (double)begin) && add_number(offsets, (double)(begin + size_of(tensor)));
}

/* The header as text, for cJSON_free; NULL: there was no memory for it. */
static char *make_header(const struct hg_tensor *tensors, size_t tensor_count, const struct hg_metadata *metadata,
                         size_t metadata_count)
{
    char *text = NULL;
    cJSON *header = cJSON_CreateObject();
    cJSON *texts = metadata_count > 0 ? cJSON_AddObjectToObject(header, HG_SAFETENSORS_METADATA) : NULL;
    for (size_t i = 0; i < metadata_count; ++i) {
        if (!cJSON_AddStringToObject(texts, metadata[i].key, metadata[i].value))
            goto cleanup;
    }
    size_t offset = 0;
    for (size_t i = 0; i < tensor_count; ++i) {
        if (!describe(header, &tensors[i], offset))
            goto cleanup;
        offset += size_of(&tensors[i]);
    }
    text = cJSON_PrintUnformatted(header);

cleanup:
    cJSON_Delete(header);
    return text;
}

enum hg_status hg_safetensors_write(const char *path, const struct hg_tensor *tensors, size_t tensor_count,
                                    const struct hg_metadata *metadata, size_t metadata_count)
{
    char *header = NULL;
    struct iovec *parts = NULL;
    enum hg_status status = HG_OK;
    char *text = make_header(tensors, tensor_count, metadata, metadata_count);
    if (!text)
        return hg_fail_out_of_memory(path);
    const size_t length = (strlen(text) + 7) / 8 * 8; /* spaces, so that the data behind it is 8 bytes aligned */
    HG_TRY_OR_CLEANUP(hg_string_format(&header, "%-*s", (int)length, text));
    HG_TRY_OR_CLEANUP(hg_allocate(&parts, tensor_count + 2, path));
    unsigned char length_bytes[HG_SAFETENSORS_LENGTH_SIZE];
    for (size_t i = 0; i < HG_SAFETENSORS_LENGTH_SIZE; ++i)
        length_bytes[i] = (unsigned char)(length >> (8 * i));
    parts[0] = (struct iovec){length_bytes, HG_SAFETENSORS_LENGTH_SIZE};
    parts[1] = (struct iovec){header, length};
    for (size_t i = 0; i < tensor_count; ++i)
        parts[i + 2] = (struct iovec){(void *)tensors[i].data, size_of(&tensors[i])};
    HG_TRY_OR_CLEANUP(hg_file_replace(path, parts, tensor_count + 2));

cleanup:
    free(parts);
    free(header);
    cJSON_free(text);
    return status;
}
