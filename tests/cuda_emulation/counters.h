/* What the emulated device was asked to do, for tests that claim "nine launches a step" or "nothing allocates within an
 * epoch". Counts run from the start of the process or the last reset. */
#ifndef HG_EMULATION_COUNTERS_H
#define HG_EMULATION_COUNTERS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hg_emulation_counters {
    uint64_t kernel_launches; /* of kernels, on a stream or captured; not those of cuBLAS */
    uint64_t cublas_calls;    /* that compute; on a stream or captured */
    uint64_t kernels_run;     /* kernels executed, replays of graphs included */
    uint64_t cublas_run;      /* cuBLAS computations executed, replays of graphs included */
    uint64_t device_allocations, device_frees, device_bytes_peak;
    uint64_t host_allocations, host_frees; /* pinned memory */
    uint64_t copies[4], copied_bytes[4];   /* by cudaMemcpyKind, when asked for or replayed */
    uint64_t memsets;
    uint64_t synchronisations; /* waits of the host: explicit ones, synchronous copies, cudaMalloc's and cudaFree's */
    uint64_t queries;          /* cudaEventQuery, cudaStreamQuery */
    uint64_t graph_launches, graph_nodes_run;
    uint64_t graphs_instantiated, last_graph_nodes; /* nodes of the graph instantiated last */
};

void hg_emulation_counters_read(struct hg_emulation_counters *out);
void hg_emulation_counters_reset(void);

/* Fails the (after + 1)-th kernel to run from now with `error` (a cudaError_t such as cudaErrorIllegalAddress), which
 * sticks as on a device; or the (after + 1)-th allocation with cudaErrorMemoryAllocation. The environment does the
 * same: HG_EMULATION_FAIL_KERNEL=after[:error], HG_EMULATION_FAIL_ALLOCATION=after. */
void hg_emulation_fail_kernel(uint64_t after, int error);
void hg_emulation_fail_allocation(uint64_t after);

#ifdef __cplusplus
}
#endif
#endif
