/* Inside of the format: safetensors.c opens a file, safetensors_read.c reads its tensors, safetensors_write.c writes
 * one.
 */
#ifndef HANDGRAD_HOST_FORMATS_SAFETENSORS_TYPES_H
#define HANDGRAD_HOST_FORMATS_SAFETENSORS_TYPES_H

#include "host/formats/json.h"
#include "host/formats/safetensors.h"
#include "kernels/base/file.h"

enum { HG_SAFETENSORS_LENGTH_SIZE = 8 }; /* the header's length, 64 bits little-endian, comes first */

struct hg_safetensors {
    char *path;
    struct hg_mapping mapping;
    cJSON *header;
    struct hg_tensor *tensors;
    size_t count;
};

#define HG_SAFETENSORS_METADATA "__metadata__"

/* Every element type that the format defines in whole bytes: files may hold tensors that handgrad does not ask for. The
 * first ones are in the order of enum hg_tensor_type. */
static const struct {
    const char *name;
    size_t size;
    enum hg_tensor_type type;
} hg_tensor_types[] = {
    {"F32", 4, HG_TENSOR_F32},       {"F64", 8, HG_TENSOR_F64},       {"U64", 8, HG_TENSOR_U64},
    {"I64", 8, HG_TENSOR_I64},       {"F16", 2, HG_TENSOR_F16},       {"BF16", 2, HG_TENSOR_BF16},
    {"BOOL", 1, HG_TENSOR_OTHER},    {"U8", 1, HG_TENSOR_OTHER},      {"I8", 1, HG_TENSOR_OTHER},
    {"F8_E5M2", 1, HG_TENSOR_OTHER}, {"F8_E4M3", 1, HG_TENSOR_OTHER}, {"I16", 2, HG_TENSOR_OTHER},
    {"U16", 2, HG_TENSOR_OTHER},     {"I32", 4, HG_TENSOR_OTHER},     {"U32", 4, HG_TENSOR_OTHER},
    {"F8_E8M0", 1, HG_TENSOR_OTHER}, {"C64", 8, HG_TENSOR_OTHER},
};

#endif
