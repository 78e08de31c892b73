/* cuBLAS handles: their modes, their stream, their workspace. */
#include <algorithm>
#include <cstdint>

#include "cublas.h"

namespace hg_emulation
{
namespace
{
std::vector<cublasHandle_t> &handles = *new std::vector<cublasHandle_t>;

template <class T> cublasStatus_t set(cublasHandle_t handle, T cublasContext::*member, T value)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->*member = value;
    return CUBLAS_STATUS_SUCCESS;
}

template <class T> cublasStatus_t get(cublasHandle_t handle, T cublasContext::*member, T *value)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (value == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE;
    *value = handle->*member;
    return CUBLAS_STATUS_SUCCESS;
}
} // namespace

bool is_handle(cublasHandle_t handle)
{
    return std::find(handles.begin(), handles.end(), handle) != handles.end();
}

size_t live_handles()
{
    return handles.size();
}

Scalar::Scalar(cublasHandle_t handle, const float *pointer, const char *name)
{
    const bool on_device = allocation_near(pointer) != nullptr;
    if (handle->pointers == CUBLAS_POINTER_MODE_DEVICE) {
        if (!on_device && !is_pinned(pointer, sizeof *pointer))
            die("cuBLAS: pointer mode is DEVICE, but %s (%p) is host memory", name, static_cast<const void *>(pointer));
        if (on_device)
            require_device(pointer, sizeof *pointer, name);
        device_ = pointer;
    } else {
        if (on_device)
            die("cuBLAS: pointer mode is HOST, but %s (%p) is device memory", name, static_cast<const void *>(pointer));
        host_ = *pointer;
    }
}

cublasStatus_t compute(cublasHandle_t handle, std::function<void()> run)
{
    if (is_capturing(handle->stream) && !handle->own_workspace) {
        /* cuBLAS would allocate a workspace: not deterministic, and memory that the graph keeps. */
        stream_of(handle->stream)->capture->valid = false;
        return CUBLAS_STATUS_ALLOC_FAILED;
    }
    ++counters.cublas_calls;
    const void *workspace = handle->own_workspace ? handle->workspace : nullptr;
    const size_t bytes = handle->workspace_bytes;
    const cudaError_t error = submit(handle->stream, Work::cublas, [workspace, bytes, run = std::move(run)] {
        ++counters.cublas_run;
        if (workspace != nullptr)
            require_device(workspace, bytes, "cuBLAS workspace");
        run();
    });
    return note(error) == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
    const Entry entry;
    if (handle == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE;
    int count = 0;
    if (entry.status != cudaSuccess || cudaGetDeviceCount(&count) != cudaSuccess)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (forbid_in_capture() != cudaSuccess || allocation_fails())
        return CUBLAS_STATUS_ALLOC_FAILED;
    *handle = new cublasContext;
    handles.push_back(*handle);
    watch_leaks();
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    ++counters.synchronisations;
    host_waits_for_all();
    handles.erase(std::find(handles.begin(), handles.end(), handle));
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion_v2(cublasHandle_t handle, int *version)
{
    const Entry entry;
    if (handle != nullptr && !is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    *version = CUBLAS_VERSION;
    return CUBLAS_STATUS_SUCCESS;
}

/* As documented, this also gives up the workspace set before. */
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (stream_of(stream) == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE;
    handle->stream = stream;
    handle->workspace = nullptr;
    handle->own_workspace = false;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, cudaStream_t *stream)
{
    return get(handle, &cublasContext::stream, stream);
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void *workspace, size_t bytes)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (reinterpret_cast<uintptr_t>(workspace) % 256 != 0)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (bytes > 0)
        require_device(workspace, bytes, "cublasSetWorkspace");
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
    handle->own_workspace = workspace != nullptr;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode)
{
    return set(handle, &cublasContext::pointers, mode);
}

cublasStatus_t cublasGetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t *mode)
{
    return get(handle, &cublasContext::pointers, mode);
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t handle, cublasAtomicsMode_t mode)
{
    return set(handle, &cublasContext::atomics, mode);
}

cublasStatus_t cublasGetAtomicsMode(cublasHandle_t handle, cublasAtomicsMode_t *mode)
{
    return get(handle, &cublasContext::atomics, mode);
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode)
{
    return set(handle, &cublasContext::math, mode);
}

cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t *mode)
{
    return get(handle, &cublasContext::math, mode);
}

const char *cublasGetStatusName(cublasStatus_t status)
{
    switch (status) {
#define NAME(name, number, text)                                                                                       \
    case name:                                                                                                         \
        return #name;
        HG_EMULATION_CUBLAS_STATUSES(NAME)
#undef NAME
    }
    return "CUBLAS_UNKNOWN_STATUS";
}

const char *cublasGetStatusString(cublasStatus_t status)
{
    switch (status) {
#define TEXT(name, number, text)                                                                                       \
    case name:                                                                                                         \
        return text;
        HG_EMULATION_CUBLAS_STATUSES(TEXT)
#undef TEXT
    }
    return "unknown status";
}
}
