/* Bugs in the use of memory. */
#include "planted.h"

namespace
{
constexpr unsigned block_size = 64;

__global__ void add_one(unsigned n, const float *x, float *y)
{
    const unsigned i = blockIdx.x * block_size + threadIdx.x;
    if (i < n)
        y[i] = x[i] + 1;
}

cudaError_t add(unsigned n, const float *x, float *y)
{
    return launch(add_one, (n + block_size - 1) / block_size, block_size, nullptr, n, x, y);
}
} // namespace

int write_past_the_end(bool planted)
{
    constexpr unsigned n = 1000; /* 4000 bytes: the memory goes on to the next multiple of 256, but is not ours */
    float *x = zeros(n + 1), *y = zeros(n);
    TRY(add(planted ? n + 1 : n, x, y));
    TRY(cudaDeviceSynchronize());
    TRY(cudaFree(x));
    TRY(cudaFree(y));
    return 0;
}

int read_past_the_end(bool planted)
{
    constexpr unsigned n = 1024;
    float *x = zeros(n), *y = zeros(n + 1);
    TRY(add(planted ? n + 1 : n, x, y));
    TRY(cudaDeviceSynchronize());
    TRY(cudaFree(x));
    TRY(cudaFree(y));
    return 0;
}

int host_reads_device(bool planted)
{
    float *x = zeros(16);
    float value = 0;
    TRY(cudaDeviceSynchronize());
    if (planted)
        value = *x;
    else
        TRY(cudaMemcpy(&value, x, sizeof value, cudaMemcpyDeviceToHost));
    TRY(cudaFree(x));
    return value == 0 ? 0 : report("wrong value");
}

int host_pointer_to_kernel(bool planted)
{
    std::vector<float> host(block_size);
    float *x = zeros(block_size);
    TRY(add(block_size, planted ? host.data() : x, x));
    TRY(cudaDeviceSynchronize());
    TRY(cudaFree(x));
    return 0;
}

int uninitialised(bool planted)
{
    constexpr unsigned n = 100;
    float *x = nullptr, *y = zeros(n), results[n];
    TRY(cudaMalloc(&x, n * sizeof *x));
    TRY(cudaMemset(x, 0, (planted ? n - 1 : n) * sizeof *x));
    TRY(add(n, x, y));
    TRY(cudaMemcpy(results, y, sizeof results, cudaMemcpyDeviceToHost));
    TRY(cudaFree(x));
    TRY(cudaFree(y));
    return 0;
}

int use_after_free(bool planted)
{
    float *x = zeros(block_size), *y = zeros(block_size);
    if (planted)
        TRY(cudaFree(y));
    TRY(add(block_size, x, y));
    TRY(cudaDeviceSynchronize());
    if (!planted)
        TRY(cudaFree(y));
    TRY(cudaFree(x));
    return 0;
}

int graph_outlives_memory(bool planted)
{
    float *x = zeros(block_size), *y = zeros(block_size);
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    TRY(cudaDeviceSynchronize());
    TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    TRY(launch(add_one, 1, block_size, stream, block_size, x, y));
    TRY(cudaStreamEndCapture(stream, &graph));
    TRY(cudaGraphInstantiate(&exec, graph));
    TRY(cudaGraphDestroy(graph));
    if (planted)
        TRY(cudaFree(x));
    TRY(cudaGraphLaunch(exec, stream));
    TRY(cudaStreamSynchronize(stream));
    TRY(cudaGraphExecDestroy(exec));
    TRY(cudaStreamDestroy(stream));
    if (!planted)
        TRY(cudaFree(x));
    TRY(cudaFree(y));
    return 0;
}

int leak(bool planted)
{
    float *x = zeros(16);
    if (!planted)
        TRY(cudaFree(x));
    return 0;
}
