/* Reading the tensors of an open file, converted where they are weights. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "host/formats/safetensors_types.h"
#include "kernels/base/try.h"

/* "[128,784]" */
static void format_shape(char *out, size_t size, const size_t *shape, size_t dimensions)
{
    size_t used = (size_t)snprintf(out, size, "[");
    for (size_t i = 0; i < dimensions && used < size; ++i)
        used += (size_t)snprintf(out + used, size - used, "%s%zu", i > 0 ? "," : "", shape[i]);
    if (used < size)
        snprintf(out + used, size - used, "]");
}

static enum hg_status find_of_shape(const struct hg_tensor **out, const struct hg_safetensors *file, const char *name,
                                    size_t dimensions, const size_t *shape)
{
    enum { TEXT = 200 }; /* eight numbers of 20 digits and their commas */
    const struct hg_tensor *tensor = hg_safetensors_find(file, name);
    if (!tensor)
        return hg_fail(HG_BAD_DATA, "%s: holds no tensor %s", file->path, name);
    if (tensor->dimensions != dimensions ||
        (dimensions > 0 && memcmp(tensor->shape, shape, dimensions * sizeof *shape) != 0)) {
        char has[TEXT];
        char wants[TEXT];
        format_shape(has, sizeof has, tensor->shape, tensor->dimensions);
        format_shape(wants, sizeof wants, shape, dimensions);
        return hg_fail(HG_BAD_DATA, "%s: %s is %s, expected %s", file->path, name, has, wants);
    }
    *out = tensor;
    return HG_OK;
}

static enum hg_status wrong_type(const struct hg_safetensors *file, const char *name, const char *expected)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(file->header, name);
    return hg_fail(HG_BAD_DATA, "%s: %s is of type %s, expected %s", file->path, name,
                   cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype")), expected);
}

static size_t element_count(const struct hg_tensor *tensor)
{
    size_t count = 1;
    for (size_t i = 0; i < tensor->dimensions; ++i)
        count *= tensor->shape[i];
    return count;
}

enum hg_status hg_safetensors_read(const struct hg_safetensors *file, const char *name, enum hg_tensor_type type,
                                   size_t dimensions, const size_t *shape, void *out)
{
    const struct hg_tensor *tensor = NULL;
    HG_TRY(find_of_shape(&tensor, file, name, dimensions, shape));
    if (tensor->type != type)
        return wrong_type(file, name, hg_tensor_types[type].name);
    memcpy(out, tensor->data, element_count(tensor) * hg_tensor_types[type].size);
    return HG_OK;
}

/* Sign, exponent and fraction of IEEE 754's binary16, which C11 has no type for. */
static double half_to_double(uint16_t bits)
{
    const unsigned exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    double value = exponent == 0x1f ? (fraction ? NAN : INFINITY)
                   : exponent == 0  ? ldexp(fraction, -24) /* subnormal */
                                    : ldexp(0x400 + fraction, (int)exponent - 25);
    return bits & 0x8000 ? -value : value;
}

/* Number `index` of tensor data, which may be unaligned. */
static double number_at(enum hg_tensor_type type, const unsigned char *data, size_t index)
{
    double wide;
    float narrow;
    uint16_t half;
    uint32_t bits;
    switch (type) {
    case HG_TENSOR_F64:
        memcpy(&wide, data + index * sizeof wide, sizeof wide);
        return wide;
    case HG_TENSOR_F16:
        memcpy(&half, data + index * sizeof half, sizeof half);
        return half_to_double(half);
    case HG_TENSOR_BF16: /* the upper half of a float */
        memcpy(&half, data + index * sizeof half, sizeof half);
        bits = (uint32_t)half << 16;
        memcpy(&narrow, &bits, sizeof narrow);
        return narrow;
    default:
        memcpy(&narrow, data + index * sizeof narrow, sizeof narrow);
        return narrow;
    }
}

enum hg_status hg_safetensors_read_double(const struct hg_safetensors *file, const char *name, size_t dimensions,
                                          const size_t *shape, double *out)
{
    const struct hg_tensor *tensor = NULL;
    HG_TRY(find_of_shape(&tensor, file, name, dimensions, shape));
    if (tensor->type != HG_TENSOR_F32 && tensor->type != HG_TENSOR_F64 && tensor->type != HG_TENSOR_F16 &&
        tensor->type != HG_TENSOR_BF16)
        return wrong_type(file, name, "F32, F64, F16 or BF16");
    const size_t count = element_count(tensor);
    for (size_t i = 0; i < count; ++i) {
        out[i] = number_at(tensor->type, tensor->data, i);
        if (!isfinite(out[i]))
            return hg_fail(HG_BAD_DATA, "%s: element %zu of %s is not finite", file->path, i, name);
        if (!isfinite((float)out[i]))
            return hg_fail(HG_BAD_DATA, "%s: element %zu of %s is %g, beyond the range of float32", file->path, i, name,
                           out[i]);
    }
    return HG_OK;
}
