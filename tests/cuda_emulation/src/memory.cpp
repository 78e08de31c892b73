/* Device memory. Each allocation is a mapping of its own,
 *
 *     guard page | padding | data | tail | guard page          data: aligned to 256 bytes; tail: < 256 bytes
 *
 * inaccessible (PROT_NONE) but while the device works on it, so that a host that reads or writes it dies at that
 * instruction; tagging pointers could not do that for plain loads. The padding and tail hold a pattern that is checked
 * after each kernel (under ASan they are poisoned, and the first touch reports). Freed mappings stay inaccessible for a
 * while: late uses die too. Data starts as a signalling NaN with a payload of its own, which every arithmetic operation
 * keeps: a copy to the host that meets it was computed from memory that nobody wrote. */
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
constexpr size_t alignment = 256, kept_after_free = 1000;
constexpr uint32_t never_written = 0xffa5c3d7u; /* a signalling NaN */
constexpr uint32_t quiet_bit = 0x00400000u, sign_bit = 0x80000000u;
constexpr unsigned char guard_byte = 0xb9;

std::vector<Allocation> &allocations = *new std::vector<Allocation>; /* live and lately freed, oldest first */
size_t used = 0;
int unlocked = 0;

char *pages_of(const Allocation &a)
{
    return a.map + page_bytes();
}

size_t page_bytes_of(const Allocation &a)
{
    return a.map_bytes - 2 * page_bytes();
}

void protect(const Allocation &a, int protection)
{
    if (mprotect(pages_of(a), page_bytes_of(a), protection) != 0)
        die("mprotect failed: out of mappings?");
}

void map_allocation(Allocation &a, size_t bytes)
{
    const size_t rounded = round_up(bytes, alignment);
    a.bytes = bytes;
    a.map_bytes = round_up(rounded, page_bytes()) + 2 * page_bytes();
    void *map = mmap(nullptr, a.map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        die("cannot map %zu bytes of host memory for the device", a.map_bytes);
    a.map = static_cast<char *>(map);
    /* Protection changes with every operation; that takes time for each page. */
    madvise(map, a.map_bytes, MADV_HUGEPAGE);
    a.base = a.map + a.map_bytes - page_bytes() - rounded;
    protect(a, PROT_READ | PROT_WRITE);
    std::memset(pages_of(a), guard_byte, page_bytes_of(a));
    const size_t words = bytes / sizeof never_written;
    std::fill_n(reinterpret_cast<uint32_t *>(a.base), words, never_written);
    std::memcpy(a.base + words * sizeof never_written, &never_written, bytes % sizeof never_written);
    explain_faults();
    watch_leaks();
    sanitizer::poison(pages_of(a), static_cast<size_t>(a.base - pages_of(a)));
    sanitizer::poison(a.base + bytes, rounded - bytes);
    protect(a, PROT_NONE);
}

void unmap_allocation(const Allocation &a)
{
    sanitizer::unpoison(a.map, a.map_bytes);
    munmap(a.map, a.map_bytes);
}
} // namespace

size_t page_bytes()
{
    static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return bytes;
}

size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

const Allocation *allocation_near(const void *address)
{
    const char *at = static_cast<const char *>(address);
    for (auto a = allocations.rbegin(); a != allocations.rend(); ++a)
        if (at >= a->map && at < a->map + a->map_bytes)
            return &*a;
    return nullptr;
}

const Allocation *allocation_of(const void *address, size_t bytes)
{
    const char *at = static_cast<const char *>(address);
    for (const Allocation &a : allocations)
        if (a.live && at >= a.base && at <= a.base + a.bytes && bytes <= static_cast<size_t>(a.base + a.bytes - at))
            return &a;
    return nullptr;
}

void require_device(const void *address, size_t bytes, const char *what)
{
    if (allocation_of(address, bytes) != nullptr)
        return;
    const Allocation *near = allocation_near(address);
    if (near == nullptr)
        die("%s: %p is no device memory", what, address);
    if (!near->live)
        die("%s: %p was freed (allocation %lu)", what, address, static_cast<unsigned long>(near->number));
    die("%s: %zu bytes at offset %td exceed allocation %lu of %zu bytes", what, bytes,
        static_cast<const char *>(address) - near->base, static_cast<unsigned long>(near->number), near->bytes);
}

