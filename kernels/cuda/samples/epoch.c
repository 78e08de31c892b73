/* Epochs: the order and the rates of the next one are copied to the device while the current one runs; and the sums of
 * what has run come back.
 *
 * Two epoch buffers make this possible without a wait of the host. The copy stream writes a buffer after the event
 * `retired`, when the steps of the epoch that used it last are done; the compute stream starts an epoch after the event
 * `uploaded`, when the epoch's order and rates are on the device. */
#include <stdlib.h>
#include <string.h>

#include "kernels/cuda/samples/dataset.h"
#include "kernels/cuda/samples/ring.h"

enum hg_status hg_cuda_epochs_open(struct hg_cuda_context *cuda)
{
    for (int i = 0; i < 2; ++i) {
        HG_TRY(hg_cuda_event(cuda, &cuda->buffers[i].uploaded));
        HG_TRY(hg_cuda_event(cuda, &cuda->buffers[i].retired));
    }
    return HG_OK;
}

static void free_order(struct hg_cuda_epoch_buffer *buffer)
{
    cudaFree(buffer->order);
    cudaFreeHost(buffer->order_pinned);
    buffer->order = buffer->order_pinned = NULL;
    buffer->order_capacity = 0;
}

static void free_rates(struct hg_cuda_epoch_buffer *buffer)
{
    cudaFree(buffer->rates);
    cudaFreeHost(buffer->rates_pinned);
    buffer->rates = buffer->rates_pinned = NULL;
    buffer->rates_capacity = 0;
}

void hg_cuda_epochs_close(struct hg_cuda_context *cuda)
{
    for (int i = 1; i >= 0; --i) {
        struct hg_cuda_epoch_buffer *buffer = &cuda->buffers[i];
        free_rates(buffer);
        free_order(buffer);
        if (buffer->retired)
            cudaEventDestroy(buffer->retired);
        if (buffer->uploaded)
            cudaEventDestroy(buffer->uploaded);
    }
}

/* Memory for an epoch on the device and in pinned host memory. It is kept, so only the first epoch of each buffer and
 * epochs larger than any before allocate. */
static enum hg_status reserve(struct hg_cuda_context *cuda, struct hg_cuda_epoch_buffer *buffer, size_t samples,
                              size_t steps)
{
    void *memory;
    if (samples > buffer->order_capacity) {
        free_order(buffer);
        HG_TRY(hg_cuda_memory(cuda, samples * sizeof *buffer->order, &memory));
        buffer->order = memory;
        HG_TRY(hg_cuda_pinned(cuda, samples * sizeof *buffer->order, &memory));
        buffer->order_pinned = memory;
        buffer->order_capacity = samples;
    }
    if (steps > buffer->rates_capacity) {
        free_rates(buffer);
        HG_TRY(hg_cuda_memory(cuda, steps * sizeof *buffer->rates, &memory));
        buffer->rates = memory;
        HG_TRY(hg_cuda_pinned(cuda, steps * sizeof *buffer->rates, &memory));
        buffer->rates_pinned = memory;
        buffer->rates_capacity = steps;
    }
    return HG_OK;
}

static enum hg_status upload(struct hg_cuda_context *cuda, void *to, void *pinned, const void *from, size_t bytes)
{
    memcpy(pinned, from, bytes);
    HG_CUDA(cuda, cudaMemcpyAsync(to, pinned, bytes, cudaMemcpyHostToDevice, cuda->copy_stream),
            "copying an epoch's order and rates to the device");
    return HG_OK;
}

enum hg_status hg_cuda_epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    struct hg_cuda_epoch_buffer *buffer = &cuda->buffers[1 - cuda->current];
    /* A streamed dataset needs no order on the device: its ring buffer holds the rows in the epoch's order. */
    const size_t ordered = data->ring ? 0 : epoch->samples;
    /* The pinned memory may be overwritten when its last copy is done. That copy was for an epoch started long ago, so
     * the wait is rare: only a host that has run far ahead of the device gets there. */
    if (cudaEventQuery(buffer->uploaded) == cudaErrorNotReady)
        HG_CUDA(cuda, cudaEventSynchronize(buffer->uploaded), "waiting for an earlier epoch's order");
    HG_TRY(reserve(cuda, buffer, ordered, epoch->steps));
    HG_CUDA(cuda, cudaStreamWaitEvent(cuda->copy_stream, buffer->retired, 0), "staging an epoch");
    if (ordered)
        HG_TRY(upload(cuda, buffer->order, buffer->order_pinned, epoch->order, ordered * sizeof *buffer->order));
    HG_TRY(upload(cuda, buffer->rates, buffer->rates_pinned, epoch->rates, epoch->steps * sizeof *buffer->rates));
    HG_CUDA(cuda, cudaEventRecord(buffer->uploaded, cuda->copy_stream), "staging an epoch");
    buffer->epoch = *epoch;
    buffer->data = data;
    cuda->staged = 1 - cuda->current;
    return HG_OK;
}

enum hg_status hg_cuda_epoch_start(struct hg_context *ctx, size_t first_step)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    HG_CUDA(cuda, cudaEventRecord(cuda->buffers[cuda->current].retired, cuda->stream), "ending an epoch");
    cuda->current = cuda->staged;
    const struct hg_cuda_epoch_buffer *buffer = &cuda->buffers[cuda->current];
    const struct hg_data *data = buffer->data;
    HG_CUDA(cuda, cudaStreamWaitEvent(cuda->stream, buffer->uploaded, 0), "starting an epoch");

    struct hg_cuda_epoch view = {
        .values = data->values,
        .labels = data->labels,
        .order = buffer->order,
        .rates = buffer->rates,
        .position = first_step * buffer->epoch.batch,
        .step = first_step,
    };
    if (data->ring)
        HG_TRY(hg_cuda_ring_start(data->ring, &buffer->epoch, view.position, &view));
    hg_nvtx_epoch_begin(&cuda->nvtx);
    return hg_cuda_start_epoch(cuda, &view);
}

enum hg_status hg_cuda_before_step(struct hg_context *ctx, size_t rows)
{
    const struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const struct hg_data *data = cuda->buffers[cuda->current].data;
    return data->ring ? hg_cuda_ring_advance(data->ring, rows) : HG_OK;
}

enum hg_status hg_cuda_totals_read(struct hg_context *ctx, struct hg_totals *totals)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    struct hg_totals *on_device = &cuda->state->totals;
    HG_CUDA(cuda, cudaMemcpyAsync(cuda->totals, on_device, sizeof *totals, cudaMemcpyDeviceToHost, cuda->stream),
            "reading the sums of the steps");
    HG_CUDA(cuda, cudaMemsetAsync(on_device, 0, sizeof *totals, cuda->stream), "clearing the sums of the steps");
    HG_TRY(hg_cuda_wait(cuda, "waiting for the steps to end"));
    hg_nvtx_epoch_end(&cuda->nvtx);
    *totals = *cuda->totals;
    return HG_OK;
}
