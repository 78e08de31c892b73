/* cuBLAS's semantics, against products worked out by hand. */
#include <cmath>

#include "semantics.h"

namespace
{
struct Handle {
    cublasHandle_t handle = nullptr;
    Handle()
    {
        cublasCreate(&handle);
    }
    ~Handle()
    {
        cublasDestroy(handle);
    }
};

float *upload(const std::vector<float> &values)
{
    float *memory = nullptr;
    if (cudaMalloc(&memory, values.size() * sizeof(float)) != cudaSuccess ||
        cudaMemcpy(memory, values.data(), values.size() * sizeof(float), cudaMemcpyHostToDevice) != cudaSuccess)
        return nullptr;
    return memory;
}

std::vector<float> download(const float *memory, size_t count)
{
    std::vector<float> values(count);
    cudaMemcpy(values.data(), memory, count * sizeof(float), cudaMemcpyDeviceToHost);
    return values;
}

constexpr float one = 1, two = 2, zero = 0;

/* A = 1 2 3   B = 1 0   A B = 14  8   by columns: A 1 4 2 5 3 6, B 1 2 3 0 1 2, A B 14 32 8 17
 *     4 5 6       2 1         32 17
 *                 3 2                                                                       */
const std::vector<float> a_columns = {1, 4, 2, 5, 3, 6}, a_rows = {1, 2, 3, 4, 5, 6};
const std::vector<float> b_columns = {1, 2, 3, 0, 1, 2}, b_rows = {1, 0, 2, 1, 3, 2};
const std::vector<float> product = {14, 32, 8, 17};
} // namespace

int gemm_is_column_major()
{
    const Handle h;
    float *a = upload(a_columns), *a_t = upload(a_rows), *b = upload(b_columns), *b_t = upload(b_rows);
    float *c = upload({9, 9, 9, 9});
    CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, a, 2, b, 3, &zero, c, 2) == 0);
    CHECK(download(c, 4) == product);
    CHECK(cublasSgemm(h.handle, CUBLAS_OP_T, CUBLAS_OP_N, 2, 2, 3, &one, a_t, 3, b, 3, &zero, c, 2) == 0);
    CHECK(download(c, 4) == product);
    CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_T, 2, 2, 3, &one, a, 2, b_t, 2, &zero, c, 2) == 0);
    CHECK(download(c, 4) == product);
    CHECK(cublasGemmEx(h.handle, CUBLAS_OP_T, CUBLAS_OP_T, 2, 2, 3, &one, a_t, CUDA_R_32F, 3, b_t, CUDA_R_32F, 2, &two,
                       c, CUDA_R_32F, 2, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT) == 0);
    CHECK(download(c, 4) == std::vector<float>({3 * 14, 3 * 32, 3 * 8, 3 * 17}));
    for (float *memory : {a, a_t, b, b_t, c})
        TRY(cudaFree(memory));
    return 0;
}

int gemm_scalars()
{
    const Handle h;
    float *a = upload(a_columns), *b = upload(b_columns), *c = upload({NAN, NAN, NAN, NAN}), *scalars = upload({2, 0});
    CHECK(cublasSetPointerMode(h.handle, CUBLAS_POINTER_MODE_DEVICE) == 0);
    /* beta == 0 must not read C. */
    CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, scalars, a, 2, b, 3, scalars + 1, c, 2) == 0);
    CHECK(download(c, 4) == std::vector<float>({28, 64, 16, 34}));
    /* The values are those at the time of the work, not of the call. */
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    void *workspace = nullptr;
    TRY(cudaMalloc(&workspace, 1024));
    TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    CHECK(cublasSetStream(h.handle, stream) == 0 && cublasSetWorkspace(h.handle, workspace, 1024) == 0);
    TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, scalars, a, 2, b, 3, scalars + 1, c, 2) == 0);
    TRY(cudaStreamEndCapture(stream, &graph));
    TRY(cudaGraphInstantiate(&exec, graph));
    TRY(cudaGraphDestroy(graph));
    TRY(cudaMemcpy(scalars, &one, sizeof one, cudaMemcpyHostToDevice));
    TRY(cudaGraphLaunch(exec, stream));
    TRY(cudaStreamSynchronize(stream));
    CHECK(download(c, 4) == product);
    TRY(cudaGraphExecDestroy(exec));
    TRY(cudaStreamDestroy(stream));
    for (void *memory : {static_cast<void *>(a), static_cast<void *>(b), static_cast<void *>(c),
                         static_cast<void *>(scalars), workspace})
        TRY(cudaFree(memory));
    return 0;
}

int gemm_leading_dimensions()
{
    const Handle h;
    float *m = upload(std::vector<float>(64, 1.0f)), *c = upload(std::vector<float>(64, 0.0f));
    const auto gemm = [&](cublasOperation_t op_a, cublasOperation_t op_b, int lda, int ldb, int ldc) {
        return cublasSgemm(h.handle, op_a, op_b, 4, 3, 2, &one, m, lda, m, ldb, &zero, c, ldc);
    };
    CHECK(gemm(CUBLAS_OP_N, CUBLAS_OP_N, 4, 2, 4) == CUBLAS_STATUS_SUCCESS);
    CHECK(gemm(CUBLAS_OP_N, CUBLAS_OP_N, 3, 2, 4) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(gemm(CUBLAS_OP_N, CUBLAS_OP_N, 4, 1, 4) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(gemm(CUBLAS_OP_N, CUBLAS_OP_N, 4, 2, 3) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(gemm(CUBLAS_OP_T, CUBLAS_OP_T, 2, 3, 4) == CUBLAS_STATUS_SUCCESS);
    CHECK(gemm(CUBLAS_OP_T, CUBLAS_OP_N, 1, 2, 4) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(gemm(CUBLAS_OP_N, CUBLAS_OP_T, 4, 2, 4) == CUBLAS_STATUS_INVALID_VALUE);
    TRY(cudaFree(m));
    TRY(cudaFree(c));
    return 0;
}

int geam_and_ger()
{
    const Handle h;
    float *a = upload(a_columns), *t = upload(a_rows), *c = upload(std::vector<float>(6, NAN)), *x = upload({1, 2});
    CHECK(cublasSgeam(h.handle, CUBLAS_OP_N, CUBLAS_OP_T, 2, 3, &one, a, 2, &two, t, 3, c, 2) == 0);
    CHECK(download(c, 6) == std::vector<float>({3, 12, 6, 15, 9, 18}));
    CHECK(cublasSger(h.handle, 2, 2, &two, x, 1, x, 1, c, 2) == 0); /* += 2 (1 2; 2 4) */
    CHECK(download(c, 4) == std::vector<float>({5, 16, 10, 23}));
    for (float *memory : {a, t, c, x})
        TRY(cudaFree(memory));
    return 0;
}
