/* SGD: bound by memory, 12 bytes a parameter, 20 with momentum; four parameters a thread. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"

enum { BLOCK = 256 };

__global__ void __launch_bounds__(BLOCK)
    sgd_update_kernel(const float *scalars, size_t quads, size_t cols, float *w, size_t w_stride, const float *g,
                      size_t g_stride, float *v, size_t v_stride, float momentum, float weight_decay, bool nesterov,
                      bool wide)
{
    const size_t index = blockIdx.x * size_t{BLOCK} + threadIdx.x;
    if (index >= quads)
        return;
    const quad_place at = place_of_quad(index, cols);
    const size_t left = cols - at.col;
    const float rate = scalars[HG_RATE];
    float *const w_at = w + at.row * w_stride + at.col;
    quad weight = load_quad(w_at, left, wide);
    quad step = load_quad(g + at.row * g_stride + at.col, left, wide);
    for (int i = 0; i < 4; ++i)
        step.v[i] += weight_decay * weight.v[i];
    if (v) {
        float *const v_at = v + at.row * v_stride + at.col;
        quad velocity = load_quad(v_at, left, wide);
        for (int i = 0; i < 4; ++i) {
            velocity.v[i] = momentum * velocity.v[i] + step.v[i];
            step.v[i] = nesterov ? step.v[i] + momentum * velocity.v[i] : velocity.v[i];
        }
        store_quad(v_at, velocity, left, wide);
    }
    for (int i = 0; i < 4; ++i)
        weight.v[i] -= rate * step.v[i];
    store_quad(w_at, weight, left, wide);
}

enum hg_status hg_cuda_sgd_update(struct hg_context *ctx, struct hg_matrix w, struct hg_matrix g, struct hg_matrix v,
                                  float momentum, float weight_decay, bool nesterov)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const size_t quads = quads_of(w);
    const bool wide = is_wide(w) && is_wide(g) && is_wide(v);
    return HG_LAUNCH(cuda, sgd_update_kernel, hg_blocks(quads, BLOCK), BLOCK, cuda->state->scalars, quads, w.cols,
                     static_cast<float *>(w.data), w.stride, static_cast<const float *>(g.data), g.stride,
                     static_cast<float *>(v.data), v.stride, momentum, weight_decay, nesterov, wide);
}
