/* Bugs in calls of cuBLAS. */
#include "planted.h"

namespace
{
constexpr int m = 8, n = 4, k = 16;
constexpr size_t workspace_bytes = 4096;
constexpr float one = 1, zero = 0;

struct Operands {
    cublasHandle_t handle;
    cudaStream_t stream;
    void *workspace;
    float *a, *b, *c;

    bool create()
    {
        a = zeros(m * k);
        b = zeros(k * n);
        c = zeros(m * n);
        return cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS &&
               cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess &&
               cudaMalloc(&workspace, workspace_bytes) == cudaSuccess && cudaDeviceSynchronize() == cudaSuccess &&
               cublasSetStream(handle, stream) == CUBLAS_STATUS_SUCCESS &&
               cublasSetWorkspace_v2(handle, workspace, workspace_bytes) == CUBLAS_STATUS_SUCCESS;
    }
    int destroy(cublasStatus_t status)
    {
        if (status != CUBLAS_STATUS_SUCCESS)
            return report(cublasGetStatusName(status));
        TRY(cudaStreamSynchronize(stream));
        cublasDestroy(handle);
        TRY(cudaStreamDestroy(stream));
        for (void *memory : {workspace, static_cast<void *>(a), static_cast<void *>(b), static_cast<void *>(c)})
            TRY(cudaFree(memory));
        return 0;
    }
    cublasStatus_t gemm(int lda, int ldb, float *result)
    {
        return cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &one, a, lda, b, ldb, &zero, result, m);
    }
};
} // namespace

int swapped_leading_dimension(bool planted)
{
    Operands o;
    if (!o.create())
        return report("set-up failed");
    return o.destroy(planted ? o.gemm(k, m, o.c) : o.gemm(m, k, o.c));
}

int leading_dimension_too_large(bool planted)
{
    Operands o;
    if (!o.create())
        return report("set-up failed");
    return o.destroy(o.gemm(planted ? k : m, k, o.c)); /* cuBLAS cannot know how large A's memory is */
}

int result_overlaps_operand(bool planted)
{
    Operands o;
    if (!o.create())
        return report("set-up failed");
    return o.destroy(o.gemm(m, k, planted ? o.a : o.c));
}

int no_workspace_in_capture(bool planted)
{
    Operands o;
    cudaGraph_t graph = nullptr;
    if (!o.create())
        return report("set-up failed");
    if (planted) /* a trap: this gives the workspace up */
        cublasSetStream(o.handle, o.stream);
    TRY(cudaStreamBeginCapture(o.stream, cudaStreamCaptureModeGlobal));
    const cublasStatus_t status = o.gemm(m, k, o.c);
    if (status != CUBLAS_STATUS_SUCCESS)
        return report(cublasGetStatusName(status));
    TRY(cudaStreamEndCapture(o.stream, &graph));
    TRY(cudaGraphDestroy(graph));
    return o.destroy(status);
}

int wrong_pointer_mode(bool planted)
{
    Operands o;
    if (!o.create())
        return report("set-up failed");
    if (planted)
        cublasSetPointerMode(o.handle, CUBLAS_POINTER_MODE_DEVICE);
    return o.destroy(o.gemm(m, k, o.c));
}
