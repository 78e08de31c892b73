#include "kernels/cuda/context.h"

enum hg_status hg_cuda_wait(struct hg_cuda_context *cuda, const char *doing)
{
    HG_CUDA(cuda, cudaStreamSynchronize(cuda->stream), doing);
    return HG_OK;
}

enum hg_status hg_cuda_memory(struct hg_cuda_context *cuda, size_t bytes, void **out)
{
    void *memory = NULL;
    const size_t wanted = bytes ? bytes : 1;
    const cudaError_t error = cudaMalloc(&memory, wanted);
    if (error == cudaErrorMemoryAllocation)
        return hg_cuda_out_of_memory(wanted);
    HG_CUDA(cuda, error, "allocating device memory");
    /* Waits, since the next to use the memory may be the copy stream, which does not wait for the compute stream. */
    cudaError_t cleared = cudaMemsetAsync(memory, 0, wanted, cuda->stream);
    if (cleared == cudaSuccess)
        cleared = cudaStreamSynchronize(cuda->stream);
    if (cleared != cudaSuccess) {
        cudaFree(memory);
        return hg_cuda_failed(cuda, cleared, "clearing device memory");
    }
    *out = memory;
    return HG_OK;
}

enum hg_status hg_cuda_pinned(struct hg_cuda_context *cuda, size_t bytes, void **out)
{
    const size_t wanted = bytes ? bytes : 1;
    const cudaError_t error = cudaMallocHost(out, wanted);
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        return hg_fail(HG_INTERNAL, "CUDA: out of memory: the host has no %zu bytes that may be pinned", wanted);
    }
    HG_CUDA(cuda, error, "allocating pinned memory of the host");
    return HG_OK;
}

enum hg_status hg_cuda_event(struct hg_cuda_context *cuda, cudaEvent_t *out)
{
    HG_CUDA(cuda, cudaEventCreateWithFlags(out, cudaEventDisableTiming), "creating an event");
    return HG_OK;
}

enum hg_status hg_cuda_allocate(struct hg_context *ctx, size_t bytes, void **out)
{
    return hg_cuda_memory(hg_cuda_of(ctx), bytes, out);
}

void hg_cuda_release(struct hg_context *ctx, void *memory)
{
    (void)ctx;
    cudaFree(memory);
}

enum hg_status hg_cuda_upload(struct hg_context *ctx, void *to, const void *from, size_t bytes)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    HG_CUDA(cuda, cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, cuda->stream), "copying to the device");
    return hg_cuda_wait(cuda, "copying to the device");
}

enum hg_status hg_cuda_download(struct hg_context *ctx, void *to, const void *from, size_t bytes)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    HG_CUDA(cuda, cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, cuda->stream), "copying from the device");
    return hg_cuda_wait(cuda, "copying from the device");
}
