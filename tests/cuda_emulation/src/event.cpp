/* Events: markers in a stream's queue. Recorded in a capture, they are markers in the graph. */
#include <algorithm>
#include <chrono>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
std::vector<CUevent_st *> &events = *new std::vector<CUevent_st *>;

CUevent_st *event_of(cudaEvent_t event)
{
    return std::find(events.begin(), events.end(), event) == events.end() ? nullptr : event;
}

double now()
{
    const auto time = sanitizer::unseen([] { return std::chrono::steady_clock::now(); });
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/* The host may not look at an event of a capture. */
cudaError_t forbid_captured(CUevent_st *event)
{
    if (!event->capture)
        return cudaSuccess;
    event->capture->valid = false;
    return cudaErrorCapturedEvent;
}

cudaError_t wait_in_capture(CUstream_st *stream, const CUevent_st *event)
{
    if (!stream->capture) {
        if (stream == stream_of(nullptr))
            return cudaErrorStreamCaptureImplicit;
        stream->capture = event->capture;
        stream->frontier = event->frontier;
        return cudaSuccess;
    }
    if (!event->capture) {
        stream->capture->valid = false;
        return cudaErrorStreamCaptureIsolation;
    }
    if (stream->capture != event->capture) {
        stream->capture->valid = event->capture->valid = false;
        return cudaErrorStreamCaptureMerge;
    }
    stream->frontier.insert(stream->frontier.end(), event->frontier.begin(), event->frontier.end());
    std::sort(stream->frontier.begin(), stream->frontier.end());
    stream->frontier.erase(std::unique(stream->frontier.begin(), stream->frontier.end()), stream->frontier.end());
    return cudaSuccess;
}
} // namespace

size_t live_events()
{
    return events.size();
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (event == nullptr || flags > (cudaEventBlockingSync | cudaEventDisableTiming))
        return note(cudaErrorInvalidValue);
    *event = new CUevent_st;
    (*event)->timing = (flags & cudaEventDisableTiming) == 0;
    events.push_back(*event);
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    const Entry entry;
    if (event_of(event) == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    events.erase(std::find(events.begin(), events.end(), event));
    delete event;
    return entry.status;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    CUstream_st *s = stream_of(stream);
    if (event_of(event) == nullptr || s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    event->recorded = nullptr;
    event->capture = s->capture;
    event->frontier = s->frontier;
    if (s->capture)
        return s->capture->valid ? cudaSuccess : note(cudaErrorStreamCaptureInvalidated);
    if (s == stream_of(nullptr))
        if (const cudaError_t forbidden = forbid_legacy_in_capture())
            return note(forbidden);
    auto seconds = std::make_shared<double>(0.0);
    event->seconds = seconds;
    event->recorded = enqueue(s, Work::event, [seconds] { *seconds = now(); }, {});
    progress();
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    CUstream_st *s = stream_of(stream);
    if (event_of(event) == nullptr || s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (flags != cudaEventWaitDefault)
        return note(cudaErrorInvalidValue);
    if (s->capture || event->capture)
        return note(wait_in_capture(s, event));
    if (event->recorded)
        enqueue(s, Work::nothing, [] {}, {event->recorded});
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    const Entry entry;
    if (event_of(event) == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (const cudaError_t forbidden = forbid_captured(event))
        return note(forbidden);
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    ++counters.synchronisations;
    host_waits_for(event->recorded);
    return note(stuck());
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    const Entry entry;
    if (event_of(event) == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (const cudaError_t forbidden = forbid_captured(event))
        return note(forbidden);
    if (const cudaError_t forbidden = forbid_in_capture())
        return note(forbidden);
    ++counters.queries;
    if (event->recorded && !event->recorded->done && roll(2) == 0)
        finish(event->recorded);
    if (stuck() != cudaSuccess)
        return stuck();
    if (event->recorded && !event->recorded->done)
        return cudaErrorNotReady;
    host_waits_for(event->recorded);
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (event_of(start) == nullptr || event_of(end) == nullptr || !start->timing || !end->timing || !start->recorded ||
        !end->recorded)
        return note(cudaErrorInvalidResourceHandle);
    if (!start->recorded->done || !end->recorded->done)
        return cudaErrorNotReady;
    *milliseconds = static_cast<float>((*end->seconds - *start->seconds) * 1e3);
    return cudaSuccess;
}
}
