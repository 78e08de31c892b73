#include "host/models/tensors.h"

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
