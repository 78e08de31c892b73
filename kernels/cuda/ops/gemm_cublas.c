/* gemm: the only file that uses cuBLAS.
 *
 * The library is opened when a context is, instead of being linked: its 570 MB are then neither part of the program nor
 * needed to start it, and one build serves machines with and without it. */
#include <cublas_v2.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/cuda/context.h"

enum { AMPERE = 8, HOPPER = 9 }; /* major compute capabilities */

/* The workspace sizes that NVIDIA recommends, from Hopper on and before, so that no kernel is ruled out for want of
 * memory. With a workspace of ours, cuBLAS allocates nothing at a time of its own choosing (a recording would forbid
 * it), and its results are the same from run to run. */
enum { WORKSPACE_BYTES = 32 << 20, SMALL_WORKSPACE_BYTES = 4 << 20 };

#define HG_CUBLAS_FUNCTIONS(X)                                                                                         \
    X(cublasCreate_v2)                                                                                                 \
    X(cublasDestroy_v2)                                                                                                \
    X(cublasSetStream_v2)                                                                                              \
    X(cublasSetWorkspace_v2)                                                                                           \
    X(cublasSetPointerMode_v2)                                                                                         \
    X(cublasSetAtomicsMode)                                                                                            \
    X(cublasSetMathMode)                                                                                               \
    X(cublasGetStatusString)                                                                                           \
    X(cublasSgemm_v2)

struct hg_cublas {
    cublasHandle_t handle;
    void *workspace;
#define DECLARE(name) __typeof__(&(name)) p_##name;
    HG_CUBLAS_FUNCTIONS(DECLARE)
#undef DECLARE
};

#ifdef HG_CUDA_EMULATION

static enum hg_status find_functions(struct hg_cublas *cublas)
{
#define TAKE(name) cublas->p_##name = name;
    HG_CUBLAS_FUNCTIONS(TAKE)
#undef TAKE
    return HG_OK;
}

#else

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define LIBRARY "libcublas.so." TEXT(CUBLAS_VER_MAJOR)

/* The library is never closed: opening it again would be slow, and programs hardly ever try it. */
static void *open_library(void)
{
    static const char *const names[] = {LIBRARY, HG_CUBLAS_DIRECTORY "/" LIBRARY};
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof names / sizeof names[0]; ++i)
        library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    return library;
}

