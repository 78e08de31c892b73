/* What the parts of the emulation share. Their state is never destroyed: a program may call CUDA as it exits. One
 * device and one lock: every entry point holds it, so that one host thread at a time runs CUDA code, the others wait.
 */
#ifndef HG_EMULATION_INTERNAL_H
#define HG_EMULATION_INTERNAL_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "counters.h"
#include "cuda_runtime.h"
#include "sanitizers.h"

namespace hg_emulation
{
extern std::recursive_mutex device_lock;
extern hg_emulation_counters counters;

/* ---- errors.cpp */
/* Reports use of CUDA whose outcome on a device is undefined, with the kernel and thread at work, and aborts. */
[[noreturn]] void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether the failure that a test injects strikes this kernel, this allocation. */
bool kernel_fails();
bool allocation_fails();
/* Remembers a failure for cudaGetLastError and returns it. */
cudaError_t note(cudaError_t error);
/* An error of work already enqueued: every later call returns it. */
void stick(cudaError_t error);
cudaError_t stuck();
const char *error_name(cudaError_t error);
/* What a violation is blamed on: "kernel f, block (0,0,0), thread (1,0,0)". Empty: the host. */
extern std::string (*describe_context)();

/* Set while a function of cudaLaunchHostFunc runs, which may call nothing here. */
extern bool in_host_function;

/* Holds the lock of the device for an entry point; `status` is the sticky error, if there is one. */
struct Entry {
    std::lock_guard<std::recursive_mutex> hold{device_lock};
    const cudaError_t status = in_host_function ? cudaErrorNotPermitted : stuck();
};

/* ---- settings.cpp: the HG_EMULATION_* environment and the deterministic dice of the scheduler */
long long setting(const char *name, long long fallback);
uint64_t roll(uint64_t sides);

/* ---- memory.cpp */
struct Allocation {
    char *base; /* what cudaMalloc gave */
    size_t bytes;
    char *map; /* guard page, padding, data, padding, guard page */
    size_t map_bytes;
    uint64_t number;
    bool live;
    bool open; /* accessible now */
};
/* The allocation whose pages, guards included, hold the address; NULL where there is none. Safe in a signal handler. */
const Allocation *allocation_near(const void *address);
/* The live allocation that holds [address, address + bytes), one past the end included for bytes == 0. */
const Allocation *allocation_of(const void *address, size_t bytes);
/* Dies unless `bytes` bytes at `address` are device memory. */
void require_device(const void *address, size_t bytes, const char *what);
/* Device memory is accessible only while one of these lives, each allocation from its first touch on (open_at). */
struct Unlock {
    Unlock();
    ~Unlock();
    Unlock(const Unlock &) = delete;
    Unlock &operator=(const Unlock &) = delete;
};
/* Opens the allocation that a fault met, if it may be touched now: then the access is to be tried again. */
bool open_at(const void *address);
/* Writes past an allocation's end, and device memory never written that is about to reach the host. */
void check_guards();
void check_initialised(const void *address, size_t bytes);
size_t live_allocations();
size_t live_streams();
size_t live_events();
size_t live_graphs();
bool report_device_memory();

size_t page_bytes();
size_t round_up(size_t bytes, size_t unit);

/* ---- host_memory.cpp */
bool is_pinned(const void *address, size_t bytes);
bool is_mapped(const void *address);
bool report_host_memory();

/* ---- stream.cpp */
enum class Work { kernel, copy, set, host, graph, cublas, event, nothing };
struct Operation {
    Work kind;
    std::function<void()> run;
    std::vector<std::shared_ptr<Operation>> after;
    CUstream_st *stream = nullptr;
    bool done = false;
};
using OperationPtr = std::shared_ptr<Operation>;

/* Enqueues work on a stream, or adds it to the graph that the stream is capturing. */
cudaError_t submit(cudaStream_t stream, Work kind, std::function<void()> run);
OperationPtr enqueue(CUstream_st *stream, Work kind, std::function<void()> run, std::vector<OperationPtr> after);
void finish(const OperationPtr &operation); /* runs it, and what it depends on, unless done */
/* The same, and the host, as the race detector sees it, knows what was done. */
void host_waits_for(const OperationPtr &operation);
void host_waits_for_all();
void progress(); /* runs some of what waits, as the dice fall */
const std::vector<CUstream_st *> &all_streams();
CUstream_st *stream_of(cudaStream_t stream); /* NULL where the handle is none */
OperationPtr last_of(CUstream_st *stream);

/* ---- graph.cpp */
cudaError_t add_node(CUstream_st *stream, Work kind, std::function<void()> run);
/* What a call that waits, or may wait, must return while a capture forbids it; cudaSuccess otherwise. */
cudaError_t forbid_in_capture();
/* The same for a synchronous call that uses the legacy stream. */
cudaError_t forbid_legacy_in_capture();
bool is_capturing(cudaStream_t stream);

/* ---- fault.cpp, leaks.cpp: switched on by the first allocation */
void explain_faults();
void watch_leaks();

/* ---- cublas.cpp */
size_t live_handles();
} // namespace hg_emulation

struct CUgraphNode_st {
    hg_emulation::Work kind;
    std::function<void()> run;
    std::vector<size_t> after; /* indices of nodes */
};
struct CUgraph_st {
    std::vector<std::unique_ptr<CUgraphNode_st>> nodes;
};
struct CUgraphExec_st {
    std::shared_ptr<const std::vector<CUgraphNode_st>> nodes;
    hg_emulation::OperationPtr latest;
};

namespace hg_emulation
{
struct Capture {
    std::unique_ptr<CUgraph_st> graph = std::make_unique<CUgraph_st>();
    CUstream_st *origin = nullptr;
    cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
    bool valid = true;
};
using CapturePtr = std::shared_ptr<Capture>;
} // namespace hg_emulation

struct CUstream_st {
    bool blocking = true;                       /* waits for the legacy stream, and the legacy stream for it */
    hg_emulation::sanitizer::Identity identity; /* the race detector takes a stream for a thread */
    std::deque<hg_emulation::OperationPtr> queue;
    hg_emulation::OperationPtr last;
    hg_emulation::CapturePtr capture;
    std::vector<size_t> frontier; /* nodes that the next captured one depends on */
};

struct CUevent_st {
    bool timing = true;
    hg_emulation::OperationPtr recorded;
    std::shared_ptr<double> seconds; /* when the recorded operation ran */
    hg_emulation::CapturePtr capture;
    std::vector<size_t> frontier;
};
#endif
