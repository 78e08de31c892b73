/* Sums within a warp, within a block, and across the blocks of one launch. Their order depends on shapes alone, so that
 * equal calls give equal bits.
 *
 * Across blocks: every block writes its partial sum to device memory, then counts itself in an atomic counter, its
 * ticket. The block that counts last knows that all partial sums are there and adds them up, in the order of the
 * blocks. So a reduction needs no second launch, and atomics add no floats, whose order would differ from run to run.
 */
#ifndef HANDGRAD_KERNELS_CUDA_OPS_REDUCE_H
#define HANDGRAD_KERNELS_CUDA_OPS_REDUCE_H

#include "kernels/cuda/ops/launch.h"

template <class T> __device__ static inline T warp_sum(T value)
{
    for (int lanes = WARP / 2; lanes > 0; lanes /= 2)
        value += __shfl_xor_sync(ALL_LANES, value, lanes);
    return value;
}

/* The sum over a one-dimensional block of BLOCK threads, in every thread. */
template <class T> __device__ static inline T block_sum(T value)
{
    __shared__ T of_warp[WARPS];
    value = warp_sum(value);
    if (threadIdx.x % WARP == 0)
        of_warp[threadIdx.x / WARP] = value;
    __syncthreads();
    T sum = 0;
    for (int w = 0; w < WARPS; ++w)
        sum += of_warp[w];
    __syncthreads(); /* the next call may overwrite of_warp */
    return sum;
}

/* Called once by every thread of each of `blocks` blocks, which count themselves in *ticket: true, in every thread, for
 * the block that counts last. It then sees all that the other blocks wrote before their calls. *ticket is zero again
 * for the next kernel. */
__device__ static inline bool is_last_block(unsigned *ticket, unsigned blocks)
{
    __shared__ bool last;
    __threadfence(); /* this thread's writes are visible before the block counts itself ... */
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(ticket, 1u) == blocks - 1;
        if (last)
            *ticket = 0;
    }
    __syncthreads();
    if (last)
        __threadfence(); /* ... and the last block reads after it has seen them all count */
    return last;
}

/* partial[0] + ... + partial[count - 1], by one warp; in every lane. */
template <class T> __device__ static inline T warp_total(const T *partial, unsigned count)
{
    T sum = 0;
    for (unsigned k = threadIdx.x % WARP; k < count; k += WARP)
        sum += partial[k];
    return warp_sum(sum);
}

/* Where the gradient of a bias goes: db = beta * db + alpha * sum. */
struct bias_gradient {
    float *db;
    enum hg_scalar alpha, beta;
};

static inline bias_gradient bias_gradient_of(struct hg_matrix db, enum hg_scalar alpha, enum hg_scalar beta)
{
    return {static_cast<float *>(db.data), alpha, beta};
}

/* For one element. With beta = HG_ZERO the old value does not matter, not even a NaN. */
__device__ static inline void add_bias_gradient(const bias_gradient &to, size_t at, const float *scalars, float sum)
{
    const float kept = to.beta == HG_ZERO ? 0.0f : scalars[to.beta] * to.db[at];
    to.db[at] = scalars[to.alpha] * sum + kept;
}

#endif
