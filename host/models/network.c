#include "host/models/network.h"

#include "host/models/op_list.h"
#include "kernels/base/try.h"

bool hg_backend_has_own(const struct hg_backend *backend)
{
    return backend->network_create || backend->training_create;
}

enum hg_status hg_own_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec)
{
    *out = NULL;
    if (ctx->backend->network_create)
        HG_TRY(ctx->backend->network_create(out, ctx, data, spec));
    if (!*out && ctx->backend->training_create)
        HG_TRY(hg_trained_list_create(out, ctx, data, spec));
    return HG_OK;
}

enum hg_status hg_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                 const struct hg_network_spec *spec)
{
    struct hg_network *network = NULL;
    if (!spec->gradient.compute)
        HG_TRY(hg_own_network_create(&network, ctx, data, spec));
    if (!network)
        return hg_list_network_create(out, ctx, data, spec);
    *out = network;
    return HG_OK;
}

size_t hg_tensor_count(enum hg_network_kind kind)
{
    return kind == HG_NETWORK_MLP ? HG_MLP_TENSORS : HG_AUTOENCODER_TENSORS;
}

struct hg_tensor_shape hg_tensor_shape(const struct hg_network_spec *spec, size_t index)
{
    if (spec->kind == HG_NETWORK_AUTOENCODER)
        return (struct hg_tensor_shape){"encoder.weight", spec->hidden, spec->features, false};
    const struct hg_tensor_shape shapes[HG_MLP_TENSORS] = {
        {"fc1.weight", spec->hidden, spec->features, false},
        {"fc1.bias", 1, spec->hidden, true},
        {"fc2.weight", spec->classes, spec->hidden, false},
        {"fc2.bias", 1, spec->classes, true},
    };
    return shapes[index];
}

void hg_network_flops(const struct hg_network *network, const struct hg_network_spec *spec, double flops[HG_PHASES])
{
    if (network->functions->flops)
        network->functions->flops(network, flops);
    else
        hg_list_flops(spec, flops);
}

void hg_list_flops(const struct hg_network_spec *spec, double flops[HG_PHASES])
{
    const double b = (double)spec->batch, d = (double)spec->features, h = (double)spec->hidden,
                 c = (double)spec->classes;
    for (size_t p = 0; p < HG_PHASES; ++p)
        flops[p] = 0;
    if (spec->kind == HG_NETWORK_MLP) {
        flops[HG_PHASE_FORWARD] = 2 * b * h * (d + c);
        flops[HG_PHASE_BACKWARD] = 2 * b * h * (d + 2 * c); /* dW1, dW2, dh */
    } else if (spec->second_moment) {
        flops[HG_PHASE_FORWARD] = 2 * h * d * (d + 2 * h); /* A = WC, [G; S] = [W; A] W^T */
        flops[HG_PHASE_BACKWARD] = 2 * h * d * 2 * h;
    } else {
        flops[HG_PHASE_FORWARD] = 2 * (b + h) * d * h;  /* [Z; G] = [X; W] W^T */
        flops[HG_PHASE_BACKWARD] = 2 * h * b * (d + h); /* [A S] = Z^T [X Z], then P [W; A] */
        flops[HG_PHASE_BACKWARD] += spec->gradient.compute ? spec->gradient.flops : 2 * h * d * 2 * h;
    }
}
