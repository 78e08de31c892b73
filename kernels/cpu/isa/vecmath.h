/* Elementary functions on vectors (simd.h): docs/NUMERICS.md has their errors. */
#ifndef HANDGRAD_KERNELS_CPU_ISA_VECMATH_H
#define HANDGRAD_KERNELS_CPU_ISA_VECMATH_H

#include "kernels/cpu/isa/simd.h"

/* 2^k for -126 <= k <= 127, from its bits. */
HG_INLINE hg_vec hg_exp2_int(hg_ivec k)
{
    return (hg_vec)((k + 127) << 23);
}

/* e^x within 2 ulp where the result is normal; gradual underflow below, 0 under -104; inf over 88.73; NaN of NaN.
 *
 *   x = n ln 2 + r, |r| <= ln(2)/2;   e^x = 2^n e^r;   e^r = 1 + r + r^2 P(r), P of degree 4 (Cephes' expf)
 *
 * n is x / ln 2 rounded to the nearest integer by adding 1.5 * 2^23, a number whose last mantissa bit is worth 1. n ln
 * 2 is subtracted in two parts; the first has so few bits that its product with n is exact. 2^n is applied as two
 * factors, since n may be as small as -150, for which 2^n is no normal float. */
HG_INLINE hg_vec hg_exp(hg_vec x)
{
    const hg_vec magic = hg_splat(12582912.0f);
    x = hg_select(x < hg_splat(-105.0f), hg_splat(-105.0f), x);
    x = hg_select(x > hg_splat(89.0f), hg_splat(89.0f), x);
    const hg_vec shifted = hg_fma(x, hg_splat(1.44269504088896341f), magic);
    const hg_vec n = shifted - magic;
    hg_vec r = hg_fma(n, hg_splat(-0.693359375f), x);
    r = hg_fma(n, hg_splat(2.12194440e-4f), r);
    hg_vec p = hg_splat(1.9875691500e-4f);
    p = hg_fma(p, r, hg_splat(1.3981999507e-3f));
    p = hg_fma(p, r, hg_splat(8.3334519073e-3f));
    p = hg_fma(p, r, hg_splat(4.1665795894e-2f));
    p = hg_fma(p, r, hg_splat(1.6666665459e-1f));
    p = hg_fma(p, r, hg_splat(5.0000001201e-1f));
    p = hg_fma(p, r * r, r) + 1.0f;
    const hg_ivec k = (hg_ivec)shifted - (hg_ivec)magic;
    const hg_ivec half = k >> 1;
    return p * hg_exp2_int(half) * hg_exp2_int(k - half);
}

/* Swish and its derivative with one exponential: docs/MATH.md (M2), (M9). exp is only ever taken of a non-positive
 * number, so nothing overflows. */
HG_INLINE void hg_swish(hg_vec a, hg_vec *h, hg_vec *slope)
{
    const hg_vec e = hg_exp(-hg_abs(a));
    const hg_vec s = hg_select(a >= 0.0f, hg_splat(1.0f), e) / (1.0f + e);
    *h = a * s;
    *slope = hg_fma(*h, 1.0f - s, s);
}

#endif
