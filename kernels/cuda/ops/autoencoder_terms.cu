/* The autoencoder's loss and the coefficients of its gradient, from m x m matrices: (A13), (A14). 8 bytes read and 8
 * written for each of m * m elements, 64 KB at m = 64. The traces are summed in double: the loss is a small difference
 * of large numbers. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"
#include "kernels/cuda/ops/reduce.h"

struct terms_args {
    size_t samples;
    float encoder, decoder;
    unsigned m;
    window<const float> g, s;
    const float *squares;
    size_t square_count;
    window<float> p; /* data NULL: evaluation alone */
};

/* The two traces over this thread's elements (i, j) of G and S, and the elements of p that follow from them. */
struct traces {
    double gs, s;
};

__device__ static inline traces walk_elements(const terms_args &args, size_t thread, size_t threads)
{
    traces t = {0, 0};
    const unsigned m = args.m;
    for (size_t k = thread; k < size_t{m} * m; k += threads) {
        const unsigned i = static_cast<unsigned>(k) / m, j = static_cast<unsigned>(k) % m;
        const float g = *args.g.at(i, j), s = *args.s.at(i, j);
        t.gs += static_cast<double>(g) * static_cast<double>(s);
        if (i == j)
            t.s += static_cast<double>(s);
        if (args.p.data) {
            *args.p.at(i, j) = args.decoder * s;
            *args.p.at(i, m + j) = args.encoder * g - (i == j ? args.encoder + args.decoder : 0.0f);
        }
    }
    return t;
}

/* A grid-stride loop over the elements, then one over the squares; and the loss summed over all of them. */
static __global__ void __launch_bounds__(BLOCK)
    autoencoder_terms_kernel(hg_cuda_state *state, hg_cuda_scratch *scratch, terms_args args)
{
    const size_t thread = blockIdx.x * size_t{BLOCK} + threadIdx.x, threads = size_t{BLOCK} * gridDim.x;
    const traces trace = walk_elements(args, thread, threads);
    double square_sum = 0;
    for (size_t k = thread; k < args.square_count; k += threads)
        square_sum += static_cast<double>(args.squares[k]);

    const double of_thread = static_cast<double>(args.samples) * (trace.gs / 2 - trace.s) + square_sum / 2;
    const double of_block = block_sum(of_thread);
    if (threadIdx.x == 0)
        scratch->sums[blockIdx.x] = of_block;
    if (!is_last_block(&state->tickets[0], gridDim.x) || threadIdx.x >= WARP)
        return;
    const double loss = warp_total(scratch->sums, gridDim.x);
    if (threadIdx.x == 0) {
        state->totals.loss += loss;
        state->totals.samples += args.samples;
    }
}

enum hg_status hg_cuda_autoencoder_terms(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                         struct hg_const_matrix g, struct hg_const_matrix s,
                                         struct hg_const_matrix squares, struct hg_matrix p)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const terms_args args = {samples,
                             encoder,
                             decoder,
                             static_cast<unsigned>(g.rows),
                             window_of<const float>(g),
                             window_of<const float>(s),
                             static_cast<const float *>(squares.data),
                             squares.cols,
                             window_of<float>(p)};
    const size_t elements = g.rows * g.cols;
    const size_t items = elements > squares.cols ? elements : squares.cols;
    return HG_LAUNCH(cuda, autoencoder_terms_kernel, hg_blocks_at_most(items, BLOCK, HG_CUDA_SUM_BLOCKS), BLOCK,
                     cuda->state, cuda->scratch, args);
}
