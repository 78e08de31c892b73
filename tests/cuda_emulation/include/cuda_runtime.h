/* The runtime as C++ sees it: the C interface, CUDA's additions to the language, and the calls that take a kernel.
 *
 * A kernel is launched with cudaLaunchKernel(kernel, grid, block, arguments, shared, stream), kernel being the function
 * itself: from its type come the types of the arguments, which the emulation copies, checks and passes. A kernel cast
 * to const void * has lost them and does not compile here. */
#ifndef HG_EMULATION_CUDA_RUNTIME_H
#define HG_EMULATION_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#ifdef __cplusplus
#include <utility>

#include "hg_emulation/language.h"

namespace hg_emulation
{
struct Parameter {
    size_t size;
    bool pointer;
};

/* A kernel without its type. */
struct Kernel {
    const void *function;
    void (*call)(const void *function, void *const *arguments);
    const Parameter *parameters;
    size_t count;
};

cudaError_t launch(const Kernel &kernel, dim3 grid, dim3 block, void *const *arguments, size_t shared,
                   cudaStream_t stream);
cudaError_t function_set_attribute(const void *function, cudaFuncAttribute attribute, int value);
cudaError_t function_get_attributes(cudaFuncAttributes *attributes, const void *function);
cudaError_t occupancy(int *blocks, const void *function, int threads, size_t shared);

template <class... P, size_t... I> Kernel erase(void (*kernel)(P...), std::index_sequence<I...>)
{
    static_assert((std::is_trivially_copyable<P>::value && ...), "kernel parameters are copied as bytes");
    static const Parameter parameters[sizeof...(P) + 1] = {{sizeof(P), std::is_pointer<P>::value}..., {0, false}};
    return {reinterpret_cast<const void *>(kernel),
            [](const void *function, [[maybe_unused]] void *const *arguments) {
                reinterpret_cast<void (*)(P...)>(const_cast<void *>(function))(*static_cast<P *>(arguments[I])...);
            },
            parameters, sizeof...(P)};
}

/* The check for host pointers looks at every word of a struct: what padding happens to hold must not look like one. */
template <class... P, size_t... I>
void clear_padding([[maybe_unused]] void *const *arguments, std::index_sequence<I...>)
{
#if __has_builtin(__builtin_clear_padding) /* g++ from version 11 */
    (__builtin_clear_padding(static_cast<P *>(arguments[I])), ...);
#endif
}
} // namespace hg_emulation

template <class... P>
cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void **arguments, size_t shared = 0,
                             cudaStream_t stream = nullptr)
{
    hg_emulation::clear_padding<P...>(arguments, std::index_sequence_for<P...>{});
    return hg_emulation::launch(hg_emulation::erase(kernel, std::index_sequence_for<P...>{}), grid, block, arguments,
                                shared, stream);
}
cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared,
                             cudaStream_t stream) = delete; /* pass the kernel itself, with its type */

template <class K> cudaError_t cudaFuncSetAttribute(K *kernel, cudaFuncAttribute attribute, int value)
{
    return hg_emulation::function_set_attribute(reinterpret_cast<const void *>(kernel), attribute, value);
}
template <class K> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, K *kernel)
{
    return hg_emulation::function_get_attributes(attributes, reinterpret_cast<const void *>(kernel));
}
template <class K>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, K *kernel, int threads, size_t shared)
{
    return hg_emulation::occupancy(blocks, reinterpret_cast<const void *>(kernel), threads, shared);
}

template <class T> cudaError_t cudaMalloc(T **memory, size_t bytes)
{
    return cudaMalloc(reinterpret_cast<void **>(memory), bytes);
}
template <class T> cudaError_t cudaMallocHost(T **memory, size_t bytes, unsigned int flags = 0)
{
    return cudaHostAlloc(reinterpret_cast<void **>(memory), bytes, flags);
}
template <class T> cudaError_t cudaHostAlloc(T **memory, size_t bytes, unsigned int flags)
{
    return cudaHostAlloc(reinterpret_cast<void **>(memory), bytes, flags);
}
inline cudaError_t cudaEventCreate(cudaEvent_t *event, unsigned int flags)
{
    return cudaEventCreateWithFlags(event, flags);
}

#endif
#endif
