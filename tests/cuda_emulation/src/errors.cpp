/* Errors: those a program can handle (returned, remembered, sticky), those it cannot (die), and those a test injects.
 */
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "emulation.h"

namespace hg_emulation
{
std::recursive_mutex device_lock;
hg_emulation_counters counters;
std::string (*describe_context)() = nullptr;
bool in_host_function = false;

namespace
{
cudaError_t sticky = cudaSuccess;
thread_local cudaError_t last = cudaSuccess;

/* Counts down to an injected failure; below zero: none is due. */
struct Fault {
    long long countdown;
    cudaError_t error;
    bool strikes()
    {
        return countdown >= 0 && countdown-- == 0;
    }
};

Fault kernel_fault_of_environment()
{
    const char *text = std::getenv("HG_EMULATION_FAIL_KERNEL");
    Fault fault = {-1, cudaErrorIllegalAddress};
    int error = fault.error;
    if (text != nullptr && std::sscanf(text, "%lld:%d", &fault.countdown, &error) >= 1)
        fault.error = static_cast<cudaError_t>(error);
    return fault;
}

Fault &kernel_fault()
{
    static Fault fault = kernel_fault_of_environment();
    return fault;
}

Fault &allocation_fault()
{
    static Fault fault = {setting("HG_EMULATION_FAIL_ALLOCATION", -1), cudaErrorMemoryAllocation};
    return fault;
}
} // namespace

void die(const char *format, ...)
{
    std::fputs("hg_emulation: ", stderr);
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    const std::string context = describe_context ? describe_context() : std::string();
    if (!context.empty())
        std::fprintf(stderr, " (%s)", context.c_str());
    std::fputc('\n', stderr);
    std::abort();
}

cudaError_t note(cudaError_t error)
{
    if (error != cudaSuccess && error != cudaErrorNotReady)
        last = error;
    return error;
}

void stick(cudaError_t error)
{
    if (sticky == cudaSuccess)
        sticky = error;
}

cudaError_t stuck()
{
    return sticky;
}

bool kernel_fails()
{
    if (!kernel_fault().strikes())
        return false;
    stick(kernel_fault().error);
    return true;
}

bool allocation_fails()
{
    return allocation_fault().strikes();
}

const char *error_name(cudaError_t error)
{
    switch (error) {
#define NAME(name, number, text)                                                                                       \
    case name:                                                                                                         \
        return #name;
        HG_EMULATION_ERRORS(NAME)
#undef NAME
    }
    return "unrecognized error code";
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaGetLastError()
{
    const Entry entry;
    const cudaError_t error = entry.status != cudaSuccess ? entry.status : last;
    last = cudaSuccess;
    return error;
}

cudaError_t cudaPeekAtLastError()
{
    const Entry entry;
    return entry.status != cudaSuccess ? entry.status : last;
}

const char *cudaGetErrorName(cudaError_t error)
{
    return error_name(error);
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
#define TEXT(name, number, text)                                                                                       \
    case name:                                                                                                         \
        return text;
        HG_EMULATION_ERRORS(TEXT)
#undef TEXT
    }
    return "unrecognized error code";
}

void hg_emulation_counters_read(hg_emulation_counters *out)
{
    const Entry entry;
    *out = counters;
}

void hg_emulation_counters_reset()
{
    const Entry entry;
    counters = {};
}

void hg_emulation_fail_kernel(uint64_t after, int error)
{
    const Entry entry;
    kernel_fault() = {static_cast<long long>(after), static_cast<cudaError_t>(error)};
}

void hg_emulation_fail_allocation(uint64_t after)
{
    const Entry entry;
    allocation_fault() = {static_cast<long long>(after), cudaErrorMemoryAllocation};
}
}
