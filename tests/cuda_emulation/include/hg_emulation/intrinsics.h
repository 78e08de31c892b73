/* Arithmetic and load intrinsics. The fast ones (__expf, ...) are computed exactly here: their error on the device is
 * not emulated. */
#ifndef HG_EMULATION_INTRINSICS_H
#define HG_EMULATION_INTRINSICS_H

#include <cmath>
#include <cstring>

#include "vector_types.h"

template <class T> T __ldg(const T *address)
{
    return *address;
}
template <class T> T __ldcs(const T *address)
{
    return *address;
}
template <class T> T __ldcg(const T *address)
{
    return *address;
}
template <class T> void __stcs(T *address, T value)
{
    *address = value;
}
template <class T> void __stcg(T *address, T value)
{
    *address = value;
}

namespace hg_emulation
{
template <class To, class From> To bits_as(From value)
{
    static_assert(sizeof(To) == sizeof(From), "reinterpretation keeps the size");
    To result;
    std::memcpy(&result, &value, sizeof result);
    return result;
}
} // namespace hg_emulation

inline int __float_as_int(float value)
{
    return hg_emulation::bits_as<int>(value);
}
inline unsigned __float_as_uint(float value)
{
    return hg_emulation::bits_as<unsigned>(value);
}
inline float __int_as_float(int value)
{
    return hg_emulation::bits_as<float>(value);
}
inline float __uint_as_float(unsigned value)
{
    return hg_emulation::bits_as<float>(value);
}

inline float __expf(float x)
{
    return expf(x);
}
inline float __logf(float x)
{
    return logf(x);
}
inline float __fdividef(float x, float y)
{
    return x / y;
}
inline float __frcp_rn(float x)
{
    return 1.0f / x;
}
inline float __fdiv_rn(float x, float y)
{
    return x / y;
}
inline float __fsqrt_rn(float x)
{
    return sqrtf(x);
}
inline float rsqrtf(float x)
{
    return 1.0f / sqrtf(x);
}
inline float __fadd_rn(float x, float y)
{
    return x + y;
}
inline float __fsub_rn(float x, float y)
{
    return x - y;
}
inline float __fmul_rn(float x, float y)
{
    return x * y;
}
inline float __fmaf_rn(float x, float y, float z)
{
    return fmaf(x, y, z);
}
inline double __dadd_rn(double x, double y)
{
    return x + y;
}
inline double __dmul_rn(double x, double y)
{
    return x * y;
}
inline float __saturatef(float x)
{
    return fminf(fmaxf(x, 0.0f), 1.0f);
}
inline int __float2int_rn(float x)
{
    return static_cast<int>(rintf(x));
}
inline float __int2float_rn(int x)
{
    return static_cast<float>(x);
}
inline float __uint2float_rn(unsigned x)
{
    return static_cast<float>(x);
}
inline int __popc(unsigned x)
{
    return __builtin_popcount(x);
}
inline int __clz(int x)
{
    return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x));
}
inline int __ffs(int x)
{
    return __builtin_ffs(x);
}

/* CUDA's global min and max, for equal types. */
template <class T> constexpr T min(T a, T b)
{
    return b < a ? b : a;
}
template <class T> constexpr T max(T a, T b)
{
    return a < b ? b : a;
}

#endif
