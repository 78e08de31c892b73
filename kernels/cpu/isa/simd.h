/* The vector width, abstracted once. A file that includes this is compiled once for each instruction set (simd.cmake),
 * with HG_LANES floats a vector:
 *
 *   avx512    16   AVX-512 F, BW, DQ, VL          avx2       8   AVX2 and FMA
 *   portable   4   whatever the compiler's baseline has (SSE2, NEON, or plain C)
 *   wide      16   the 16-lane algorithm in baseline instructions; built for the tests alone
 *
 * Vectors are the compiler's own (GCC and Clang: + - * / and comparisons work lane by lane); intrinsics appear only
 * where C cannot express the instruction, and only in this file. Nothing here fuses a multiplication and an
 * addition unless hg_fma says so; the baseline then rounds twice, so results differ between instruction sets within
 * rounding (docs/NUMERICS.md), never from run to run. */
#ifndef HANDGRAD_KERNELS_CPU_ISA_SIMD_H
#define HANDGRAD_KERNELS_CPU_ISA_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef HG_LANES
#error "HG_LANES comes from simd.cmake"
#endif

/* Name of a function or table of this instruction set: HG_VARIANT(f) is f_avx2 and so on. */
#define HG_PASTE_(name, suffix) name##_##suffix
#define HG_PASTE(name, suffix) HG_PASTE_(name, suffix)
#define HG_VARIANT(name) HG_PASTE(name, HG_ISA_NAME)

#define HG_INLINE static inline __attribute__((always_inline))

typedef float hg_vec __attribute__((vector_size(4 * HG_LANES)));
typedef int32_t hg_ivec __attribute__((vector_size(4 * HG_LANES)));
typedef float hg_vec_any __attribute__((vector_size(4 * HG_LANES), aligned(4), may_alias)); /* any float address */

HG_INLINE hg_vec hg_load(const float *p)
{
    return *(const hg_vec_any *)p;
}

HG_INLINE void hg_store(float *p, hg_vec v)
{
    *(hg_vec_any *)p = v;
}

/* The first n < HG_LANES floats; the lanes beyond read as zero. */
HG_INLINE hg_vec hg_load_part(const float *p, size_t n)
{
    hg_vec v = {0};
    memcpy(&v, p, n * sizeof *p);
    return v;
}

HG_INLINE void hg_store_part(float *p, hg_vec v, size_t n)
{
    memcpy(p, &v, n * sizeof *p);
}

#if HG_LANES == 16
#define HG_REPEAT(x)                                                                                                   \
    {                                                                                                                  \
        x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x                                                                 \
    }
#elif HG_LANES == 8
#define HG_REPEAT(x)                                                                                                   \
    {                                                                                                                  \
        x, x, x, x, x, x, x, x                                                                                         \
    }
#else
#define HG_REPEAT(x)                                                                                                   \
    {                                                                                                                  \
        x, x, x, x                                                                                                     \
    }
#endif

HG_INLINE hg_vec hg_splat(float x)
{
    return (hg_vec)HG_REPEAT(x);
}

HG_INLINE hg_ivec hg_splat_int(int32_t x)
{
    return (hg_ivec)HG_REPEAT(x);
}

/* a * b + c, rounded once where the instruction set has it. */
HG_INLINE hg_vec hg_fma(hg_vec a, hg_vec b, hg_vec c)
{
#if defined(__AVX512F__) && HG_LANES == 16
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__) && HG_LANES == 8
    return _mm256_fmadd_ps(a, b, c);
#else
    return a * b + c;
#endif
}

/* Lane by lane: yes where the mask is -1, no where it is 0, as comparisons give it. */
HG_INLINE hg_vec hg_select(hg_ivec mask, hg_vec yes, hg_vec no)
{
    return (hg_vec)(((hg_ivec)yes & mask) | ((hg_ivec)no & ~mask));
}

HG_INLINE hg_ivec hg_select_int(hg_ivec mask, hg_ivec yes, hg_ivec no)
{
    return (yes & mask) | (no & ~mask);
}

HG_INLINE hg_vec hg_abs(hg_vec x)
{
    return (hg_vec)((hg_ivec)x & hg_splat_int(0x7fffffff));
}

/* Halves of a vector added together until one lane is left: the order of the sum depends on HG_LANES alone. */
HG_INLINE float hg_sum(hg_vec v)
{
    float lanes[HG_LANES];
    memcpy(lanes, &v, sizeof v);
    for (size_t half = HG_LANES / 2; half; half /= 2)
        for (size_t i = 0; i < half; ++i)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

/* The lanes 0, 2, 4, ... and 1, 3, 5, ... of a followed by b. */
#if HG_LANES == 16
#define HG_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define HG_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#elif HG_LANES == 8
#define HG_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define HG_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#else
#define HG_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define HG_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#endif

/* Lane i of the result is the sum of the lanes of v[i], i < HG_LANES: neighbours are added and halves joined until one
 * vector is left. */
HG_INLINE hg_vec hg_sum_each(hg_vec v[HG_LANES])
{
    for (size_t count = HG_LANES; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; ++i)
            v[i] = HG_EVEN(v[2 * i], v[2 * i + 1]) + HG_ODD(v[2 * i], v[2 * i + 1]);
    return v[0];
}

/* Bit i says that p[i] != 0, i < 64. */
HG_INLINE uint64_t hg_nonzero64(const uint8_t *p)
{
#if defined(__AVX512BW__)
    const __m512i bytes = _mm512_loadu_si512(p);
    return _mm512_test_epi8_mask(bytes, bytes);
#elif defined(__AVX2__)
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), zero);
    const __m256i high = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(p + 32)), zero);
    return ~((uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32);
#else
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i)
        bits |= (uint64_t)(p[i] != 0) << i;
    return bits;
#endif
}

#endif
