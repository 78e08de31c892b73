/* Streams, events, graphs, copies, memory, errors. */
#include "semantics.h"

namespace
{
__global__ void add(float *x, float value)
{
    *x += value;
}

float read(const float *x)
{
    float value = -1;
    cudaMemcpy(&value, x, sizeof value, cudaMemcpyDeviceToHost);
    return value;
}

hg_emulation_counters counted()
{
    hg_emulation_counters counters;
    hg_emulation_counters_read(&counters);
    return counters;
}
} // namespace

int events_and_streams()
{
    cudaStream_t stream;
    cudaEvent_t start, end, untimed;
    float *x = zeros(1), milliseconds = -1;
    TRY(cudaDeviceSynchronize());
    TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    TRY(cudaEventCreate(&start));
    TRY(cudaEventCreate(&end));
    TRY(cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming));
    CHECK(cudaEventQuery(start) == cudaSuccess); /* never recorded */
    TRY(cudaEventRecord(start, stream));
    TRY(launch(add, 1, 1, stream, x, 1.0f));
    TRY(cudaEventRecord(end, stream));
    TRY(cudaEventRecord(untimed, stream));
    TRY(cudaEventSynchronize(end));
    TRY(cudaEventElapsedTime(&milliseconds, start, end));
    CHECK(milliseconds >= 0);
    CHECK(cudaEventElapsedTime(&milliseconds, start, untimed) == cudaErrorInvalidResourceHandle);
    cudaGetLastError();
    cudaError_t state = cudaErrorNotReady;
    for (int i = 0; i < 100 && state == cudaErrorNotReady; ++i) /* polling gets there too */
        state = cudaStreamQuery(stream);
    CHECK(state == cudaSuccess);
    CHECK(read(x) == 1);
    TRY(cudaEventDestroy(start));
    TRY(cudaEventDestroy(end));
    TRY(cudaEventDestroy(untimed));
    TRY(cudaStreamDestroy(stream));
    return cudaFree(x);
}

int graphs()
{
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    float *x = zeros(1);
    size_t nodes = 0;
    TRY(cudaDeviceSynchronize());
    TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    TRY(launch(add, 1, 1, stream, x, 1.0f));
    TRY(launch(add, 1, 1, stream, x, 2.0f));
    TRY(cudaStreamEndCapture(stream, &graph));
    CHECK(read(x) == 0); /* captured work does not run */
    TRY(cudaGraphGetNodes(graph, nullptr, &nodes));
    CHECK(nodes == 2);
    TRY(cudaGraphInstantiate(&exec, graph));
    TRY(cudaGraphDestroy(graph));
    hg_emulation_counters_reset();
    for (int i = 0; i < 5; ++i)
        TRY(cudaGraphLaunch(exec, stream));
    TRY(cudaStreamSynchronize(stream));
    CHECK(read(x) == 15);
    const hg_emulation_counters counters = counted();
    CHECK(counters.graph_launches == 5 && counters.graph_nodes_run == 10 && counters.kernels_run == 10);
    CHECK(counters.kernel_launches == 0 && counters.synchronisations == 2); /* the stream's, the copy's */
    CHECK(counters.copies[cudaMemcpyDeviceToHost] == 1 && counters.copied_bytes[cudaMemcpyDeviceToHost] == 4);
    TRY(cudaGraphExecDestroy(exec));
    TRY(cudaStreamDestroy(stream));
    return cudaFree(x);
}

