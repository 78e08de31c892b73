/* What this processor can do at best, measured, so that a kernel's rate can be held against it. Implemented in
 * kernels/cpu. */
#ifndef HANDGRAD_KERNELS_PEAK_H
#define HANDGRAD_KERNELS_PEAK_H

#include "handgrad/status.h"

struct hg_cpu_peak {
    int threads;      /* that were measured */
    double flops;     /* a second: multiply-adds (two each) of numbers that never leave the registers */
    double bandwidth; /* bytes a second: reading an array that no cache holds */
};

/* The best of several runs of all `threads` (0: every core this process may use) at once; takes about 0.2 s. */
enum hg_status hg_cpu_peak(struct hg_cpu_peak *peak, int threads);

#endif
