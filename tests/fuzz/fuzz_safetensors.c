#include <stdlib.h>

#include "host/formats/safetensors.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_file file = fuzz_file_create(bytes, size);
    struct hg_safetensors *tensors;
    if (hg_safetensors_open(&tensors, file.path) == HG_OK) {
        for (size_t i = 0; i < hg_safetensors_count(tensors); ++i) {
            const struct hg_tensor *t = hg_safetensors_tensor(tensors, i);
            double *values = malloc(size * sizeof *values + 1); /* no tensor has more numbers than the file has bytes */
            if (!values)
                abort();
            if (t->type != HG_TENSOR_OTHER)
                hg_safetensors_read(tensors, t->name, t->type, t->dimensions, t->shape, values);
            hg_safetensors_read_double(tensors, t->name, t->dimensions, t->shape, values);
            free(values);
        }
        hg_safetensors_metadata(tensors, "format");
        hg_safetensors_close(tensors);
    }
    fuzz_file_remove(&file);
    return 0;
}
