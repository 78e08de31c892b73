/* The choice of instruction set: the best that this processor and operating system offer, or the one that the
 * environment variable HANDGRAD_ISA names (avx512, avx2, portable), for tests and comparisons. */
#ifndef HANDGRAD_KERNELS_CPU_DISPATCH_H
#define HANDGRAD_KERNELS_CPU_DISPATCH_H

#include "handgrad/status.h"

/* One implementation of every vectorised kernel: kernels.h has the functions, one table an instruction set. */
struct hg_cpu_kernels;

/* The table for this process. HG_USAGE where HANDGRAD_ISA names nothing that this build has, HG_UNAVAILABLE where this
 * machine cannot run it. */
enum hg_status hg_cpu_kernels_choose(const struct hg_cpu_kernels **out);

#endif
