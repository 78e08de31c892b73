/* Seconds on a clock that only moves forward. */
#ifndef HANDGRAD_KERNELS_BASE_CLOCK_H
#define HANDGRAD_KERNELS_BASE_CLOCK_H

#include <time.h>

static inline double hg_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
