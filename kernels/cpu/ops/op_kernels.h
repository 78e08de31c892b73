/* The vectorised inner loops of the ops, compiled once for each instruction set (simd.h). They work on one thread's
 * slice of the operands, which ops.c cuts. kernels/ops.h has the mathematics; a pointer that an op allows to be NULL
 * may be NULL here too. */
#ifndef HANDGRAD_KERNELS_CPU_OPS_OP_KERNELS_H
#define HANDGRAD_KERNELS_CPU_OPS_OP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slice of a matrix: its first element, and the floats from one row to the next. */
struct hg_cpu_rows {
    float *data;
    size_t stride;
};

struct hg_cpu_const_rows {
    const float *data;
    size_t stride;
};

/* db[j] = beta * db[j] + alpha * (sum over rows, in their order); beta 0 overwrites. */
struct hg_cpu_sums {
    float alpha, beta;
    float *db;
};

struct hg_cpu_sgd {
    float rate, gain, momentum, weight_decay;
    bool nesterov;
};

struct hg_cpu_op_kernels {
    /* gather.c: to[d] = from[d] / 255, or from[d]; returns the sum of the squares if `squares`, else 0. */
    float (*scale_bytes)(size_t count, const uint8_t *from, float *to, bool squares);
    float (*copy_floats)(size_t count, const float *from, float *to, bool squares);

    /* swish.c */
    void (*bias_swish)(size_t rows, size_t cols, struct hg_cpu_const_rows z, const float *bias, struct hg_cpu_rows h,
                       struct hg_cpu_rows slope);
    void (*swish_backward)(size_t rows, size_t cols, struct hg_cpu_const_rows slope, struct hg_cpu_const_rows dh,
                           struct hg_cpu_rows dz, struct hg_cpu_sums sums);

    /* softmax.c: returns the sum of the losses and adds to *correct. column_sums makes the bias gradient. */
    double (*softmax_xent)(size_t rows, size_t cols, struct hg_cpu_const_rows z, const float *bias,
                           const uint8_t *labels, struct hg_cpu_rows dz, uint64_t *correct);
    void (*column_sums)(size_t rows, size_t cols, struct hg_cpu_const_rows dz, struct hg_cpu_sums sums);

    /* update.c: one row; v NULL: plain SGD. */
    void (*sgd_update)(size_t count, float *w, const float *g, float *v, struct hg_cpu_sgd sgd);

    /* peak_loops.c: what the machine can do at best. The results have no meaning; *operations is how many were done. */
    float (*peak_multiply_add)(size_t rounds, size_t *operations);
    float (*peak_read)(const float *values, size_t count);
};

#ifdef HG_ISA_NAME /* within the files that are compiled once an instruction set */
#include "kernels/cpu/isa/simd.h"

extern const struct hg_cpu_op_kernels HG_VARIANT(hg_cpu_op_kernels);

/* Declares a kernel with the type that the table gives it. */
#define HG_OP_KERNEL(name) __typeof__(*((struct hg_cpu_op_kernels *)0)->name) HG_VARIANT(hg_##name)
HG_OP_KERNEL(scale_bytes);
HG_OP_KERNEL(copy_floats);
HG_OP_KERNEL(bias_swish);
HG_OP_KERNEL(swish_backward);
HG_OP_KERNEL(softmax_xent);
HG_OP_KERNEL(column_sums);
HG_OP_KERNEL(sgd_update);
HG_OP_KERNEL(peak_multiply_add);
HG_OP_KERNEL(peak_read);
#endif

#endif
