/* The limits of the one emulated device: those of compute capability 9.0 with few multiprocessors. */
#ifndef HG_EMULATION_DEVICE_H
#define HG_EMULATION_DEVICE_H

#include <cstddef>

namespace hg_emulation
{
struct Limits {
    int sms, registers_per_thread;
    size_t threads_per_block, threads_per_sm, blocks_per_sm;
    size_t shared, shared_optin, shared_per_sm; /* bytes */
    size_t parameters;                          /* bytes of a kernel's arguments */
};

constexpr Limits limits = {8, 32, 1024, 2048, 32, 48 * 1024, 227 * 1024, 228 * 1024, 4096};

/* The compute capability, times ten; and the oldest that emulated kernels are code for. */
int capability();
constexpr int oldest_capability = 50;
} // namespace hg_emulation
#endif
