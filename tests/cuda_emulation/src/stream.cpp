/* Streams as queues of work that waits. Nothing runs when it is enqueued but what the dice choose; the rest runs when
 * the host waits for it, and then only what it depends on. So a result read without waiting is stale, a copy that
 * should have waited for a kernel comes before or after it as the seed falls, and a missing event shows. */
#include <algorithm>
#include <iterator>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
CUstream_st &legacy = *new CUstream_st;
std::vector<CUstream_st *> &streams = *new std::vector<CUstream_st *>{&legacy};

void execute(const OperationPtr &operation)
{
    operation->stream->identity.act([&operation] {
        sanitizer::observe(operation.get()); /* what the host did before it enqueued this */
        for (const OperationPtr &earlier : operation->after)
            sanitizer::observe(&earlier->done);
        if (stuck() == cudaSuccess) {
            const Unlock unlock;
            operation->run();
        }
        operation->run = nullptr;
        sanitizer::publish(&operation->done);
    });
    operation->done = true;
    operation->after.clear();
}

void run_front(CUstream_st *stream)
{
    const OperationPtr front = stream->queue.front();
    for (const OperationPtr &earlier : front->after)
        finish(earlier);
    stream->queue.pop_front();
    execute(front);
}

/* Work on the legacy stream comes after all earlier work on blocking streams, and before all their later work. */
void order_with_legacy(CUstream_st *stream, std::vector<OperationPtr> &after)
{
    if (stream != &legacy) {
        if (stream->blocking && legacy.last)
            after.push_back(legacy.last);
        return;
    }
    for (const CUstream_st *other : streams)
        if (other != &legacy && other->blocking && other->last)
            after.push_back(other->last);
}

void finish_all()
{
    const Unlock unlock;
    std::vector<CUstream_st *> busy;
    for (;;) {
        busy.clear();
        std::copy_if(streams.begin(), streams.end(), std::back_inserter(busy),
                     [](const CUstream_st *s) { return !s->queue.empty(); });
        if (busy.empty())
            return;
        run_front(busy[roll(busy.size())]);
    }
}
} // namespace

CUstream_st *stream_of(cudaStream_t stream)
{
    if (stream == nullptr || stream == cudaStreamLegacy)
        return &legacy;
    return std::find(streams.begin(), streams.end(), stream) == streams.end() ? nullptr : stream;
}

OperationPtr last_of(CUstream_st *stream)
{
    return stream->last;
}

const std::vector<CUstream_st *> &all_streams()
{
    return streams;
}

OperationPtr enqueue(CUstream_st *stream, Work kind, std::function<void()> run, std::vector<OperationPtr> after)
{
    order_with_legacy(stream, after);
    after.erase(std::remove(after.begin(), after.end(), nullptr), after.end());
    auto operation = std::make_shared<Operation>();
    operation->kind = kind;
    operation->run = std::move(run);
    operation->after = std::move(after);
    operation->stream = stream;
    sanitizer::publish(operation.get());
    stream->queue.push_back(operation);
    stream->last = operation;
    return operation;
}

cudaError_t submit(cudaStream_t stream, Work kind, std::function<void()> run)
{
    CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return cudaErrorInvalidResourceHandle;
    if (s->capture)
        return add_node(s, kind, std::move(run));
    if (s == &legacy)
        if (const cudaError_t forbidden = forbid_legacy_in_capture())
            return forbidden;
    enqueue(s, kind, std::move(run), {});
    progress();
    return stuck();
}

void finish(const OperationPtr &operation)
{
    if (!operation || operation->done)
        return;
    const Unlock unlock;
    while (!operation->done)
        run_front(operation->stream);
}

void host_waits_for(const OperationPtr &operation)
{
    finish(operation);
    if (operation)
        sanitizer::observe(&operation->done);
}

void host_waits_for_all()
{
    finish_all();
    for (const CUstream_st *stream : streams)
        host_waits_for(stream->last);
}

void progress()
{
    if (roll(4) != 0)
        return;
    CUstream_st *stream = streams[roll(streams.size())];
    const Unlock unlock;
    for (uint64_t n = roll(4) + 1; n > 0 && !stream->queue.empty(); --n)
        run_front(stream);
}

size_t live_streams()
{
    return streams.size() - 1;
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (stream == nullptr || flags > cudaStreamNonBlocking)
        return note(cudaErrorInvalidValue);
    *stream = new CUstream_st;
    (*stream)->blocking = flags != cudaStreamNonBlocking;
    streams.push_back(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
    return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned int flags, int)
{
    return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest)
{
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    const Entry entry;
    CUstream_st *s = stream_of(stream);
    if (s == nullptr || s == &legacy)
        return note(cudaErrorInvalidResourceHandle);
    if (s->capture)
        s->capture->valid = false;
    finish(s->last);
    streams.erase(std::find(streams.begin(), streams.end(), s));
    delete s;
    return stuck();
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const Entry entry;
    CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (s->capture) {
        s->capture->valid = false;
        return note(cudaErrorStreamCaptureUnsupported);
    }
    ++counters.synchronisations;
    if (s == &legacy) {
        if (const cudaError_t forbidden = forbid_legacy_in_capture())
            return note(forbidden);
        std::vector<OperationPtr> waited = {legacy.last};
        order_with_legacy(&legacy, waited);
        for (const OperationPtr &operation : waited)
            host_waits_for(operation);
    }
    host_waits_for(s->last);
    return note(stuck());
}

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    const Entry entry;
    CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (s->capture) {
        s->capture->valid = false;
        return note(cudaErrorStreamCaptureUnsupported);
    }
    ++counters.queries;
    if (!s->queue.empty())
        run_front(s);
    if (stuck() != cudaSuccess)
        return stuck();
    if (!s->queue.empty())
        return cudaErrorNotReady;
    host_waits_for(s->last);
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize()
{
    const Entry entry;
    for (const CUstream_st *s : streams)
        if (s->capture) {
            s->capture->valid = false;
            return note(cudaErrorStreamCaptureUnsupported);
        }
    ++counters.synchronisations;
    host_waits_for_all();
    return note(stuck());
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void *user_data)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (function == nullptr)
        return note(cudaErrorInvalidValue);
    return note(submit(stream, Work::host, [=] {
        in_host_function = true;
        function(user_data);
        in_host_function = false;
    }));
}
}
