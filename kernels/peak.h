/* What a processor can do at best, measured, so that a kernel's rate can be held against it: the function `peak` of a
 * backend's table (backend.h). */
#ifndef HANDGRAD_KERNELS_PEAK_H
#define HANDGRAD_KERNELS_PEAK_H

struct hg_peak {
    int threads;      /* that the measurement used */
    double flops;     /* a second: multiply-adds (two each) of numbers that never leave the registers */
    double bandwidth; /* bytes a second: reading an array that no cache holds */
};

#endif
