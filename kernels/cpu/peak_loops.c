/* Loops that run at the limits of the machine: arithmetic in registers, and reading memory. */
#include "kernels/cpu/ops/op_kernels.h"

/* Independent chains of multiply-adds: at least 10 keep two units of latency 5 busy, and 12 fit 16 registers. */
enum { CHAINS = 12 };

float HG_VARIANT(hg_peak_multiply_add)(size_t rounds, size_t *operations)
{
    hg_vec sum[CHAINS];
    for (size_t i = 0; i < CHAINS; ++i)
        sum[i] = hg_splat((float)i);
    const hg_vec factor = hg_splat(0.999F), summand = hg_splat(0.001F); /* converges to 1: no overflow, no denormals */
    for (size_t r = 0; r < rounds; ++r)
        for (size_t i = 0; i < CHAINS; ++i)
            sum[i] = hg_fma(sum[i], factor, summand);
    for (size_t i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];
    *operations = 2 * rounds * CHAINS * HG_LANES;
    return hg_sum(sum[0]);
}

float HG_VARIANT(hg_peak_read)(const float *values, size_t count)
{
    enum { STREAMS = 8 };
    hg_vec sum[STREAMS] = {{0}};
    for (size_t i = 0; i + STREAMS * HG_LANES <= count; i += STREAMS * HG_LANES)
        for (size_t k = 0; k < STREAMS; ++k)
            sum[k] += hg_load(values + i + k * HG_LANES);
    for (size_t k = 1; k < STREAMS; ++k)
        sum[0] += sum[k];
    return hg_sum(sum[0]);
}
