/* CUDA's additions to C++, for g++: qualifiers, built-in variables, barriers, warp intrinsics, atomics. What cannot be
 * expressed is left out, so that it fails to compile. The one construct with another spelling is dynamic shared memory,
 * because g++ has no `extern __shared__ T name[]`: write HG_DYNAMIC_SHARED(T, name), and for nvcc
 *     #define HG_DYNAMIC_SHARED(type, name) extern __shared__ type name[]                                            */
#ifndef HG_EMULATION_LANGUAGE_H
#define HG_EMULATION_LANGUAGE_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "vector_types.h"

/* A kernel stays a function of its own: its symbol names it in messages and leads to its shared variables. */
#define __global__ __attribute__((noinline, noclone))
#define __device__
#define __host__
#define __constant__ static
/* One block runs at a time, in one thread of the host: a block's shared variable is a static one, poisoned before each
 * block. thread_local is what tells it from the host's variables in the symbol table. */
#define __shared__ static thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) alignas(bytes)
#define HG_DYNAMIC_SHARED(type, name) type *const name = static_cast<type *>(hg_emulation::dynamic_shared())

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

namespace hg_emulation
{
struct Site { /* where in the source a thread waits */
    const char *file;
    int line;
    static constexpr Site here(const char *file = __builtin_FILE(), int line = __builtin_LINE())
    {
        return {file, line};
    }
};

void *dynamic_shared();

enum class Vote { none, count, all, any };
int barrier(Vote vote, int predicate, Site site);

enum class Exchange { sync, index, up, down, exclusive_or, ballot, add, min, max };
uint64_t exchange(Exchange kind, unsigned mask, uint64_t value, int argument, int width, Site site);

template <class T> T shuffle(Exchange kind, unsigned mask, T value, int argument, int width, Site site)
{
    static_assert(std::is_arithmetic<T>::value, "warp shuffles move arithmetic types");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = exchange(kind, mask, bits, argument, width, site);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

template <class T, class F> T update(T *address, F next)
{
    T old;
    __atomic_load(address, &old, __ATOMIC_RELAXED);
    T desired = next(old);
    while (!__atomic_compare_exchange(address, &old, &desired, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        desired = next(old);
    return old;
}
} // namespace hg_emulation

/* Barriers */
inline void __syncthreads(hg_emulation::Site site = hg_emulation::Site::here())
{
    hg_emulation::barrier(hg_emulation::Vote::none, 0, site);
}
inline int __syncthreads_count(int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::barrier(hg_emulation::Vote::count, predicate, site);
}
inline int __syncthreads_and(int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::barrier(hg_emulation::Vote::all, predicate, site);
}
inline int __syncthreads_or(int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::barrier(hg_emulation::Vote::any, predicate, site);
}
inline void __syncwarp(unsigned mask = 0xffffffffu, hg_emulation::Site site = hg_emulation::Site::here())
{
    hg_emulation::exchange(hg_emulation::Exchange::sync, mask, 0, 0, 32, site);
}
inline void __threadfence()
{
#ifdef __SANITIZE_THREAD__
    /* The thread sanitizer does not know fences; it knows that atomic changes of one variable are in an order. */
    static int order;
    __atomic_fetch_add(&order, 1, __ATOMIC_ACQ_REL);
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}
inline void __threadfence_block()
{
    __threadfence();
}

/* Warp intrinsics */
template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32, hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::shuffle(hg_emulation::Exchange::index, mask, value, lane, width, site);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::shuffle(hg_emulation::Exchange::up, mask, value, static_cast<int>(delta), width, site);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::shuffle(hg_emulation::Exchange::down, mask, value, static_cast<int>(delta), width, site);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32,
                  hg_emulation::Site site = hg_emulation::Site::here())
{
    return hg_emulation::shuffle(hg_emulation::Exchange::exclusive_or, mask, value, lanes, width, site);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return static_cast<unsigned>(
        hg_emulation::exchange(hg_emulation::Exchange::ballot, mask, predicate != 0, 0, 32, site));
}
inline int __any_sync(unsigned mask, int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return __ballot_sync(mask, predicate, site) != 0;
}
inline int __all_sync(unsigned mask, int predicate, hg_emulation::Site site = hg_emulation::Site::here())
{
    return __ballot_sync(mask, predicate, site) == mask;
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned value, hg_emulation::Site site = hg_emulation::Site::here())
{
    return static_cast<unsigned>(hg_emulation::exchange(hg_emulation::Exchange::add, mask, value, 0, 32, site));
}
inline unsigned __reduce_min_sync(unsigned mask, unsigned value, hg_emulation::Site site = hg_emulation::Site::here())
{
    return static_cast<unsigned>(hg_emulation::exchange(hg_emulation::Exchange::min, mask, value, 0, 32, site));
}
inline unsigned __reduce_max_sync(unsigned mask, unsigned value, hg_emulation::Site site = hg_emulation::Site::here())
{
    return static_cast<unsigned>(hg_emulation::exchange(hg_emulation::Exchange::max, mask, value, 0, 32, site));
}

/* Atomics: relaxed, as on the device */
template <class T> T atomicAdd(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return static_cast<T>(old + value); });
}
template <class T> T atomicSub(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return static_cast<T>(old - value); });
}
template <class T> T atomicMin(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return value < old ? value : old; });
}
template <class T> T atomicMax(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return value > old ? value : old; });
}
template <class T> T atomicExch(T *address, T value)
{
    return hg_emulation::update(address, [value](T) { return value; });
}
template <class T> T atomicCAS(T *address, T expected, T value)
{
    return hg_emulation::update(address, [expected, value](T old) { return old == expected ? value : old; });
}
template <class T> T atomicAnd(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return static_cast<T>(old & value); });
}
template <class T> T atomicOr(T *address, T value)
{
    return hg_emulation::update(address, [value](T old) { return static_cast<T>(old | value); });
}
/* (old >= limit) ? 0 : old + 1 */
inline unsigned atomicInc(unsigned *address, unsigned limit)
{
    return hg_emulation::update(address, [limit](unsigned old) { return old >= limit ? 0 : old + 1; });
}

#include "intrinsics.h"
#endif
