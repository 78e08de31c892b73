/* Epochs: their orders and rates go to the device while the epoch before runs; and the sums of what has run.
 *
 * Two halves take turns. A half is written when the epoch that used it before is over, which the copy stream learns
 * from an event; and an epoch begins when its half has arrived, which the computing stream learns from another. The
 * host waits for neither. */
#include <stdlib.h>
#include <string.h>

#include "kernels/cuda/samples/dataset.h"
#include "kernels/cuda/samples/ring.h"

enum hg_status hg_cuda_epochs_open(struct cuda_context *cuda)
{
    for (int i = 0; i < 2; ++i) {
        HG_TRY(hg_cuda_event(cuda, &cuda->halves[i].uploaded));
        HG_TRY(hg_cuda_event(cuda, &cuda->halves[i].retired));
    }
    return HG_OK;
}

static void free_order(struct cuda_half *half)
{
    cudaFree(half->order);
    cudaFreeHost(half->order_pinned);
    half->order = half->order_pinned = NULL;
    half->order_capacity = 0;
}

static void free_rates(struct cuda_half *half)
{
    cudaFree(half->rates);
    cudaFreeHost(half->rates_pinned);
    half->rates = half->rates_pinned = NULL;
    half->rates_capacity = 0;
}

void hg_cuda_epochs_close(struct cuda_context *cuda)
{
    for (int i = 1; i >= 0; --i) {
        struct cuda_half *half = &cuda->halves[i];
        free_rates(half);
        free_order(half);
        if (half->retired)
            cudaEventDestroy(half->retired);
        if (half->uploaded)
            cudaEventDestroy(half->uploaded);
    }
}

/* Memory on both sides, kept from epoch to epoch: allocated for the first two epochs, and where one is larger. */
static enum hg_status reserve(struct cuda_context *cuda, struct cuda_half *half, size_t samples, size_t steps)
{
    void *memory;
    if (samples > half->order_capacity) {
        free_order(half);
        HG_TRY(hg_cuda_memory(cuda, samples * sizeof *half->order, &memory));
        half->order = memory;
        HG_TRY(hg_cuda_pinned(cuda, samples * sizeof *half->order, &memory));
        half->order_pinned = memory;
        half->order_capacity = samples;
    }
    if (steps > half->rates_capacity) {
        free_rates(half);
        HG_TRY(hg_cuda_memory(cuda, steps * sizeof *half->rates, &memory));
        half->rates = memory;
        HG_TRY(hg_cuda_pinned(cuda, steps * sizeof *half->rates, &memory));
        half->rates_pinned = memory;
        half->rates_capacity = steps;
    }
    return HG_OK;
}

static enum hg_status upload(struct cuda_context *cuda, void *to, void *pinned, const void *from, size_t bytes)
{
    memcpy(pinned, from, bytes);
    HG_CUDA(cuda, cudaMemcpyAsync(to, pinned, bytes, cudaMemcpyHostToDevice, cuda->copy_stream),
            "copying an epoch's order and rates to the device");
    return HG_OK;
}

enum hg_status hg_cuda_epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch)
{
    struct cuda_context *cuda = cuda_of(ctx);
    struct cuda_half *half = &cuda->halves[1 - cuda->current];
    /* A streamed dataset is put into order by the host. */
    const size_t ordered = data->ring ? 0 : epoch->samples;
    /* What this half uploaded last was for an epoch that has begun since: done, unless the host has run far ahead. */
    if (cudaEventQuery(half->uploaded) == cudaErrorNotReady)
        HG_CUDA(cuda, cudaEventSynchronize(half->uploaded), "waiting for an earlier epoch's order");
    HG_TRY(reserve(cuda, half, ordered, epoch->steps));
    HG_CUDA(cuda, cudaStreamWaitEvent(cuda->copy_stream, half->retired, 0), "staging an epoch");
    if (ordered)
        HG_TRY(upload(cuda, half->order, half->order_pinned, epoch->order, ordered * sizeof *half->order));
    HG_TRY(upload(cuda, half->rates, half->rates_pinned, epoch->rates, epoch->steps * sizeof *half->rates));
    HG_CUDA(cuda, cudaEventRecord(half->uploaded, cuda->copy_stream), "staging an epoch");
    half->epoch = *epoch;
    half->data = data;
    cuda->staged = 1 - cuda->current;
    return HG_OK;
}

enum hg_status hg_cuda_epoch_start(struct hg_context *ctx, size_t first_step)
{
    struct cuda_context *cuda = cuda_of(ctx);
    HG_CUDA(cuda, cudaEventRecord(cuda->halves[cuda->current].retired, cuda->stream), "ending an epoch");
    cuda->current = cuda->staged;
    const struct cuda_half *half = &cuda->halves[cuda->current];
    const struct hg_data *data = half->data;
    HG_CUDA(cuda, cudaStreamWaitEvent(cuda->stream, half->uploaded, 0), "starting an epoch");

    struct cuda_epoch view = {
        .values = data->values,
        .labels = data->labels,
        .order = half->order,
        .rates = half->rates,
        .position = first_step * half->epoch.batch,
        .step = first_step,
    };
    if (data->ring)
        HG_TRY(hg_ring_start(data->ring, &half->epoch, view.position, &view));
    hg_nvtx_epoch_begin(&cuda->nvtx);
    return hg_cuda_start_epoch(cuda, &view);
}

enum hg_status hg_cuda_before_step(struct hg_context *ctx, size_t rows)
{
    const struct cuda_context *cuda = cuda_of(ctx);
    const struct hg_data *data = cuda->halves[cuda->current].data;
    return data->ring ? hg_ring_advance(data->ring, rows) : HG_OK;
}

enum hg_status hg_cuda_totals_read(struct hg_context *ctx, struct hg_totals *totals)
{
    struct cuda_context *cuda = cuda_of(ctx);
    struct hg_totals *on_device = &cuda->state->totals;
    HG_CUDA(cuda, cudaMemcpyAsync(cuda->totals, on_device, sizeof *totals, cudaMemcpyDeviceToHost, cuda->stream),
            "reading the sums of the steps");
    HG_CUDA(cuda, cudaMemsetAsync(on_device, 0, sizeof *totals, cuda->stream), "clearing the sums of the steps");
    HG_TRY(hg_cuda_wait(cuda, "waiting for the steps to end"));
    hg_nvtx_epoch_end(&cuda->nvtx);
    *totals = *cuda->totals;
    return HG_OK;
}
