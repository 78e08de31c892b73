/* Page-locked memory of the host, and what kind of memory a pointer points to. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>

#include "emulation.h"
#include "sanitizers.h"

namespace hg_emulation
{
namespace
{
std::map<char *, size_t> &pinned = *new std::map<char *, size_t>;     /* allocated page-locked */
std::map<char *, size_t> &registered = *new std::map<char *, size_t>; /* made page-locked */

/* A NaN too: pinned memory starts undefined. */
constexpr unsigned char undefined_byte = 0xff;

bool holds(const std::map<char *, size_t> &ranges, const void *address, size_t bytes)
{
    char *at = static_cast<char *>(const_cast<void *>(address));
    auto range = ranges.upper_bound(at);
    if (range == ranges.begin())
        return false;
    --range;
    return at + bytes <= range->first + range->second;
}
} // namespace

bool is_pinned(const void *address, size_t bytes)
{
    return holds(pinned, address, bytes) || holds(registered, address, bytes);
}

bool is_mapped(const void *address)
{
    unsigned char resident;
    const uintptr_t start = reinterpret_cast<uintptr_t>(address) / page_bytes() * page_bytes();
    return mincore(reinterpret_cast<void *>(start), 1, &resident) == 0;
}

bool report_host_memory()
{
    for (const auto &range : pinned)
        std::fprintf(stderr, "hg_emulation: leak: %zu bytes of pinned memory\n", range.second);
    for (const auto &range : registered)
        std::fprintf(stderr, "hg_emulation: leak: %zu bytes of memory still registered\n", range.second);
    return pinned.size() + registered.size() > 0;
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned int)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (memory == nullptr)
        return note(cudaErrorInvalidValue);
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    *memory = nullptr;
    if (bytes == 0)
        return cudaSuccess;
    void *block = allocation_fails() ? nullptr : std::aligned_alloc(page_bytes(), round_up(bytes, page_bytes()));
    if (block == nullptr)
        return note(cudaErrorMemoryAllocation);
    std::memset(block, undefined_byte, bytes);
    sanitizer::poison(static_cast<char *>(block) + bytes, round_up(bytes, page_bytes()) - bytes);
    pinned[static_cast<char *>(block)] = bytes;
    ++counters.host_allocations;
    *memory = block;
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
    return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}

cudaError_t cudaFreeHost(void *memory)
{
    const Entry entry;
    if (memory == nullptr)
        return entry.status;
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    const auto range = pinned.find(static_cast<char *>(memory));
    if (range == pinned.end())
        return note(cudaErrorInvalidValue);
    ++counters.synchronisations;
    host_waits_for_all();
    ++counters.host_frees;
    sanitizer::unpoison(memory, round_up(range->second, page_bytes()));
    pinned.erase(range);
    std::free(memory);
    return stuck();
}

cudaError_t cudaHostRegister(void *memory, size_t bytes, unsigned int)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (memory == nullptr || bytes == 0)
        return note(cudaErrorInvalidValue);
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    if (is_pinned(memory, 1))
        return note(cudaErrorHostMemoryAlreadyRegistered);
    registered[static_cast<char *>(memory)] = bytes;
    return cudaSuccess;
}

cudaError_t cudaHostUnregister(void *memory)
{
    const Entry entry;
    const auto range = registered.find(static_cast<char *>(memory));
    if (range == registered.end())
        return note(cudaErrorHostMemoryNotRegistered);
    ++counters.synchronisations;
    host_waits_for_all();
    registered.erase(range);
    return stuck();
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *memory)
{
    const Entry entry;
    *attributes = {cudaMemoryTypeUnregistered, 0, nullptr, const_cast<void *>(memory)};
    if (allocation_of(memory, 1) != nullptr)
        *attributes = {cudaMemoryTypeDevice, 0, const_cast<void *>(memory), nullptr};
    else if (is_pinned(memory, 1))
        *attributes = {cudaMemoryTypeHost, 0, const_cast<void *>(memory), const_cast<void *>(memory)};
    return entry.status;
}
}