Unlock::Unlock()
{
    ++unlocked;
}

Unlock::~Unlock()
{
    if (--unlocked > 0)
        return;
    for (Allocation &a : allocations)
        if (a.open) {
            protect(a, PROT_NONE);
            a.open = false;
        }
}

bool open_at(const void *address)
{
    const char *at = static_cast<const char *>(address);
    for (Allocation &a : allocations)
        if (unlocked > 0 && a.live && !a.open && at >= pages_of(a) && at < pages_of(a) + page_bytes_of(a)) {
            protect(a, PROT_READ | PROT_WRITE);
            a.open = true;
            return true;
        }
    return false;
}

void check_guards()
{
    for (const Allocation &a : allocations) {
        if (!a.open) /* nobody has touched it */
            continue;
        const char *end = pages_of(a) + page_bytes_of(a);
        for (const char *at = pages_of(a); at < end; at = at == a.base - 1 ? a.base + a.bytes : at + 1) {
            if (at == a.base) /* no padding in front */
                at += a.bytes;
            if (at < end && static_cast<unsigned char>(*at) != guard_byte)
                die("write outside of device memory: offset %td of allocation %lu of %zu bytes", at - a.base,
                    static_cast<unsigned long>(a.number), a.bytes);
        }
    }
}

void check_initialised(const void *address, size_t bytes)
{
    const Allocation *a = allocation_of(address, bytes);
    const char *at = static_cast<const char *>(address);
    const size_t skew = static_cast<size_t>(at - a->base) % sizeof never_written;
    for (size_t i = skew ? sizeof never_written - skew : 0; i + sizeof never_written <= bytes;
         i += sizeof never_written) {
        uint32_t word;
        std::memcpy(&word, at + i, sizeof word);
        word |= sign_bit;
        if (word == never_written || word == (never_written | quiet_bit))
            die("copy to the host of uninitialised device memory: offset %td of allocation %lu of %zu bytes %s",
                at + i - a->base, static_cast<unsigned long>(a->number), a->bytes,
                word == never_written ? "was never written" : "was computed from memory never written");
    }
}

size_t live_allocations()
{
    return static_cast<size_t>(
        std::count_if(allocations.begin(), allocations.end(), [](const Allocation &a) { return a.live; }));
}

bool report_device_memory()
{
    for (const Allocation &a : allocations)
        if (a.live)
            std::fprintf(stderr, "hg_emulation: leak: %zu bytes of device memory (allocation %lu)\n", a.bytes,
                         static_cast<unsigned long>(a.number));
    return live_allocations() > 0;
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaMalloc(void **memory, size_t bytes)
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
    size_t unused, total;
    cudaMemGetInfo(&unused, &total);
    if (bytes > unused || allocation_fails())
        return note(cudaErrorMemoryAllocation);
    Allocation a = {};
    a.number = ++counters.device_allocations;
    a.live = true;
    map_allocation(a, bytes);
    allocations.push_back(a);
    used += round_up(bytes, alignment);
    counters.device_bytes_peak = std::max<uint64_t>(counters.device_bytes_peak, used);
    *memory = a.base;
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    const Entry entry;
    if (memory == nullptr)
        return entry.status;
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    const auto a = std::find_if(allocations.begin(), allocations.end(),
                                [memory](const Allocation &b) { return b.live && b.base == memory; });
    if (a == allocations.end())
        return note(cudaErrorInvalidValue);
    ++counters.synchronisations;
    host_waits_for_all();
    ++counters.device_frees;
    used -= round_up(a->bytes, alignment);
    a->live = false;
    madvise(pages_of(*a), page_bytes_of(*a), MADV_DONTNEED);
    if (allocations.size() - live_allocations() > kept_after_free) {
        const auto oldest =
            std::find_if(allocations.begin(), allocations.end(), [](const Allocation &b) { return !b.live; });
        unmap_allocation(*oldest);
        allocations.erase(oldest);
    }
    return stuck();
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes)
{
    const Entry entry;
    cudaDeviceProp device;
    if (const cudaError_t error = cudaGetDeviceProperties(&device, 0))
        return error;
    *total_bytes = device.totalGlobalMem;
    *free_bytes = device.totalGlobalMem - std::min(used, device.totalGlobalMem);
    return entry.status;
}
}
