/* What this machine offers, and why it offers nothing where it does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/cuda/context.h"

enum hg_status hg_cuda_failed(const struct hg_cuda_context *cuda, cudaError_t error, const char *doing)
{
    cudaGetLastError();
    if (error == cudaErrorMemoryAllocation)
        return hg_fail(HG_INTERNAL,
                       "CUDA: out of memory while %s; use a smaller batch_size, fewer hidden units, or stream_data",
                       doing);
    const char *last = cuda && cuda->last_operation ? cuda->last_operation : NULL;
    return hg_fail(HG_INTERNAL, "CUDA: %s: %s (%s)%s%s", doing, cudaGetErrorString(error), cudaGetErrorName(error),
                   last ? "; enqueued last: " : "", last ? last : "");
}

/* "13.0" of 13000. */
static void write_version(char text[16], int version)
{
    snprintf(text, 16, "%d.%d", version / 1000, version % 1000 / 10);
}

static enum hg_status no_device(cudaError_t error, int driver, int runtime)
{
    char have[16], need[16];
    write_version(have, driver);
    write_version(need, runtime);
    cudaGetLastError();
    /* A missing driver library and one that is too old are the same error to the runtime. */
    if (driver == 0)
        return hg_fail(HG_UNAVAILABLE, "no NVIDIA driver on this machine (CUDA error %d)", (int)error);
    switch (error) {
    case cudaErrorInsufficientDriver:
        return hg_fail(HG_UNAVAILABLE, "the NVIDIA driver is too old: it supports CUDA %s, this build needs %s", have,
                       need);
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

enum hg_status hg_cuda_probe(struct hg_device_info *info)
{
    memset(info, 0, sizeof *info);
    int driver = 0, runtime = 0, count = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess || count == 0)
        return no_device(error, driver, runtime);

    struct cudaDeviceProp device;
    size_t free_bytes = 0, total_bytes = 0;
    /* The first call that needs the device itself is where one that is busy or broken shows. */
    error = cudaGetDeviceProperties(&device, 0);
    if (error == cudaSuccess)
        error = cudaMemGetInfo(&free_bytes, &total_bytes);
    if (error != cudaSuccess)
        return no_device(error, driver, runtime);
    if (hg_cuda_kernels_usable() != HG_OK)
        return hg_fail(HG_UNAVAILABLE, "this build has no code for the %s (compute capability %d.%d)", device.name,
                       device.major, device.minor);
    HG_TRY(hg_cublas_load());

    char driver_version[16], runtime_version[16];
    write_version(driver_version, driver);
    write_version(runtime_version, runtime);
    snprintf(info->device, sizeof info->device, "%.127s", device.name);
    snprintf(info->detail, sizeof info->detail,
             "compute capability %d.%d, %d multiprocessors, driver for CUDA %s, runtime %s%s", device.major,
             device.minor, device.multiProcessorCount, driver_version, runtime_version,
             count > 1 ? "; the first of several GPUs, CUDA_VISIBLE_DEVICES chooses" : "");
    info->memory = free_bytes;
    return HG_OK;
}
