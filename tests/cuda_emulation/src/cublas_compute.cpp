/* The computing calls of cuBLAS: its own checks, which return a status; then what cuBLAS cannot see and this can,
 * operands that leave their allocation or overlap the result, which end the program with a message. */
#include <algorithm>

#include "cublas.h"
#include "gemm.h"

namespace hg_emulation
{
namespace
{
bool is_operation(cublasOperation_t op)
{
    return op == CUBLAS_OP_N || op == CUBLAS_OP_T || op == CUBLAS_OP_C;
}

struct Gemm {
    cublasOperation_t op_a, op_b;
    int m, n, k;
    const float *a, *b;
    int lda, ldb;
    float *c;
    int ldc;

    Span span_a() const
    {
        return op_a == CUBLAS_OP_N ? Span(a, size(m), size(k), size(lda)) : Span(a, size(k), size(m), size(lda));
    }
    Span span_b() const
    {
        return op_b == CUBLAS_OP_N ? Span(b, size(k), size(n), size(ldb)) : Span(b, size(n), size(k), size(ldb));
    }
    Span span_c() const
    {
        return {c, size(m), size(n), size(ldc)};
    }
    static size_t size(int value)
    {
        return static_cast<size_t>(value);
    }

    /* cuBLAS's own: a leading dimension is at least the rows of the matrix as stored. */
    bool valid() const
    {
        return is_operation(op_a) && is_operation(op_b) && m >= 0 && n >= 0 && k >= 0 &&
               lda >= std::max(1, op_a == CUBLAS_OP_N ? m : k) && ldb >= std::max(1, op_b == CUBLAS_OP_N ? k : n) &&
               ldc >= std::max(1, m);
    }

    void require() const
    {
        span_a().require("GEMM operand A");
        span_b().require("GEMM operand B");
        span_c().require("GEMM result C");
        if (span_c().overlaps(span_a()) || span_c().overlaps(span_b()))
            die("cuBLAS: C overlaps %s", span_c().overlaps(span_a()) ? "A" : "B");
    }

    void run(float alpha, float beta, bool tf32) const
    {
        for (const Span &span : {span_a(), span_b()})
            sanitizer::reads(span.start, span.elements * sizeof(float));
        for (int j = 0; j < n; ++j)
            sanitizer::writes(c + size(j) * size(ldc), size(m) * sizeof(float));
        gemm(size(m), size(n), size(k), alpha, {a, size(lda), op_a != CUBLAS_OP_N}, {b, size(ldb), op_b != CUBLAS_OP_N},
             beta, c, size(ldc), tf32);
    }
};

cublasStatus_t gemm_call(cublasHandle_t handle, const Gemm &gemm, const float *alpha, const float *beta, bool tf32)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (entry.status != cudaSuccess)
        return CUBLAS_STATUS_EXECUTION_FAILED;
    if (!gemm.valid() || alpha == nullptr || beta == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (gemm.m == 0 || gemm.n == 0)
        return CUBLAS_STATUS_SUCCESS;
    gemm.require();
    const Scalar alpha_value(handle, alpha, "alpha"), beta_value(handle, beta, "beta");
    return compute(handle, [=] {
        gemm.require(); /* a graph may outlive its operands */
        gemm.run(alpha_value.value(), beta_value.value(), tf32);
    });
}
} // namespace
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                              int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
                              const float *beta, float *c, int ldc)
{
    const bool tf32 = is_handle(handle) && handle->math == CUBLAS_TF32_TENSOR_OP_MATH;
    return gemm_call(handle, {op_a, op_b, m, n, k, a, b, lda, ldb, c, ldc}, alpha, beta, tf32);
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                            const void *alpha, const void *a, cudaDataType type_a, int lda, const void *b,
                            cudaDataType type_b, int ldb, const void *beta, void *c, cudaDataType type_c, int ldc,
                            cublasComputeType_t type, cublasGemmAlgo_t algorithm)
{
    if (type_a != CUDA_R_32F || type_b != CUDA_R_32F || type_c != CUDA_R_32F ||
        (type != CUBLAS_COMPUTE_32F && type != CUBLAS_COMPUTE_32F_PEDANTIC && type != CUBLAS_COMPUTE_32F_FAST_TF32))
        return CUBLAS_STATUS_NOT_SUPPORTED;
    if (algorithm != CUBLAS_GEMM_DEFAULT && algorithm != CUBLAS_GEMM_DEFAULT_TENSOR_OP)
        return CUBLAS_STATUS_INVALID_VALUE;
    const bool tf32 = type == CUBLAS_COMPUTE_32F_FAST_TF32 ||
                      (type == CUBLAS_COMPUTE_32F && is_handle(handle) && handle->math == CUBLAS_TF32_TENSOR_OP_MATH);
    return gemm_call(handle,
                     {op_a, op_b, m, n, k, static_cast<const float *>(a), static_cast<const float *>(b), lda, ldb,
                      static_cast<float *>(c), ldc},
                     static_cast<const float *>(alpha), static_cast<const float *>(beta), tf32);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                                         int n, int k, const float *alpha, const float *a, int lda,
                                         long long int stride_a, const float *b, int ldb, long long int stride_b,
                                         const float *beta, float *c, int ldc, long long int stride_c, int batches)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    const Gemm first = {op_a, op_b, m, n, k, a, b, lda, ldb, c, ldc};
    if (!first.valid() || batches < 0 || alpha == nullptr || beta == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (m == 0 || n == 0 || batches == 0)
        return CUBLAS_STATUS_SUCCESS;
    const Scalar alpha_value(handle, alpha, "alpha"), beta_value(handle, beta, "beta");
    const bool tf32 = handle->math == CUBLAS_TF32_TENSOR_OP_MATH;
    return compute(handle, [=] {
        for (int i = 0; i < batches; ++i) {
            const Gemm one = {op_a, op_b, m, n, k, a + i * stride_a, b + i * stride_b, lda, ldb, c + i * stride_c, ldc};
            one.require();
            one.run(alpha_value.value(), beta_value.value(), tf32);
        }
    });
}

