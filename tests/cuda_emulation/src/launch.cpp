/* Launching kernels: the limits, the arguments, the grid. */
#include <algorithm>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

#include "block.h"
#include "device.h"
#include "emulation.h"
#include "symbols.h"

namespace hg_emulation
{
namespace
{
std::map<const void *, size_t> &dynamic_limits =
    *new std::map<const void *, size_t>; /* raised by cudaFuncSetAttribute */
const Symbols *running;
char *dynamic_base;

constexpr uint32_t shared_pattern = 0xffa5c3d7u; /* a signalling NaN: shared memory starts undefined */

/* Dynamic shared memory ends where a guard page begins. */
char *dynamic_memory(size_t bytes)
{
    static const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    static const size_t room = (limits.shared_optin + page - 1) / page * page;
    static char *memory = [] {
        void *map = mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED || mprotect(static_cast<char *>(map) + room, page, PROT_NONE) != 0)
            die("no memory for shared memory");
        return static_cast<char *>(map);
    }();
    constexpr size_t unit = 16;
    char *base = memory + room - (bytes + unit - 1) / unit * unit;
    sanitizer::poison(memory, room);
    sanitizer::unpoison(base, bytes);
    return base;
}

/* A loop, not memset: the sanitizers would take that for an access of the program. */
void scramble(char *start, size_t bytes)
{
    constexpr size_t word = sizeof shared_pattern;
    uint32_t *words = reinterpret_cast<uint32_t *>(start); /* variables smaller than a word need no alignment */
    for (size_t i = 0; i < bytes / word; ++i)
        words[i] = shared_pattern;
    for (size_t i = bytes / word * word; i < bytes; ++i)
        start[i] = static_cast<char>(shared_pattern >> i % word * 8);
}

std::string describe_kernel()
{
    if (running == nullptr)
        return std::string();
    const std::string thread = describe_thread();
    return "kernel " + running->name + ", block (" + std::to_string(blockIdx.x) + "," + std::to_string(blockIdx.y) +
           "," + std::to_string(blockIdx.z) + ")" + (thread.empty() ? "" : ", " + thread);
}

/* Arguments are checked each time a kernel runs: a graph may outlive the memory it was captured with. */
void check_pointer(const void *pointer, size_t parameter)
{
    if (pointer == nullptr || allocation_of(pointer, 0) != nullptr || is_pinned(pointer, 0))
        return;
    const Allocation *near = allocation_near(pointer);
    if (near == nullptr)
        die("parameter %zu is host memory: %p", parameter, pointer);
    if (!near->live)
        die("parameter %zu points to device memory that was freed (allocation %lu)", parameter,
            static_cast<unsigned long>(near->number));
    die("parameter %zu points outside of allocation %lu of %zu bytes", parameter,
        static_cast<unsigned long>(near->number), near->bytes);
}

/* Pointers within structs have no type here: words that look like addresses of mapped memory are taken for pointers. */
void check_structure(const char *bytes, size_t size, size_t parameter)
{
    for (size_t at = 0; at + sizeof(void *) <= size; at += sizeof(void *)) {
        const void *word;
        std::memcpy(&word, bytes + at, sizeof word);
        const uintptr_t value = reinterpret_cast<uintptr_t>(word);
        const bool plausible = value >> 40 >= 0x50 && value >> 47 == 0; /* where Linux puts programs, heaps, stacks */
        if (plausible && (allocation_near(word) != nullptr || is_mapped(word)))
            check_pointer(word, parameter);
    }
}

void check_arguments(const Kernel &kernel, void *const *arguments)
{
    for (size_t i = 0; i < kernel.count; ++i) {
        const Parameter &parameter = kernel.parameters[i];
        const char *bytes = static_cast<const char *>(arguments[i]);
        if (parameter.pointer) {
            const void *pointer;
            std::memcpy(&pointer, bytes, sizeof pointer);
            check_pointer(pointer, i);
        } else if (parameter.size > sizeof(void *)) {
            check_structure(bytes, parameter.size, i);
        }
    }
}

void run_grid(const Kernel &kernel, dim3 grid, dim3 threads, void *const *arguments, size_t shared)
{
    const Symbols &symbols = symbols_of(kernel.function);
    running = &symbols;
    gridDim = grid;
    blockDim = threads;
    const size_t blocks = static_cast<size_t>(grid.x) * grid.y * grid.z;
    const bool ascending = roll(2) == 0;
    char *statics = symbols.shared->empty() ? nullptr : thread_local_memory(symbols.base);
    blockIdx = {0, 0, 0};
    check_arguments(kernel, arguments);
    begin_blocks();
    for (size_t n = 0; n < blocks; ++n) {
        const size_t i = ascending ? n : blocks - 1 - n;
        blockIdx = {static_cast<unsigned>(i % grid.x), static_cast<unsigned>(i / grid.x % grid.y),
                    static_cast<unsigned>(i / grid.x / grid.y)};
        for (const Shared &variable : *symbols.shared)
            scramble(statics + variable.offset, variable.bytes);
        dynamic_base = dynamic_memory(shared);
        scramble(dynamic_base, shared);
        if (run_block(kernel, arguments, n)) {
            end_blocks(); /* blocks share their shared variables here, so the race detector must see them in order */
            begin_blocks();
        }
    }
    end_blocks();
    check_guards();
    running = nullptr;
}

cudaError_t check_limits(const Kernel &kernel, dim3 grid, dim3 block, size_t shared)
{
    if (block.x == 0 || block.y == 0 || block.z == 0 || grid.x == 0 || grid.y == 0 || grid.z == 0)
        return cudaErrorInvalidConfiguration;
    if (block.x > 1024 || block.y > 1024 || block.z > 64 ||
        static_cast<uint64_t>(block.x) * block.y * block.z > limits.threads_per_block)
        return cudaErrorInvalidConfiguration;
    if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        return cudaErrorInvalidConfiguration;
    const size_t fixed = symbols_of(kernel.function).shared_bytes;
    const auto raised = dynamic_limits.find(kernel.function);
    const size_t dynamic =
        raised == dynamic_limits.end() ? limits.shared - std::min(fixed, limits.shared) : raised->second;
    if (fixed > limits.shared || shared > dynamic)
        return cudaErrorInvalidValue;
    return cudaSuccess;
}
} // namespace

