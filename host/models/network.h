/* Makes a network (kernels/network.h): the backend's own if it has one, else the list of ops. */
#ifndef HANDGRAD_HOST_MODELS_NETWORK_H
#define HANDGRAD_HOST_MODELS_NETWORK_H

#include "kernels/backend.h"

/* `data` and `ctx` must outlive the network. spec->second_moment is copied; nothing else of spec is kept by reference.
 */
enum hg_status hg_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                 const struct hg_network_spec *spec);

/* What the backend has of its own: a network (network_create), or training on the list's tensors (training_create).
 * *out NULL on HG_OK: neither, for this model, dataset or option. */
enum hg_status hg_own_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec);
/* Whether the backend offers either at all. */
bool hg_backend_has_own(const struct hg_backend *backend);

/* Always the list of ops, which defines the model: a backend's own network is compared with it. */
enum hg_status hg_list_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec);

/* Shape of parameter `index`, and its name in files; the number of parameters of a kind. */
struct hg_tensor_shape {
    const char *name;
    size_t rows, cols;
    bool vector; /* one-dimensional in files: a bias */
};
struct hg_tensor_shape hg_tensor_shape(const struct hg_network_spec *spec, size_t index);
size_t hg_tensor_count(enum hg_network_kind kind);

/* Floating-point operations of a full batch's step, by phase: two for each multiply-add of a GEMM, even where the input
 * is zero. The first counts what this network does, the second what the list of ops would do. */
void hg_network_flops(const struct hg_network *network, const struct hg_network_spec *spec, double flops[HG_PHASES]);
void hg_list_flops(const struct hg_network_spec *spec, double flops[HG_PHASES]);

#endif
