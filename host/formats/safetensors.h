/* Files of named tensors in the safetensors format: eight bytes of header length, a JSON header, the data. */
#ifndef HANDGRAD_HOST_FORMATS_SAFETENSORS_H
#define HANDGRAD_HOST_FORMATS_SAFETENSORS_H

#include <stddef.h>

#include "handgrad/status.h"

/* HG_TENSOR_OTHER: a type of the format that handgrad has no use for, such as U8. */
enum hg_tensor_type {
    HG_TENSOR_F32,
    HG_TENSOR_F64,
    HG_TENSOR_U64,
    HG_TENSOR_I64,
    HG_TENSOR_F16,  /* read, never written */
    HG_TENSOR_BF16, /* likewise */
    HG_TENSOR_OTHER
};

enum { HG_TENSOR_DIMENSIONS = 8 };

struct hg_tensor {
    const char *name;
    enum hg_tensor_type type;
    size_t dimensions; /* 0: a scalar */
    size_t shape[HG_TENSOR_DIMENSIONS];
    const void *data; /* row-major; may be unaligned in a tensor that was read */
};

/* Text that travels in the header. */
struct hg_metadata {
    const char *key, *value;
};

/* Replaces `path` as a whole. The tensors' data lie in the file in the order given, 8 bytes aligned as long as each
 * size is a multiple of 8. Status: as hg_file_replace. */
enum hg_status hg_safetensors_write(const char *path, const struct hg_tensor *tensors, size_t tensor_count,
                                    const struct hg_metadata *metadata, size_t metadata_count);

struct hg_safetensors;

/* Opens a file after checking all of its header: every tensor lies within the file, has the size its shape and type
 * say, and none overlap or leave gaps. Status: HG_NO_INPUT, HG_BAD_DATA, HG_IO, HG_INTERNAL. */
enum hg_status hg_safetensors_open(struct hg_safetensors **out, const char *path);
void hg_safetensors_close(struct hg_safetensors *file);

/* The tensors of the file, in the order of its header; they live as long as `file`. */
size_t hg_safetensors_count(const struct hg_safetensors *file);
const struct hg_tensor *hg_safetensors_tensor(const struct hg_safetensors *file, size_t index);
/* The tensor or the text of that name; NULL where there is none. */
const struct hg_tensor *hg_safetensors_find(const struct hg_safetensors *file, const char *name);
const char *hg_safetensors_metadata(const struct hg_safetensors *file, const char *key);

/* Copies the tensor of that name, which must have that type and shape: HG_BAD_DATA, naming file, tensor and both
 * shapes, where it has not, or is not there. */
enum hg_status hg_safetensors_read(const struct hg_safetensors *file, const char *name, enum hg_tensor_type type,
                                   size_t dimensions, const size_t *shape, void *out);
/* The same for weights: F32, F64, F16 or BF16, converted to double; each must be finite, in float32 too. */
enum hg_status hg_safetensors_read_double(const struct hg_safetensors *file, const char *name, size_t dimensions,
                                          const size_t *shape, double *out);

#endif