void *dynamic_shared()
{
    return dynamic_base;
}

cudaError_t launch(const Kernel &kernel, dim3 grid, dim3 block, void *const *arguments, size_t shared,
                   cudaStream_t stream)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    describe_context = describe_kernel;
    if (const cudaError_t wrong = check_limits(kernel, grid, block, shared))
        return note(wrong);
    constexpr size_t unit = alignof(std::max_align_t);
    std::vector<size_t> offsets;
    size_t bytes = 0;
    for (size_t i = 0; i < kernel.count; ++i) {
        offsets.push_back(bytes);
        bytes += (kernel.parameters[i].size + unit - 1) / unit * unit;
    }
    if (bytes > limits.parameters)
        return note(cudaErrorInvalidValue);
    std::shared_ptr<std::max_align_t[]> copy(new std::max_align_t[bytes / sizeof(std::max_align_t) + 1]);
    std::vector<void *> pointers;
    for (size_t i = 0; i < kernel.count; ++i) {
        pointers.push_back(reinterpret_cast<char *>(copy.get()) + offsets[i]);
        std::memcpy(pointers[i], arguments[i], kernel.parameters[i].size);
    }
    ++counters.kernel_launches;
    /* The copy is the work's alone: the race detector then sees it freed in the right order. */
    return note(submit(stream, Work::kernel, [kernel, grid, block, copy = std::move(copy), pointers, shared] {
        ++counters.kernels_run;
        if (!kernel_fails())
            run_grid(kernel, grid, block, pointers.data(), shared);
    }));
}

cudaError_t function_set_attribute(const void *function, cudaFuncAttribute attribute, int value)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout)
        return cudaSuccess;
    const size_t fixed = symbols_of(function).shared_bytes;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        static_cast<size_t>(value) + fixed > limits.shared_optin)
        return note(cudaErrorInvalidValue);
    dynamic_limits[function] = static_cast<size_t>(value);
    return cudaSuccess;
}

cudaError_t function_get_attributes(cudaFuncAttributes *attributes, const void *function)
{
    const Entry entry;
    *attributes = {};
    if (capability() < oldest_capability)
        return note(cudaErrorNoKernelImageForDevice);
    attributes->sharedSizeBytes = symbols_of(function).shared_bytes;
    attributes->maxThreadsPerBlock = static_cast<int>(limits.threads_per_block);
    attributes->numRegs = limits.registers_per_thread;
    attributes->ptxVersion = attributes->binaryVersion = capability();
    const auto raised = dynamic_limits.find(function);
    attributes->maxDynamicSharedSizeBytes =
        static_cast<int>(raised == dynamic_limits.end() ? limits.shared : raised->second);
    return entry.status;
}

cudaError_t occupancy(int *blocks, const void *function, int threads, size_t shared)
{
    const Entry entry;
    if (threads <= 0 || static_cast<size_t>(threads) > limits.threads_per_block)
        return note(cudaErrorInvalidValue);
    const size_t used = symbols_of(function).shared_bytes + shared;
    size_t result = std::min<size_t>(limits.blocks_per_sm, limits.threads_per_sm / static_cast<size_t>(threads));
    if (used > 0)
        result = std::min(result, limits.shared_per_sm / used);
    *blocks = static_cast<int>(result);
    return entry.status;
}
} // namespace hg_emulation
