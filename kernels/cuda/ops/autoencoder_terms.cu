/* The autoencoder's loss and the coefficients of its gradient, from m x m matrices: 8 bytes read and 8 written for each
 * of m * m elements, 64 KB at m = 64. Traces in double: the loss is a small difference of large numbers. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/reduce.h"

enum { BLOCK = 256 };

__global__ void __launch_bounds__(BLOCK)
    autoencoder_terms_kernel(hg_cuda_state *state, hg_cuda_scratch *scratch, size_t samples, float encoder,
                             float decoder, unsigned m, const float *g, size_t g_stride, const float *s,
                             size_t s_stride, const float *squares, size_t square_count, float *p, size_t p_stride)
{
    const size_t thread = blockIdx.x * size_t{BLOCK} + threadIdx.x, threads = size_t{BLOCK} * gridDim.x;
    double trace_gs = 0, trace_s = 0, square_sum = 0;
    for (size_t k = thread; k < size_t{m} * m; k += threads) {
        const unsigned i = static_cast<unsigned>(k) / m, j = static_cast<unsigned>(k) % m;
        const float g_ij = g[i * g_stride + j], s_ij = s[i * s_stride + j];
        trace_gs += static_cast<double>(g_ij) * static_cast<double>(s_ij);
        if (i == j)
            trace_s += static_cast<double>(s_ij);
        if (p) {
            p[i * p_stride + j] = decoder * s_ij;
            p[i * p_stride + m + j] = encoder * g_ij - (i == j ? encoder + decoder : 0.0f);
        }
    }
    for (size_t k = thread; k < square_count; k += threads)
        square_sum += static_cast<double>(squares[k]);

    const double of_thread = static_cast<double>(samples) * (trace_gs / 2 - trace_s) + square_sum / 2;
    const double of_block = block_sum<BLOCK / WARP>(of_thread);
    if (threadIdx.x == 0)
        scratch->sums[blockIdx.x] = of_block;
    if (!comes_last(&state->tickets[0], gridDim.x) || threadIdx.x >= WARP)
        return;
    const double loss = warp_total(scratch->sums, gridDim.x);
    if (threadIdx.x == 0) {
        state->totals.loss += loss;
        state->totals.samples += samples;
    }
}

enum hg_status hg_cuda_autoencoder_terms(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                         struct hg_matrix g, struct hg_matrix s, struct hg_matrix squares,
                                         struct hg_matrix p)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const size_t elements = g.rows * g.cols;
    const unsigned blocks =
        hg_blocks_at_most(elements > squares.cols ? elements : squares.cols, BLOCK, HG_CUDA_SUM_BLOCKS);
    return HG_LAUNCH(cuda, autoencoder_terms_kernel, blocks, BLOCK, cuda->state, cuda->scratch, samples, encoder,
                     decoder, static_cast<unsigned>(g.rows), static_cast<const float *>(g.data), g.stride,
                     static_cast<const float *>(s.data), s.stride, static_cast<const float *>(squares.data),
                     squares.cols, static_cast<float *>(p.data), p.stride);
}
