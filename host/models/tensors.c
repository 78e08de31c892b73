#include "host/models/tensors.h"

#include <stdlib.h>

#include "host/formats/safetensors.h"
#include "host/models/network.h"
#include "kernels/base/try.h"

size_t hg_trainer_values(const struct hg_network_spec *spec)
{
    size_t values = 0;
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, i);
        values += shape.rows * shape.cols;
    }
    return values;
}

enum hg_status hg_network_get_all(struct hg_network *network, const struct hg_network_spec *spec, enum hg_role role,
                                  double *values)
{
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, i);
        HG_TRY(network->functions->get(network, role, i, values));
        values += shape.rows * shape.cols;
    }
    return HG_OK;
}

enum hg_status hg_network_set_all(struct hg_network *network, const struct hg_network_spec *spec, enum hg_role role,
                                  const double *values)
{
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, i);
        HG_TRY(network->functions->set(network, role, i, values));
        values += shape.rows * shape.cols;
    }
    return HG_OK;
}

enum hg_status hg_parameters_read(const char *path, const struct hg_network_spec *spec, double *values)
{
    struct hg_safetensors *file = NULL;
    HG_TRY(hg_safetensors_open(&file, path));
    enum hg_status status = HG_OK;
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape t = hg_tensor_shape(spec, i);
        const size_t matrix[] = {t.rows, t.cols};
        HG_TRY_OR_CLEANUP(
            hg_safetensors_read_double(file, t.name, t.vector ? 1 : 2, t.vector ? &t.cols : matrix, values));
        values += t.rows * t.cols;
    }

cleanup:
    hg_safetensors_close(file);
    return status;
}
