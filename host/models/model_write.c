/* Writing a file of weights. */
#include <stdlib.h>

#include "host/models/model_file.h"
#include "host/models/network.h"
#include "host/models/tensors.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_model_file_write(const char *path, const struct hg_model_info *info, const double *values)
{
    const struct hg_network_spec spec = hg_model_spec(info);
    const size_t count = hg_trainer_values(&spec), tensor_count = hg_tensor_count(spec.kind);
    struct hg_tensor tensors[HG_MAX_TENSORS];
    struct hg_model_metadata metadata;
    float *floats;
    HG_TRY(hg_allocate(&floats, count, "the weights to be written"));
    for (size_t i = 0; i < count; ++i)
        floats[i] = (float)values[i];
    const float *at = floats;
    for (size_t i = 0; i < tensor_count; ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(&spec, i);
        tensors[i] = (struct hg_tensor){.name = shape.name,
                                        .type = HG_TENSOR_F32,
                                        .dimensions = shape.vector ? 1 : 2,
                                        .shape = {shape.vector ? shape.cols : shape.rows, shape.cols},
                                        .data = at};
        at += shape.rows * shape.cols;
    }
    hg_model_metadata_fill(&metadata, info);
    const enum hg_status status = hg_safetensors_write(path, tensors, tensor_count, metadata.rows, metadata.count);
    free(floats);
    return status;
}
