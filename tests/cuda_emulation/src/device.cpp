/* The device as programs see it. HG_EMULATION_DEVICES: 1, or 0 (no device), or -1 (no driver); HG_EMULATION_CAPABILITY:
 * its compute capability; HG_EMULATION_MEMORY: bytes of device memory, with K, M or G. */
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device.h"
#include "emulation.h"

namespace hg_emulation
{
namespace
{
constexpr int driver_version = CUDART_VERSION;

cudaError_t device_error()
{
    static const long long devices = setting("HG_EMULATION_DEVICES", 1);
    return devices > 0 ? cudaSuccess : devices == 0 ? cudaErrorNoDevice : cudaErrorInsufficientDriver;
}

cudaError_t check(int device)
{
    if (const cudaError_t error = device_error())
        return error;
    return device == 0 ? cudaSuccess : cudaErrorInvalidDevice;
}

size_t memory_bytes()
{
    const char *text = std::getenv("HG_EMULATION_MEMORY");
    size_t bytes = static_cast<size_t>(setting("HG_EMULATION_MEMORY", 1 << 30));
    if (text != nullptr)
        switch (text[std::strspn(text, "0123456789")]) {
        case 'K':
            return bytes << 10;
        case 'M':
            return bytes << 20;
        case 'G':
            return bytes << 30;
        default:;
        }
    return bytes;
}
} // namespace

int capability()
{
    static const int value = static_cast<int>(setting("HG_EMULATION_CAPABILITY", 90));
    return value;
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaGetDeviceCount(int *count)
{
    const Entry entry;
    *count = device_error() == cudaSuccess ? 1 : 0;
    return note(device_error());
}

cudaError_t cudaGetDevice(int *device)
{
    const Entry entry;
    *device = 0;
    return note(device_error());
}

cudaError_t cudaSetDevice(int device)
{
    const Entry entry;
    return entry.status != cudaSuccess ? entry.status : note(check(device));
}

cudaError_t cudaSetDeviceFlags(unsigned int)
{
    const Entry entry;
    return note(device_error());
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int device)
{
    const Entry entry;
    if (const cudaError_t error = check(device))
        return note(error);
    *p = {};
    std::snprintf(p->name, sizeof p->name, "handgrad CUDA emulation");
    p->totalGlobalMem = memory_bytes();
    p->sharedMemPerBlock = limits.shared;
    p->sharedMemPerBlockOptin = limits.shared_optin;
    p->sharedMemPerMultiprocessor = limits.shared_per_sm;
    p->totalConstMem = 65536;
    p->regsPerBlock = 65536;
    p->warpSize = warpSize;
    p->maxThreadsPerBlock = static_cast<int>(limits.threads_per_block);
    p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
    p->maxThreadsDim[2] = 64;
    p->maxGridSize[0] = 0x7fffffff;
    p->maxGridSize[1] = p->maxGridSize[2] = 65535;
    p->major = capability() / 10;
    p->minor = capability() % 10;
    p->multiProcessorCount = limits.sms;
    p->maxThreadsPerMultiProcessor = static_cast<int>(limits.threads_per_sm);
    p->maxBlocksPerMultiProcessor = static_cast<int>(limits.blocks_per_sm);
    p->asyncEngineCount = 1;
    p->concurrentKernels = p->unifiedAddressing = p->canMapHostMemory = 1;
    p->memoryBusWidth = 64;
    p->l2CacheSize = 1 << 20;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
    const Entry entry;
    cudaDeviceProp p;
    if (const cudaError_t error = cudaGetDeviceProperties(&p, device))
        return error;
    switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
        *value = p.maxThreadsPerBlock;
        break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
        *value = static_cast<int>(p.sharedMemPerBlock);
        break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = static_cast<int>(p.sharedMemPerBlockOptin);
        break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = static_cast<int>(p.sharedMemPerMultiprocessor);
        break;
    case cudaDevAttrWarpSize:
        *value = p.warpSize;
        break;
    case cudaDevAttrClockRate:
    case cudaDevAttrMemoryClockRate:
        *value = 1000000; /* kHz: a number that lets rates be computed and means nothing */
        break;
    case cudaDevAttrMultiProcessorCount:
        *value = p.multiProcessorCount;
        break;
    case cudaDevAttrGlobalMemoryBusWidth:
        *value = p.memoryBusWidth;
        break;
    case cudaDevAttrL2CacheSize:
        *value = p.l2CacheSize;
        break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
        *value = p.maxThreadsPerMultiProcessor;
        break;
    case cudaDevAttrAsyncEngineCount:
        *value = p.asyncEngineCount;
        break;
    case cudaDevAttrComputeCapabilityMajor:
        *value = p.major;
        break;
    case cudaDevAttrComputeCapabilityMinor:
        *value = p.minor;
        break;
    case cudaDevAttrCooperativeLaunch:
        *value = p.cooperativeLaunch;
        break;
    default:
        return note(cudaErrorInvalidValue);
    }
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *id, int length, int device)
{
    const Entry entry;
    if (const cudaError_t error = check(device))
        return note(error);
    std::snprintf(id, static_cast<size_t>(length), "0000:00:00.0");
    return cudaSuccess;
}

/* Without a driver CUDA reports version 0, and no error. */
cudaError_t cudaDriverGetVersion(int *version)
{
    *version = device_error() == cudaErrorInsufficientDriver ? 0 : driver_version;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaProfilerStart()
{
    return cudaSuccess;
}

cudaError_t cudaProfilerStop()
{
    return cudaSuccess;
}
}
