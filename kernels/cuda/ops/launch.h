/* Launching kernels, in the one way that both nvcc and g++ (tests/cuda_emulation) accept, and the sizes that all
 * kernels share. */
#ifndef HANDGRAD_KERNELS_CUDA_OPS_LAUNCH_H
#define HANDGRAD_KERNELS_CUDA_OPS_LAUNCH_H

#include <cuda_runtime.h>

#include "kernels/cuda/context.h"

enum {
    WARP = 32,
    BLOCK = 256, /* threads: eight warps hide each other's latency, and four such blocks or more fit a multiprocessor */
    WARPS = BLOCK / WARP
};

static const unsigned ALL_LANES = 0xffffffffu; /* mask of the warp exchanges: no lane has left */

template <class T> struct hg_as_declared {
    using type = T;
};

/* Enqueues the kernel. Arguments are converted to the types of its parameters, as in a call. `name` is for messages. */
template <class... P>
enum hg_status hg_launch(struct hg_cuda_context *cuda, const char *name, void (*kernel)(P...), dim3 grid, dim3 block,
                         typename hg_as_declared<P>::type... arguments)
{
    void *pointers[] = {static_cast<void *>(&arguments)...};
    cuda->last_operation = name;
    HG_CUDA(cuda, cudaLaunchKernel(kernel, grid, block, pointers, 0, cuda->stream), name);
    return HG_OK;
}

/* HG_LAUNCH(cuda, kernel, grid, block, arguments...): hg_launch with the kernel's own name. */
#define HG_LAUNCH(cuda, kernel, ...) hg_launch(cuda, #kernel, kernel, __VA_ARGS__)

/* Blocks for n items, `size` to a block; at least one. */
static inline unsigned hg_blocks(size_t n, unsigned size)
{
    return n == 0 ? 1 : static_cast<unsigned>((n + size - 1) / size);
}

static inline unsigned hg_blocks_at_most(size_t n, unsigned size, unsigned most)
{
    const unsigned wanted = hg_blocks(n, size);
    return wanted < most ? wanted : most;
}

#endif