static enum hg_status find_functions(struct hg_cublas *cublas)
{
    void *library = open_library();
    if (!library)
        return hg_fail(HG_UNAVAILABLE, "cuBLAS cannot be loaded (%s); install it or set LD_LIBRARY_PATH", dlerror());
        /* The cast that POSIX suggests for turning what dlsym returns into a pointer to a function. */
#define FIND(name)                                                                                                     \
    *(void **)&cublas->p_##name = dlsym(library, #name);                                                               \
    if (!cublas->p_##name)                                                                                             \
        return hg_fail(HG_UNAVAILABLE, "%s has no %s; install cuBLAS %d", LIBRARY, #name, CUBLAS_VER_MAJOR);
    HG_CUBLAS_FUNCTIONS(FIND)
#undef FIND
    return HG_OK;
}

#endif

enum hg_status hg_cublas_load(void)
{
    struct hg_cublas cublas;
    return find_functions(&cublas);
}

static enum hg_status failed(const struct hg_cublas *cublas, cublasStatus_t status, const char *doing)
{
    if (status == CUBLAS_STATUS_ALLOC_FAILED)
        return hg_cuda_failed(NULL, cudaErrorMemoryAllocation, doing);
    return hg_fail(HG_INTERNAL, "cuBLAS: %s: %s", doing, cublas->p_cublasGetStatusString(status));
}

#define HG_CUBLAS(cublas, call, doing)                                                                                 \
    do {                                                                                                               \
        const cublasStatus_t hg_cublas_status = (cublas)->p_##call;                                                    \
        if (hg_cublas_status != CUBLAS_STATUS_SUCCESS)                                                                 \
            return failed(cublas, hg_cublas_status, doing);                                                            \
    } while (0)

enum hg_status hg_cublas_open(struct hg_cuda_context *cuda)
{
    struct hg_cublas *cublas;
    HG_TRY(hg_allocate(&cublas, 1, "cuBLAS"));
    cuda->cublas = cublas;
    HG_TRY(find_functions(cublas));
    int generation = 0;
    HG_CUDA(cuda, cudaDeviceGetAttribute(&generation, cudaDevAttrComputeCapabilityMajor, 0), "asking what the GPU is");
    if (cuda->options.precision == HG_TF32 && generation < AMPERE)
        return hg_fail(HG_UNAVAILABLE,
                       "this GPU has no TF32, which needs compute capability 8.0 or later; use precision fp32");
    const size_t workspace_bytes = generation >= HOPPER ? WORKSPACE_BYTES : SMALL_WORKSPACE_BYTES;
    HG_TRY(hg_cuda_memory(cuda, workspace_bytes, &cublas->workspace));
    HG_CUBLAS(cublas, cublasCreate_v2(&cublas->handle), "starting cuBLAS");
    HG_CUBLAS(cublas, cublasSetStream_v2(cublas->handle, cuda->stream), "setting the stream");
    HG_CUBLAS(cublas, cublasSetWorkspace_v2(cublas->handle, cublas->workspace, workspace_bytes),
              "setting the workspace");
    HG_CUBLAS(cublas, cublasSetPointerMode_v2(cublas->handle, CUBLAS_POINTER_MODE_DEVICE), "setting the pointer mode");
    HG_CUBLAS(cublas, cublasSetAtomicsMode(cublas->handle, CUBLAS_ATOMICS_NOT_ALLOWED), "forbidding atomics");
    /* The default mode of SGEMM is float throughout; TF32 has to be asked for. */
    const cublasMath_t mode = cuda->options.precision == HG_TF32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH;
    HG_CUBLAS(cublas, cublasSetMathMode(cublas->handle, mode), "setting the math mode");
    return HG_OK;
}

void hg_cublas_close(struct hg_cuda_context *cuda)
{
    struct hg_cublas *cublas = cuda->cublas;
    if (!cublas)
        return;
    if (cublas->handle)
        cublas->p_cublasDestroy_v2(cublas->handle);
    cudaFree(cublas->workspace);
    free(cublas);
    cuda->cublas = NULL;
}

/* cuBLAS takes matrices as column-major, so it sees each of our row-major matrices as its transpose. It is therefore
 * asked for C^T = op(B)^T op(A)^T, which has the bytes of C = op(A) op(B): the operands change places, their operations
 * stay, and strides are the leading dimensions. */
enum hg_status hg_cuda_gemm(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                            enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                            enum hg_scalar beta, struct hg_matrix c)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const struct hg_cublas *cublas = cuda->cublas;
    const size_t inner = op_a == HG_N ? a.cols : a.rows;
    const size_t sizes[] = {c.rows, c.cols, inner, a.stride, b.stride, c.stride};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i)
        if (sizes[i] > INT_MAX)
            return hg_fail(HG_USAGE, "a matrix product of %zu x %zu x %zu is too large for cuBLAS", c.rows, c.cols,
                           inner);
    const float *scalars = cuda->state->scalars;
    cuda->last_operation = "gemm (cublasSgemm)";
    HG_CUBLAS(cublas,
              cublasSgemm_v2(cublas->handle, op_b == HG_N ? CUBLAS_OP_N : CUBLAS_OP_T,
                             op_a == HG_N ? CUBLAS_OP_N : CUBLAS_OP_T, (int)c.cols, (int)c.rows, (int)inner,
                             &scalars[alpha], b.data, (int)b.stride, a.data, (int)a.stride, &scalars[beta], c.data,
                             (int)c.stride),
              "multiplying matrices");
    return HG_OK;
}
