/* Sums whose order depends on shapes alone: within a warp, within a block, and across the blocks of one launch.
 *
 * Across blocks, each block leaves a partial sum in memory and takes a ticket; the block that takes the last one adds
 * the partial sums in the order of the blocks, whichever came last. No second launch, and no sum by atomics. */
#ifndef HANDGRAD_KERNELS_CUDA_OPS_REDUCE_H
#define HANDGRAD_KERNELS_CUDA_OPS_REDUCE_H

#include <cuda_runtime.h>

enum { WARP = 32 };

template <class T> __device__ static inline T warp_sum(T value)
{
    for (int lanes = WARP / 2; lanes > 0; lanes /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, lanes);
    return value;
}

/* The sum over a one-dimensional block of WARPS warps, in every thread. */
template <int WARPS, class T> __device__ static inline T block_sum(T value)
{
    __shared__ T of_warp[WARPS];
    value = warp_sum(value);
    if (threadIdx.x % WARP == 0)
        of_warp[threadIdx.x / WARP] = value;
    __syncthreads();
    T sum = 0;
    for (int w = 0; w < WARPS; ++w)
        sum += of_warp[w];
    __syncthreads(); /* of_warp may be written again */
    return sum;
}

/* Called once by every thread of each of `blocks` blocks: true, in every thread, for the block that comes last. What
 * the other blocks did before is then visible, and *ticket is zero for the next kernel. */
__device__ static inline bool comes_last(unsigned *ticket, unsigned blocks)
{
    __shared__ bool last;
    __threadfence(); /* this thread's writes come before the block's ticket ... */
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(ticket, 1u) == blocks - 1;
        if (last)
            *ticket = 0;
    }
    __syncthreads();
    if (last)
        __threadfence(); /* ... and its reads after those of the others */
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

/* c = beta * c + alpha * sum; what c held does not matter where beta is HG_ZERO, NaN too. */
__device__ static inline void accumulate(float *c, const float *scalars, unsigned alpha, unsigned beta, float sum)
{
    const float kept = beta == 0 ? 0.0f : scalars[beta] * *c;
    *c = scalars[alpha] * sum + kept;
}

#endif
