/* Everything that two trained networks are compared by: tensors, totals and outputs. */
#ifndef HANDGRAD_HOST_PROOFS_NETWORK_STATE_H
#define HANDGRAD_HOST_PROOFS_NETWORK_STATE_H

#include "kernels/backend.h"

struct hg_network_state {
    double *tensors[HG_ROLES][HG_MAX_TENSORS]; /* velocities are read only where there is momentum */
    struct hg_totals trained, evaluated;       /* evaluated: over all samples */
    float *outputs;                            /* of forward, for all samples but the first */
};

/* How many numbers forward gives for a sample. */
size_t hg_network_outputs(const struct hg_network_spec *spec);

/* Zeroed memory for a network of spec->samples samples. After a failure, too, hg_network_state_free releases it. */
enum hg_status hg_network_state_create(struct hg_network_state *state, const struct hg_network_spec *spec);
void hg_network_state_free(struct hg_network_state *state);

/* Reads everything; `data` is the dataset of spec->samples samples. */
enum hg_status hg_network_state_read(struct hg_network_state *state, struct hg_network *network,
                                     const struct hg_network_spec *spec, const struct hg_data *data);

#endif
