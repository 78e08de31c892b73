/* The phases of a step: as ranges for profilers (nvtx.h), and with options.timings as durations, measured between
 * events on the compute stream.
 *
 * A recorded step is a single launch for the host, which therefore cannot mark phases within it. To see them, run the
 * ops one by one (--no-graph). */
#include "kernels/cuda/context.h"

enum hg_status hg_cuda_phases_open(struct hg_cuda_context *cuda)
{
    for (int i = 0; cuda->options.timings && i < HG_CUDA_TIMING_EVENTS; ++i)
        HG_CUDA(cuda, cudaEventCreateWithFlags(&cuda->phases.events[i], cudaEventDefault), "creating an event");
    return HG_OK;
}

void hg_cuda_phases_close(struct hg_cuda_context *cuda)
{
    for (int i = 0; i < HG_CUDA_TIMING_EVENTS; ++i)
        if (cuda->phases.events[i])
            cudaEventDestroy(cuda->phases.events[i]);
}

/* Adds up the durations of the oldest phases until `keep` events are left; waits for the events it reads. */
static void settle(struct hg_cuda_phases *phases, size_t keep)
{
    while (phases->count > keep && phases->count > 1) {
        const size_t begin = phases->first, end = (begin + 1) % HG_CUDA_TIMING_EVENTS;
        float milliseconds = 0;
        cudaError_t error = cudaEventSynchronize(phases->events[end]);
        if (error == cudaSuccess)
            error = cudaEventElapsedTime(&milliseconds, phases->events[begin], phases->events[end]);
        if (error != cudaSuccess && phases->error == cudaSuccess)
            phases->error = error;
        if (phases->begins[begin] != HG_PHASE_NONE) {
            phases->sums.seconds[phases->begins[begin]] += (double)milliseconds * 1e-3;
            ++phases->sums.count[phases->begins[begin]];
        }
        phases->first = end;
        --phases->count;
    }
}

static void begin(struct hg_cuda_context *cuda, enum hg_phase phase)
{
    struct hg_cuda_phases *phases = &cuda->phases;
    if (phases->count == HG_CUDA_TIMING_EVENTS)
        settle(phases, HG_CUDA_TIMING_EVENTS / 2);
    const size_t at = (phases->first + phases->count) % HG_CUDA_TIMING_EVENTS;
    const cudaError_t error = cudaEventRecord(phases->events[at], cuda->stream);
    if (error != cudaSuccess && phases->error == cudaSuccess)
        phases->error = error;
    phases->begins[at] = phase;
    ++phases->count;
}

void hg_cuda_phase(struct hg_context *ctx, enum hg_phase next)
{
    static const enum hg_range ranges[HG_PHASES] = {[HG_PHASE_DATA] = HG_RANGE_DATA,
                                                    [HG_PHASE_FORWARD] = HG_RANGE_FORWARD,
                                                    [HG_PHASE_BACKWARD] = HG_RANGE_BACKWARD,
                                                    [HG_PHASE_UPDATE] = HG_RANGE_UPDATE,
                                                    [HG_PHASE_EVALUATE] = HG_RANGE_EVALUATE};
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    if (cuda->recording)
        return;
    if (cuda->phases.current != HG_PHASE_NONE)
        hg_nvtx_pop(&cuda->nvtx);
    cuda->phases.current = next;
    if (next != HG_PHASE_NONE)
        hg_nvtx_push(&cuda->nvtx, ranges[next]);
    if (cuda->options.timings)
        begin(cuda, next);
}

enum hg_status hg_cuda_timings_read(struct hg_context *ctx, struct hg_timings *timings)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    struct hg_cuda_phases *phases = &cuda->phases;
    HG_TRY(hg_cuda_wait(cuda, "waiting for the phases to be timed"));
    settle(phases, 0);
    HG_CUDA(cuda, phases->error, "timing phases");
    *timings = phases->sums;
    phases->sums = (struct hg_timings){0};
    return HG_OK;
}
