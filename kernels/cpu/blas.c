#include "kernels/cpu/blas.h"

#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>

/* The libraries' controls of their own threads, there or not depending on which of them is linked. OpenBLAS's own
 * cblas.h declares its, but not as weak. */
/* NOLINTBEGIN(readability-redundant-declaration, readability-identifier-naming) */
__attribute__((weak)) extern void openblas_set_num_threads(int threads);
__attribute__((weak)) extern char *openblas_get_config(void);
__attribute__((weak)) extern void MKL_Set_Num_Threads(int threads);
__attribute__((weak)) extern void bli_thread_set_num_threads(long threads);
__attribute__((weak)) extern void omp_set_num_threads(int threads);
/* NOLINTEND(readability-redundant-declaration, readability-identifier-naming) */

static void stop_threads(void)
{
    if (openblas_set_num_threads)
        openblas_set_num_threads(1);
    if (MKL_Set_Num_Threads)
        MKL_Set_Num_Threads(1);
    if (bli_thread_set_num_threads)
        bli_thread_set_num_threads(1);
}

void hg_blas_single_thread(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* the controls themselves are not safe to call at any time */
    pthread_once(&once, stop_threads);
}

/* A library built with OpenMP asks the calling thread how many threads to use. */
static void one_thread_here(void)
{
    static _Thread_local bool done;
    if (!done && omp_set_num_threads)
        omp_set_num_threads(1);
    done = true;
}

void hg_blas_describe(char *text, size_t size)
{
    snprintf(text, size, "%s", openblas_get_config ? openblas_get_config() : "CBLAS");
}

bool hg_blas_fits(size_t rows, size_t cols)
{
    return rows <= INT_MAX && cols <= INT_MAX;
}

static CBLAS_TRANSPOSE transpose(enum hg_transpose op)
{
    return op == HG_N ? CblasNoTrans : CblasTrans;
}

void hg_blas_sgemm(size_t rows, size_t cols, size_t inner, float alpha, const float *a, size_t a_stride,
                   enum hg_transpose op_a, const float *b, size_t b_stride, enum hg_transpose op_b, float beta,
                   float *c, size_t c_stride)
{
    one_thread_here();
    cblas_sgemm(CblasRowMajor, transpose(op_a), transpose(op_b), (int)rows, (int)cols, (int)inner, alpha, a,
                (int)a_stride, b, (int)b_stride, beta, c, (int)c_stride);
}

void hg_blas_dgemm(size_t rows, size_t cols, size_t inner, double alpha, const double *a, size_t a_stride,
                   enum hg_transpose op_a, const double *b, size_t b_stride, enum hg_transpose op_b, double beta,
                   double *c, size_t c_stride)
{
    one_thread_here();
    cblas_dgemm(CblasRowMajor, transpose(op_a), transpose(op_b), (int)rows, (int)cols, (int)inner, alpha, a,
                (int)a_stride, b, (int)b_stride, beta, c, (int)c_stride);
}

void hg_blas_ssyrk(size_t n, size_t rows, const float *a, float beta, float *c)
{
    one_thread_here();
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)n, (int)rows, 1.0F, a, (int)n, beta, c, (int)n);
}

void hg_blas_dsyrk(size_t n, size_t rows, const double *a, double beta, double *c)
{
    one_thread_here();
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)n, (int)rows, 1.0, a, (int)n, beta, c, (int)n);
}