int capture_rules()
{
    cudaStream_t stream;
    cudaGraph_t graph;
    float *x = zeros(1);
    TRY(cudaDeviceSynchronize());
    TRY(cudaStreamCreate(&stream)); /* a blocking one: the legacy stream would depend on it */
    CHECK(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal) == cudaErrorStreamCaptureUnsupported);
    CHECK(cudaStreamEndCapture(stream, &graph) == cudaErrorIllegalState);
    TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    CHECK(launch(add, 1, 1, nullptr, x, 1.0f) == cudaErrorStreamCaptureImplicit);
    CHECK(launch(add, 1, 1, stream, x, 1.0f) == cudaErrorStreamCaptureInvalidated);
    CHECK(cudaStreamEndCapture(stream, &graph) == cudaErrorStreamCaptureInvalidated);
    TRY(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    void *more = nullptr;
    CHECK(cudaMalloc(&more, 16) == cudaSuccess); /* what relaxed is for */
    TRY(cudaStreamEndCapture(stream, &graph));
    TRY(cudaGraphDestroy(graph));
    cudaGetLastError();
    TRY(cudaStreamDestroy(stream));
    TRY(cudaFree(more));
    return cudaFree(x);
}

int copies()
{
    constexpr size_t count = 12;
    std::vector<float> host(count), back(count, -1);
    for (size_t i = 0; i < count; ++i)
        host[i] = static_cast<float>(i);
    float *x = zeros(count), *y = zeros(count);
    const size_t row = 3 * sizeof(float), pitch = 4 * sizeof(float);
    TRY(cudaMemcpy2D(x, pitch, host.data(), row, row, 3, cudaMemcpyHostToDevice));
    TRY(cudaMemcpy(y, x, count * sizeof *x, cudaMemcpyDeviceToDevice));
    TRY(cudaMemcpy(back.data(), y, count * sizeof *x, cudaMemcpyDefault));
    CHECK(back == std::vector<float>({0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0}));
    CHECK(cudaMemcpy(back.data(), host.data(), 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
    CHECK(cudaMemcpy(x, y, 4, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    CHECK(cudaMemcpy(x, host.data(), (count + 1) * sizeof *x, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    CHECK(cudaMemset(x, 0, (count + 1) * sizeof *x) == cudaErrorInvalidValue);
    CHECK(cudaMemcpy2D(x, row - 1, host.data(), row, row, 3, cudaMemcpyHostToDevice) == cudaErrorInvalidPitchValue);
    cudaGetLastError();
    TRY(cudaFree(x));
    return cudaFree(y);
}

int memory_is_bounded()
{
    size_t unused = 0, total = 0, later = 0;
    void *memory = nullptr;
    TRY(cudaMemGetInfo(&unused, &total));
    CHECK(cudaMalloc(&memory, total + 1) == cudaErrorMemoryAllocation && memory == nullptr);
    TRY(cudaMalloc(&memory, 1000));
    CHECK(reinterpret_cast<uintptr_t>(memory) % 256 == 0);
    TRY(cudaMemGetInfo(&later, &total));
    CHECK(later == unused - 1024);
    TRY(cudaFree(memory));
    CHECK(cudaFree(memory) == cudaErrorInvalidValue);
    cudaGetLastError();
    hg_emulation_fail_allocation(1);
    TRY(cudaMalloc(&memory, 1));
    void *second = nullptr;
    CHECK(cudaMalloc(&second, 1) == cudaErrorMemoryAllocation);
    return cudaFree(memory);
}

/* Last: nothing works afterwards, as on a device. */
int errors_stick()
{
    float *x = zeros(1), value = 0;
    TRY(cudaDeviceSynchronize());
    hg_emulation_fail_kernel(1, cudaErrorIllegalAddress);
    TRY(launch(add, 1, 1, nullptr, x, 1.0f));
    TRY(cudaDeviceSynchronize());
    launch(add, 1, 1, nullptr, x, 1.0f);
    CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
    CHECK(cudaGetLastError() == cudaErrorIllegalAddress && cudaGetLastError() == cudaErrorIllegalAddress);
    CHECK(cudaMemcpy(&value, x, sizeof value, cudaMemcpyDeviceToHost) == cudaErrorIllegalAddress);
    CHECK(launch(add, 1, 1, nullptr, x, 1.0f) == cudaErrorIllegalAddress);
    CHECK(cudaFree(x) == cudaErrorIllegalAddress);
    return 0;
}
