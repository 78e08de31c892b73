/* The messages of failures: of calls of the CUDA runtime, and of a machine without a GPU that can be used. */
#include <stdlib.h>

#include "kernels/cuda/context.h"

#define LESS_MEMORY "use a smaller batch_size, fewer hidden units, or stream_data"

enum hg_status hg_cuda_failed(const struct hg_cuda_context *cuda, cudaError_t error, const char *doing)
{
    cudaGetLastError();
    if (error == cudaErrorMemoryAllocation)
        return hg_fail(HG_INTERNAL, "CUDA: out of memory while %s; " LESS_MEMORY, doing);
    const char *last = cuda && cuda->last_operation ? cuda->last_operation : NULL;
    return hg_fail(HG_INTERNAL, "CUDA: %s: %s (%s)%s%s", doing, cudaGetErrorString(error), cudaGetErrorName(error),
                   last ? "; enqueued last: " : "", last ? last : "");
}

enum hg_status hg_cuda_out_of_memory(size_t bytes)
{
    size_t free_bytes = 0, total_bytes = 0;
    cudaGetLastError();
    cudaMemGetInfo(&free_bytes, &total_bytes);
    return hg_fail(HG_INTERNAL, "CUDA: out of memory: %zu bytes wanted, %zu of the device's %zu are free; " LESS_MEMORY,
                   bytes, free_bytes, total_bytes);
}

static enum hg_status no_driver_for_this_build(int driver)
{
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    return hg_fail(HG_UNAVAILABLE,
                   "the NVIDIA driver is too old: it supports CUDA %d.%d, this build needs %d.%d; update the driver",
                   driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

enum hg_status hg_cuda_no_device(cudaError_t error)
{
    int driver = 0;
    cudaDriverGetVersion(&driver);
    cudaGetLastError();
    /* The runtime gives one error for a driver library that is missing and for one that is too old. */
    if (driver == 0)
        return hg_fail(HG_UNAVAILABLE, "no NVIDIA driver on this machine (CUDA error %d)", (int)error);
    switch (error) {
    case cudaErrorInsufficientDriver:
        return no_driver_for_this_build(driver);
    case cudaErrorStubLibrary:
        return hg_fail(HG_UNAVAILABLE, "the driver library found is the CUDA toolkit's stub; take its directory out of "
                                       "LD_LIBRARY_PATH");
    case cudaSuccess:
    case cudaErrorNoDevice: {
        const char *visible = getenv("CUDA_VISIBLE_DEVICES");
        return hg_fail(HG_UNAVAILABLE, "an NVIDIA driver but no GPU on this machine%s%s",
                       visible ? "; CUDA_VISIBLE_DEVICES=" : "", visible ? visible : "");
    }
    default:
        return hg_fail(HG_UNAVAILABLE, "no GPU can be used: %s (%s)", cudaGetErrorString(error),
                       cudaGetErrorName(error));
    }
}
