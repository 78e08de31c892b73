/* Bugs in the order of work. Their code runs several rounds, because in one round the wrong order may be the right one.
 */
#include "planted.h"

namespace
{
constexpr size_t count = 256;
constexpr int rounds = 12;

__global__ void twice(const float *x, float *y)
{
    y[threadIdx.x] = 2 * x[threadIdx.x];
}

struct Two { /* streams, and pinned and device buffers */
    cudaStream_t copies, compute;
    cudaEvent_t copied, computed;
    float *host, *x, *y, *result;

    cudaError_t create()
    {
        cudaError_t error = cudaStreamCreateWithFlags(&copies, cudaStreamNonBlocking);
        error = error ? error : cudaStreamCreateWithFlags(&compute, cudaStreamNonBlocking);
        error = error ? error : cudaEventCreateWithFlags(&copied, cudaEventDisableTiming);
        error = error ? error : cudaEventCreateWithFlags(&computed, cudaEventDisableTiming);
        error = error ? error : cudaMallocHost(&host, count * sizeof *host);
        error = error ? error : cudaMallocHost(&result, count * sizeof *result);
        x = zeros(count);
        y = zeros(count);
        return error ? error : cudaDeviceSynchronize();
    }
    int destroy()
    {
        TRY(cudaFree(x));
        TRY(cudaFree(y));
        TRY(cudaFreeHost(host));
        TRY(cudaFreeHost(result));
        TRY(cudaEventDestroy(copied));
        TRY(cudaEventDestroy(computed));
        TRY(cudaStreamDestroy(copies));
        TRY(cudaStreamDestroy(compute));
        return 0;
    }
    void fill(float value)
    {
        for (size_t i = 0; i < count; ++i)
            host[i] = value;
    }
};

constexpr size_t bytes = count * sizeof(float);
} // namespace

int graph_destroyed_early(bool planted)
{
    Two two;
    cudaGraph_t graph;
    TRY(two.create());
    TRY(cudaStreamBeginCapture(two.compute, cudaStreamCaptureModeGlobal));
    TRY(launch(twice, 1, count, two.compute, two.x, two.y));
    TRY(cudaStreamEndCapture(two.compute, &graph));
    for (int round = 0; round < rounds; ++round) {
        cudaGraphExec_t exec;
        TRY(cudaGraphInstantiate(&exec, graph));
        TRY(cudaGraphLaunch(exec, two.compute));
        if (!planted)
            TRY(cudaStreamSynchronize(two.compute));
        TRY(cudaGraphExecDestroy(exec));
    }
    TRY(cudaGraphDestroy(graph));
    return two.destroy();
}

int missing_event(bool planted)
{
    Two two;
    TRY(two.create());
    for (int round = 0; round < rounds; ++round) {
        two.fill(static_cast<float>(round + 1));
        TRY(cudaMemcpyAsync(two.x, two.host, bytes, cudaMemcpyHostToDevice, two.copies));
        TRY(cudaEventRecord(two.copied, two.copies));
        if (!planted)
            TRY(cudaStreamWaitEvent(two.compute, two.copied));
        TRY(launch(twice, 1, count, two.compute, two.x, two.y));
        TRY(cudaMemcpyAsync(two.result, two.y, bytes, cudaMemcpyDeviceToHost, two.compute));
        TRY(cudaStreamSynchronize(two.compute));
        if (two.result[0] != static_cast<float>(2 * (round + 1)))
            return report("wrong result");
        TRY(cudaDeviceSynchronize());
    }
    return two.destroy();
}

int buffer_reused(bool planted)
{
    Two two;
    TRY(two.create());
    for (int round = 0; round < rounds; ++round) {
        two.fill(static_cast<float>(round + 1));
        TRY(cudaMemcpyAsync(two.x, two.host, bytes, cudaMemcpyHostToDevice, two.compute));
        TRY(cudaEventRecord(two.copied, two.compute));
        if (!planted)
            TRY(cudaEventSynchronize(two.copied));
        two.fill(-1);
        TRY(launch(twice, 1, count, two.compute, two.x, two.y));
        TRY(cudaMemcpyAsync(two.result, two.y, bytes, cudaMemcpyDeviceToHost, two.compute));
        TRY(cudaStreamSynchronize(two.compute));
        if (two.result[0] != static_cast<float>(2 * (round + 1)))
            return report("wrong result");
    }
    return two.destroy();
}

int result_not_awaited(bool planted)
{
    Two two;
    TRY(two.create());
    for (int round = 0; round < rounds; ++round) {
        TRY(cudaMemsetAsync(two.x, round % 2 == 0 ? 0 : 0x3f, bytes, two.compute));
        TRY(cudaMemcpyAsync(two.result, two.x, bytes, cudaMemcpyDeviceToHost, two.compute));
        if (!planted)
            TRY(cudaStreamSynchronize(two.compute));
        if ((two.result[0] == 0) != (round % 2 == 0))
            return report("wrong result");
    }
    return two.destroy();
}

int synchronise_in_capture(bool planted)
{
    Two two;
    cudaGraph_t graph = nullptr;
    TRY(two.create());
    TRY(cudaStreamBeginCapture(two.compute, cudaStreamCaptureModeGlobal));
    TRY(launch(twice, 1, count, two.compute, two.x, two.y));
    const cudaError_t error = planted ? cudaStreamSynchronize(two.compute) : cudaSuccess;
    const cudaError_t ended = cudaStreamEndCapture(two.compute, &graph);
    if (error != cudaSuccess)
        return report(ended == cudaErrorStreamCaptureInvalidated && graph == nullptr ? cudaGetErrorName(error)
                                                                                     : "capture went on");
    TRY(ended);
    TRY(cudaGraphDestroy(graph));
    return two.destroy();
}

int allocate_in_capture(bool planted)
{
    Two two;
    cudaGraph_t graph = nullptr;
    void *more = nullptr;
    TRY(two.create());
    TRY(cudaStreamBeginCapture(two.compute, cudaStreamCaptureModeGlobal));
    const cudaError_t error = planted ? cudaMalloc(&more, bytes) : cudaSuccess;
    const cudaError_t ended = cudaStreamEndCapture(two.compute, &graph);
    if (error != cudaSuccess)
        return report(ended == cudaErrorStreamCaptureInvalidated ? cudaGetErrorName(error) : "capture went on");
    TRY(ended);
    TRY(cudaGraphDestroy(graph));
    return two.destroy();
}

int unjoined_stream(bool planted)
{
    Two two;
    cudaGraph_t graph = nullptr;
    TRY(two.create());
    TRY(cudaStreamBeginCapture(two.compute, cudaStreamCaptureModeGlobal));
    TRY(cudaEventRecord(two.computed, two.compute));
    TRY(cudaStreamWaitEvent(two.copies, two.computed));
    TRY(launch(twice, 1, count, two.copies, two.x, two.y));
    TRY(cudaEventRecord(two.copied, two.copies));
    if (!planted)
        TRY(cudaStreamWaitEvent(two.compute, two.copied));
    TRY(cudaStreamEndCapture(two.compute, &graph));
    TRY(cudaGraphDestroy(graph));
    return two.destroy();
}
