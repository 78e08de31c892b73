/* Samples to floats. Bytes are divided by 255, not multiplied by 1/255, so that pixels are the same to the bit in every
 * backend. */
#include "kernels/cpu/ops/op_kernels.h"

typedef uint8_t hg_bytes __attribute__((vector_size(HG_LANES)));

HG_INLINE hg_vec load_bytes(const uint8_t *from)
{
    hg_bytes bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, hg_vec);
}

float HG_VARIANT(hg_scale_bytes)(size_t count, const uint8_t *from, float *to, bool squares)
{
    hg_vec sum = {0};
    size_t d = 0;
    for (; d + HG_LANES <= count; d += HG_LANES) {
        const hg_vec x = load_bytes(from + d) / 255.0f;
        hg_store(to + d, x);
        if (squares)
            sum = hg_fma(x, x, sum);
    }
    float total = hg_sum(sum);
    for (; d < count; ++d) {
        to[d] = (float)from[d] / 255.0f;
        total += to[d] * to[d];
    }
    return squares ? total : 0;
}

float HG_VARIANT(hg_copy_floats)(size_t count, const float *from, float *to, bool squares)
{
    memcpy(to, from, count * sizeof *to);
    if (!squares)
        return 0;
    hg_vec sum = {0};
    size_t d = 0;
    for (; d + HG_LANES <= count; d += HG_LANES)
        sum = hg_fma(hg_load(from + d), hg_load(from + d), sum);
    const hg_vec tail = hg_load_part(from + d, count - d);
    return hg_sum(hg_fma(tail, tail, sum));
}
