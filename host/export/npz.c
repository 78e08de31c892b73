/* NumPy's .npz: the weights as arrays under the names and shapes of PyTorch, in float32. */
#include <stdio.h>

#include "host/export/export.h"
#include "host/formats/npy_header.h"
#include "host/formats/zip.h"

enum { NAME_SIZE = 64 };

enum hg_status hg_export_npz(const char *out, const struct hg_export_model *model)
{
    struct hg_zip_entry entries[HG_MAX_TENSORS];
    char names[HG_MAX_TENSORS][NAME_SIZE], headers[HG_MAX_TENSORS][HG_NPY_HEADER_SIZE];
    const size_t count = hg_tensor_count(model->spec.kind);
    for (size_t i = 0; i < count; ++i) {
        const struct hg_tensor_shape tensor = hg_tensor_shape(&model->spec, i);
        const size_t shape[] = {tensor.rows, tensor.cols};
        const size_t bytes = tensor.rows * tensor.cols * sizeof *model->weights[i];
        snprintf(names[i], NAME_SIZE, "%s.npy", tensor.name);
        hg_npy_header_fill(headers[i], tensor.vector ? 1 : 2, tensor.vector ? shape + 1 : shape);
        entries[i] =
            (struct hg_zip_entry){names[i], {{headers[i], HG_NPY_HEADER_SIZE}, {(void *)model->weights[i], bytes}}};
    }
    return hg_zip_write(out, entries, count);
}
