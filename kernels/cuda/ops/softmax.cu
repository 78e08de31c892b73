/* softmax_xent: bias, softmax, cross-entropy, their gradient and the bias gradient, in one launch (M4) to (M6).
 *
 * A warp takes one row at a time and keeps it in registers: lane l holds classes l, l + 32, l + 64, ... So a row is
 * read once and written once, and its maximum and its sum are five shuffles each. A batch of 128 rows and 10 classes is
 * 10 KB: latency, not bandwidth, is what this kernel costs, hence one launch for all of it. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"
#include "kernels/cuda/ops/reduce.h"

enum { NO_CLASS = HG_MAX_CLASSES /* greater than every class */ };

struct softmax_args {
    size_t rows;
    unsigned classes;
    window<const float> z;
    const float *bias;
    const uint8_t *labels;
    window<float> dz; /* data NULL: evaluation alone, so neither dz nor db is written */
    bias_gradient db;
};

/* What a warp finds in its rows. */
struct row_sums {
    double loss;
    unsigned correct;
};

struct maximum {
    float logit;
    unsigned label; /* its class; the lowest of equals */
};

/* The class that this lane holds in its k-th register. */
__device__ static inline unsigned class_of(int k)
{
    return threadIdx.x % WARP + k * WARP;
}

/* a = z + bias; -inf in the registers beyond the last class. */
template <int PER_LANE>
__device__ static inline void load_logits(float (&a)[PER_LANE], const float *z, const float (&bias)[PER_LANE],
                                          unsigned classes)
{
    for (int k = 0; k < PER_LANE; ++k)
        a[k] = class_of(k) < classes ? z[class_of(k)] + bias[k] : -INFINITY;
}

template <int PER_LANE> __device__ static inline maximum find_maximum(const float (&a)[PER_LANE])
{
    maximum m = {-INFINITY, NO_CLASS};
    for (int k = 0; k < PER_LANE; ++k)
        if (a[k] > m.logit)
            m = {a[k], class_of(k)};
    for (int lanes = WARP / 2; lanes > 0; lanes /= 2) {
        const maximum other = {__shfl_xor_sync(ALL_LANES, m.logit, lanes), __shfl_xor_sync(ALL_LANES, m.label, lanes)};
        if (other.logit > m.logit || (other.logit == m.logit && other.label < m.label))
            m = other;
    }
    return m;
}

/* The logit of class `label`, in every lane. A label that is no class gives -inf and so an infinite loss: visible, and
 * nothing is read out of bounds. */
template <int PER_LANE> __device__ static inline float logit_of(const float (&a)[PER_LANE], unsigned label)
{
    float logit = -INFINITY;
    for (int k = 0; k < PER_LANE; ++k)
        if (class_of(k) == label)
            logit = a[k];
    return __shfl_sync(ALL_LANES, logit, label % WARP);
}

/* a = exp(a - largest); returns the sum over the row. With the largest logit subtracted no exponential overflows, and
 * the sum is at least 1. */
template <int PER_LANE>
__device__ static inline float exponentials(float (&a)[PER_LANE], float largest, unsigned classes)
{
    float sum = 0;
    for (int k = 0; k < PER_LANE; ++k) {
        a[k] = class_of(k) < classes ? expf(a[k] - largest) : 0;
        sum += a[k];
    }
    return warp_sum(sum);
}

/* dz = softmax - onehot(label), from the exponentials and their sum; adds dz to the lane's sums over rows. */
template <int PER_LANE>
__device__ static inline void store_gradient(float *dz, const float (&exponential)[PER_LANE], float sum, unsigned label,
                                             unsigned classes, float (&column_sums)[PER_LANE])
{
    for (int k = 0; k < PER_LANE; ++k) {
        const unsigned c = class_of(k);
        if (c >= classes)
            continue;
        const float d = exponential[k] / sum - (c == label ? 1.0f : 0.0f);
        dz[c] = d;
        column_sums[k] += d;
    }
}

