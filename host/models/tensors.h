/* All tensors of a network at once, in the layout of the files. */
#ifndef HANDGRAD_HOST_MODELS_TENSORS_H
#define HANDGRAD_HOST_MODELS_TENSORS_H

#include "kernels/network.h"

/* All tensors of a role, one after the other, as doubles in canonical layout (kernels/network.h): how many values they
 * have, and copying them from and to the network. */
size_t hg_trainer_values(const struct hg_network_spec *spec);
enum hg_status hg_network_get_all(struct hg_network *network, const struct hg_network_spec *spec, enum hg_role role,
                                  double *values);
enum hg_status hg_network_set_all(struct hg_network *network, const struct hg_network_spec *spec, enum hg_role role,
                                  const double *values);

#endif
