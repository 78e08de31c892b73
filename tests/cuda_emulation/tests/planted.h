/* Bugs planted on purpose. Each is a function that runs CUDA code with the bug or, for `planted` false, without it; it
 * returns 0 where all was well. test_emulation_planted.cpp holds what must be reported. */
#ifndef HG_EMULATION_PLANTED_H
#define HG_EMULATION_PLANTED_H

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <cstdio>
#include <vector>

/* Launches as the project does: arguments converted to the kernel's parameters. */
template <class T> struct as_declared {
    using type = T;
};
template <class... P>
cudaError_t launch(void (*kernel)(P...), dim3 grid, dim3 block, cudaStream_t stream,
                   typename as_declared<P>::type... arguments)
{
    void *pointers[] = {static_cast<void *>(&arguments)..., nullptr};
    return cudaLaunchKernel(kernel, grid, block, pointers, 0, stream);
}

/* Says on stderr what went wrong, and gives it back as a status. */
inline int report(const char *what, int status = 1)
{
    std::fprintf(stderr, "%s\n", what);
    return status;
}

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        const cudaError_t error_ = (call);                                                                             \
        if (error_ != cudaSuccess)                                                                                     \
            return report(cudaGetErrorName(error_));                                                                   \
    } while (0)

/* `count` zeroed floats on the device. */
inline float *zeros(size_t count)
{
    float *memory = nullptr;
    if (cudaMalloc(&memory, count * sizeof *memory) != cudaSuccess ||
        cudaMemset(memory, 0, count * sizeof *memory) != cudaSuccess)
        return nullptr;
    return memory;
}

/* kernels */
int missing_barrier(bool planted);
int exit_before_barrier(bool planted);
int two_barriers(bool planted);
int race(bool planted);
int missing_lane(bool planted);
int shared_index(bool planted);
int misaligned_vector(bool planted);
int too_many_threads(bool planted);
/* memory */
int write_past_the_end(bool planted);
int read_past_the_end(bool planted);
int host_reads_device(bool planted);
int host_pointer_to_kernel(bool planted);
int uninitialised(bool planted);
int use_after_free(bool planted);
int graph_outlives_memory(bool planted);
int leak(bool planted);
/* streams */
int graph_destroyed_early(bool planted);
int missing_event(bool planted);
int buffer_reused(bool planted);
int result_not_awaited(bool planted);
int synchronise_in_capture(bool planted);
int allocate_in_capture(bool planted);
int unjoined_stream(bool planted);
/* cuBLAS */
int swapped_leading_dimension(bool planted);
int leading_dimension_too_large(bool planted);
int result_overlaps_operand(bool planted);
int no_workspace_in_capture(bool planted);
int wrong_pointer_mode(bool planted);

#endif
