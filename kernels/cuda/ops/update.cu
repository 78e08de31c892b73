/* sgd_update: (S1), (S2) of docs/MATH.md. Limited by memory: 12 bytes a parameter, 20 with momentum. A thread takes
 * four parameters. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"

struct sgd_args {
    quad_grid grid;
    window<float> w;
    window<const float> g;
    window<float> v; /* data NULL: plain SGD */
    float gain, momentum, weight_decay;
    bool nesterov;
};

static __global__ void __launch_bounds__(BLOCK) sgd_update_kernel(const float *scalars, sgd_args args)
{
    const size_t index = blockIdx.x * size_t{BLOCK} + threadIdx.x;
    if (index >= args.grid.quads)
        return;
    const quad_place at = place_of_quad(args.grid, index);
    const bool wide = args.grid.wide;
    const float rate = scalars[HG_RATE];
    float *const w = args.w.at(at.row, at.col);
    quad weight = load_quad(w, at.left, wide);
    quad step = load_quad(args.g.at(at.row, at.col), at.left, wide);
    for (int i = 0; i < 4; ++i)
        step.v[i] = args.gain * step.v[i] + args.weight_decay * weight.v[i];
    if (args.v.data) {
        float *const v = args.v.at(at.row, at.col);
        quad velocity = load_quad(v, at.left, wide);
        for (int i = 0; i < 4; ++i) {
            velocity.v[i] = args.momentum * velocity.v[i] + step.v[i];
            step.v[i] = args.nesterov ? step.v[i] + args.momentum * velocity.v[i] : velocity.v[i];
        }
        store_quad(v, velocity, at.left, wide);
    }
    for (int i = 0; i < 4; ++i)
        weight.v[i] -= rate * step.v[i];
    store_quad(w, weight, at.left, wide);
}

enum hg_status hg_cuda_sgd_update(struct hg_context *ctx, struct hg_matrix w, struct hg_const_matrix g,
                                  struct hg_matrix v, float gain, float momentum, float weight_decay, bool nesterov)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const bool wide = is_wide(w) && is_wide(g) && is_wide(v);
    const sgd_args args = {quad_grid_of(w, wide),
                           window_of<float>(w),
                           window_of<const float>(g),
                           window_of<float>(v),
                           gain,
                           momentum,
                           weight_decay,
                           nesterov};
    return HG_LAUNCH(cuda, sgd_update_kernel, hg_blocks(args.grid.quads, BLOCK), BLOCK, cuda->state->scalars, args);
}