cublasStatus_t cublasSgeam(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                           const float *alpha, const float *a, int lda, const float *beta, const float *b, int ldb,
                           float *c, int ldc)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    const bool plain_a = op_a == CUBLAS_OP_N, plain_b = op_b == CUBLAS_OP_N;
    if (!is_operation(op_a) || !is_operation(op_b) || m < 0 || n < 0 || alpha == nullptr || beta == nullptr ||
        lda < std::max(1, plain_a ? m : n) || ldb < std::max(1, plain_b ? m : n) || ldc < std::max(1, m) ||
        (c == a && (!plain_a || lda != ldc)) || (c == b && (!plain_b || ldb != ldc)))
        return CUBLAS_STATUS_INVALID_VALUE;
    if (m == 0 || n == 0)
        return CUBLAS_STATUS_SUCCESS;
    const size_t rows = Gemm::size(m), columns = Gemm::size(n);
    const Scalar alpha_value(handle, alpha, "alpha"), beta_value(handle, beta, "beta");
    return compute(handle, [=] {
        const Operand left = {a, Gemm::size(lda), !plain_a}, right = {b, Gemm::size(ldb), !plain_b};
        const float x = alpha_value.value(), y = beta_value.value();
        if (x != 0.0f)
            Span(a, plain_a ? rows : columns, plain_a ? columns : rows, left.leading).require("geam operand A");
        if (y != 0.0f)
            Span(b, plain_b ? rows : columns, plain_b ? columns : rows, right.leading).require("geam operand B");
        Span(c, rows, columns, Gemm::size(ldc)).require("geam result C");
        for (size_t j = 0; j < columns; ++j)
            for (size_t i = 0; i < rows; ++i)
                c[j * Gemm::size(ldc) + i] =
                    (x != 0.0f ? x * left.at(i, j) : 0.0f) + (y != 0.0f ? y * right.at(i, j) : 0.0f);
    });
}

cublasStatus_t cublasSger_v2(cublasHandle_t handle, int m, int n, const float *alpha, const float *x, int incx,
                             const float *y, int incy, float *a, int lda)
{
    const Entry entry;
    if (!is_handle(handle))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || incx <= 0 || incy <= 0 || lda < std::max(1, m) || alpha == nullptr)
        return CUBLAS_STATUS_INVALID_VALUE; /* negative increments are cuBLAS's, but not emulated */
    if (m == 0 || n == 0)
        return CUBLAS_STATUS_SUCCESS;
    const Scalar alpha_value(handle, alpha, "alpha");
    return compute(handle, [=] {
        Span(x, 1, Gemm::size(m), Gemm::size(incx)).require("ger operand x");
        Span(y, 1, Gemm::size(n), Gemm::size(incy)).require("ger operand y");
        Span(a, Gemm::size(m), Gemm::size(n), Gemm::size(lda)).require("ger result A");
        for (size_t j = 0; j < Gemm::size(n); ++j)
            for (size_t i = 0; i < Gemm::size(m); ++i)
                a[j * Gemm::size(lda) + i] += alpha_value.value() * x[i * Gemm::size(incx)] * y[j * Gemm::size(incy)];
    });
}
}
