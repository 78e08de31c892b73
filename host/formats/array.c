#include "host/formats/array.h"

enum hg_status hg_array_bytes(const char *path, size_t dimensions, const size_t *shape, size_t element_size,
                              size_t *bytes)
{
    size_t product = element_size;
    for (size_t i = 0; i < dimensions; ++i) {
        if (__builtin_mul_overflow(product, shape[i], &product))
            return hg_fail(HG_BAD_DATA, "%s: its header announces more bytes than any file can have", path);
    }
    *bytes = product;
    return HG_OK;
}

struct hg_image_shape hg_array_image_shape(const struct hg_array *array)
{
    if (array->dimensions < 3)
        return (struct hg_image_shape){0};
    return (struct hg_image_shape){array->shape[1], array->shape[2], array->dimensions == 4 ? array->shape[3] : 1};
}

size_t hg_array_features(const struct hg_array *array)
{
    size_t features = 1;
    for (size_t i = 1; i < array->dimensions; ++i)
        features *= array->shape[i];
    return features;
}

void hg_array_free(struct hg_array *array)
{
    hg_block_free(&array->values);
}
