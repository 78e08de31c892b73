/* BLAS, row-major, on the calling thread alone: blas.c is the only file that names the library. */
#ifndef HANDGRAD_KERNELS_CPU_BLAS_H
#define HANDGRAD_KERNELS_CPU_BLAS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/ops.h"

/* Tells the library to start no threads of its own, since the threads of our team call it side by side. To be called
 * before the functions below; only the first call in a process has an effect. */
void hg_blas_single_thread(void);

/* Name, version and configuration, as the library tells them. */
void hg_blas_describe(char *text, size_t size);

/* Matrices larger than this in rows or columns do not fit the library's integers. */
bool hg_blas_fits(size_t rows, size_t cols);

/* c[rows][cols] = alpha * op(a) * op(b) + beta * c; inner: the length of the sums. beta 0 overwrites. */
void hg_blas_sgemm(size_t rows, size_t cols, size_t inner, float alpha, const float *a, size_t a_stride,
                   enum hg_transpose op_a, const float *b, size_t b_stride, enum hg_transpose op_b, float beta,
                   float *c, size_t c_stride);
void hg_blas_dgemm(size_t rows, size_t cols, size_t inner, double alpha, const double *a, size_t a_stride,
                   enum hg_transpose op_a, const double *b, size_t b_stride, enum hg_transpose op_b, double beta,
                   double *c, size_t c_stride);

/* The upper triangle of c[n][n] = a^T a + beta * c, a [rows][n]. */
void hg_blas_ssyrk(size_t n, size_t rows, const float *a, float beta, float *c);
void hg_blas_dsyrk(size_t n, size_t rows, const double *a, double beta, double *c);

#endif
