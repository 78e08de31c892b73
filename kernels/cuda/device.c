/* What this machine offers. */
#include <stdio.h>
#include <string.h>

#include "kernels/cuda/context.h"

enum hg_status hg_cuda_probe(struct hg_device_info *info)
{
    memset(info, 0, sizeof *info);
    int driver = 0, runtime = 0, count = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess || count == 0)
        return hg_cuda_no_device(error);

    struct cudaDeviceProp device;
    size_t free_bytes = 0, total_bytes = 0;
    /* A GPU that is busy or broken is counted all the same, and fails in the first call that needs it. */
    error = cudaGetDeviceProperties(&device, 0);
    if (error == cudaSuccess)
        error = cudaMemGetInfo(&free_bytes, &total_bytes);
    if (error == cudaSuccess)
        error = hg_cuda_find_code();
    if (error == cudaErrorNoKernelImageForDevice || error == cudaErrorInvalidDeviceFunction) {
        cudaGetLastError();
        return hg_fail(HG_UNAVAILABLE, "this build has no code for the %s (compute capability %d.%d)", device.name,
                       device.major, device.minor);
    }
    if (error != cudaSuccess)
        return hg_cuda_no_device(error);
    HG_TRY(hg_cublas_load());

    snprintf(info->device, sizeof info->device, "%.127s", device.name);
    snprintf(info->detail, sizeof info->detail,
             "compute capability %d.%d, %d multiprocessors, driver for CUDA %d.%d, runtime %d.%d%s", device.major,
             device.minor, device.multiProcessorCount, driver / 1000, driver % 1000 / 10, runtime / 1000,
             runtime % 1000 / 10, count > 1 ? "; the first of several GPUs, CUDA_VISIBLE_DEVICES chooses" : "");
    info->memory = free_bytes;
    return HG_OK;
}
