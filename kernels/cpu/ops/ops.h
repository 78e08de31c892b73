/* The ops of this backend (kernels/ops.h): each cuts its work into one slice a thread and calls the vectorised kernel
 * (op_kernels.h) or BLAS on it. How it is cut depends on nothing but the shapes and the number of threads. */
#ifndef HANDGRAD_KERNELS_CPU_OPS_OPS_H
#define HANDGRAD_KERNELS_CPU_OPS_OPS_H

#include "kernels/cpu/context.h"

HG_EACH_OP(HG_DECLARE_OP, hg_cpu_)

/* Calls work in every thread of the team, or in the caller alone (as thread 0 of 1) where `elements` are too few to be
 * worth waking the others. Returns the number of threads that worked. */
int hg_cpu_divide(struct hg_cpu *cpu, size_t elements, void (*work)(void *argument, int thread, int threads),
                  void *argument);

#endif
