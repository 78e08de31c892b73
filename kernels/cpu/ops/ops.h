/* The ops of this backend (kernels/ops.h): each cuts its work into slices for the team's members, by the shapes and the
 * number of threads alone, and calls the vectorised kernel (op_kernels.h) or BLAS on each. */
#ifndef HANDGRAD_KERNELS_CPU_OPS_OPS_H
#define HANDGRAD_KERNELS_CPU_OPS_OPS_H

#include "kernels/cpu/context.h"

HG_EACH_OP(HG_DECLARE_OP, hg_cpu_)

/* Calls work in every member of the team, or in the caller alone (as member 0 of 1) where `elements` are too few to be
 * worth waking the others. Gives the number of members that worked. */
int hg_cpu_divide(struct hg_cpu *cpu, size_t elements, void (*work)(void *argument, int member, int members),
                  void *argument);

#endif