/* The rows of this warp: rows warp, warp + all warps of the grid, ... */
template <int PER_LANE>
__device__ static inline row_sums walk_rows(const softmax_args &args, float (&column_sums)[PER_LANE])
{
    float bias[PER_LANE];
    for (int k = 0; k < PER_LANE; ++k)
        bias[k] = class_of(k) < args.classes ? args.bias[class_of(k)] : 0;

    row_sums sums = {0, 0};
    const size_t warp = blockIdx.x * size_t{WARPS} + threadIdx.x / WARP;
    for (size_t b = warp; b < args.rows; b += size_t{WARPS} * gridDim.x) {
        const unsigned label = args.labels[b];
        float a[PER_LANE];
        load_logits(a, args.z.at(b, 0), bias, args.classes);
        const maximum largest = find_maximum(a);
        const float of_label = logit_of(a, label);
        const float sum = exponentials(a, largest.logit, args.classes);
        sums.loss += logf(sum) - (of_label - largest.logit);
        sums.correct += largest.label == label;
        if (args.dz.data)
            store_gradient(args.dz.at(b, 0), a, sum, label, args.classes, column_sums);
    }
    return sums;
}

/* Adds up the block's warps, in their order, and leaves the results in scratch: the column sum of class c at
 * columns[c * blocks + block]. */
template <int PER_LANE>
__device__ static inline void store_block_sums(hg_cuda_scratch *scratch, const softmax_args &args, row_sums of_rows,
                                               const float (&column_sums)[PER_LANE])
{
    __shared__ float columns[WARPS][WARP * PER_LANE];
    __shared__ double losses[WARPS];
    __shared__ unsigned counts[WARPS];
    const unsigned warp = threadIdx.x / WARP;
    for (int k = 0; k < PER_LANE; ++k)
        columns[warp][class_of(k)] = column_sums[k];
    if (threadIdx.x % WARP == 0) {
        losses[warp] = of_rows.loss;
        counts[warp] = of_rows.correct;
    }
    __syncthreads();
    if (args.dz.data && threadIdx.x < args.classes) {
        float sum = 0;
        for (int w = 0; w < WARPS; ++w)
            sum += columns[w][threadIdx.x];
        scratch->columns[threadIdx.x * gridDim.x + blockIdx.x] = sum;
    }
    if (threadIdx.x == 0) {
        row_sums sum = {0, 0};
        for (int w = 0; w < WARPS; ++w) {
            sum.loss += losses[w];
            sum.correct += counts[w];
        }
        scratch->sums[blockIdx.x] = sum.loss;
        scratch->counts[blockIdx.x] = sum.correct;
    }
}

/* Adds up the blocks, in their order: a warp a class for the bias gradient, warp 0 for the totals too. */
__device__ static inline void finish(hg_cuda_state *state, const hg_cuda_scratch *scratch, const softmax_args &args)
{
    const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    if (warp == 0) {
        const double loss = warp_total(scratch->sums, gridDim.x);
        const unsigned correct = warp_total(scratch->counts, gridDim.x);
        if (lane == 0) {
            state->totals.loss += loss;
            state->totals.correct += correct;
            state->totals.samples += args.rows;
        }
    }
    for (unsigned c = warp; args.dz.data && c < args.classes; c += WARPS) {
        const float sum = warp_total(scratch->columns + c * gridDim.x, gridDim.x);
        if (lane == 0)
            add_bias_gradient(args.db, c, state->scalars, sum);
    }
}

/* PER_LANE: registers that a lane needs for its classes. */
template <int PER_LANE>
static __global__ void __launch_bounds__(BLOCK)
    softmax_xent_kernel(hg_cuda_state *state, hg_cuda_scratch *scratch, softmax_args args)
{
    float column_sums[PER_LANE] = {};
    const row_sums sums = walk_rows(args, column_sums);
    store_block_sums(scratch, args, sums, column_sums);
    /* db may be the bias itself (plain SGD): only the last block writes it, when every block has read it. */
    if (is_last_block(&state->tickets[0], gridDim.x))
        finish(state, scratch, args);
}

enum hg_status hg_cuda_softmax_xent(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                    struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                    enum hg_scalar beta, struct hg_matrix db)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const softmax_args args = {z.rows,
                               static_cast<unsigned>(z.cols),
                               window_of<const float>(z),
                               static_cast<const float *>(bias.data),
                               labels.data,
                               window_of<float>(dz),
                               bias_gradient_of(db, alpha, beta)};
    const auto kernel = z.cols <= WARP ? softmax_xent_kernel<1> : softmax_xent_kernel<HG_MAX_CLASSES / WARP>;
    return hg_launch(cuda, "softmax_xent_kernel", kernel, hg_blocks_at_most(z.rows, WARPS, HG_CUDA_SUM_BLOCKS), BLOCK,
                     cuda->state, cuda->scratch, args);
}
