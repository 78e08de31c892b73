#include "host/proofs/network_state.h"

#include <stdlib.h>

#include "host/models/network.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

size_t hg_network_outputs(const struct hg_network_spec *spec)
{
    return spec->kind == HG_NETWORK_MLP ? spec->classes : spec->hidden;
}

enum hg_status hg_network_state_create(struct hg_network_state *state, const struct hg_network_spec *spec)
{
    *state = (struct hg_network_state){.outputs = NULL};
    for (size_t t = 0; t < hg_tensor_count(spec->kind); ++t) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, t);
        for (size_t role = 0; role < HG_ROLES; ++role)
            HG_TRY(hg_allocate(&state->tensors[role][t], shape.rows * shape.cols, "a network's tensors"));
    }
    return hg_allocate(&state->outputs, spec->samples * hg_network_outputs(spec), "a network's outputs");
}

void hg_network_state_free(struct hg_network_state *state)
{
    for (size_t role = 0; role < HG_ROLES; ++role)
        for (size_t t = 0; t < HG_MAX_TENSORS; ++t)
            free(state->tensors[role][t]);
    free(state->outputs);
}

enum hg_status hg_network_state_read(struct hg_network_state *state, struct hg_network *network,
                                     const struct hg_network_spec *spec, const struct hg_data *data)
{
    const struct hg_network_functions *f = network->functions;
    HG_TRY(f->totals(network, &state->trained));
    HG_TRY(f->evaluate(network, data, spec->samples, &state->evaluated));
    for (size_t role = 0; role < (spec->momentum > 0 ? HG_ROLES : HG_VELOCITY); ++role)
        for (size_t t = 0; t < hg_tensor_count(spec->kind); ++t)
            HG_TRY(f->get(network, (enum hg_role)role, t, state->tensors[role][t]));
    return f->forward(network, data, 1, spec->samples - 1, state->outputs);
}
