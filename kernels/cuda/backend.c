#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/cuda/samples/dataset.h"

extern const struct hg_backend hg_backend_cuda;

static enum hg_status create_context(struct hg_cuda_context *cuda)
{
    HG_CUDA(cuda, cudaStreamCreateWithFlags(&cuda->stream, cudaStreamNonBlocking), "creating a stream");
    HG_CUDA(cuda, cudaStreamCreateWithFlags(&cuda->copy_stream, cudaStreamNonBlocking), "creating a stream");
    void *memory;
    HG_TRY(hg_cuda_memory(cuda, sizeof *cuda->state, &memory));
    cuda->state = memory;
    HG_TRY(hg_cuda_memory(cuda, sizeof *cuda->scratch, &memory));
    cuda->scratch = memory;
    HG_TRY(hg_cuda_pinned(cuda, sizeof *cuda->totals, &memory));
    cuda->totals = memory;
    const float one = 1;
    HG_TRY(hg_cuda_upload(&cuda->base, &cuda->state->scalars[HG_ONE], &one, sizeof one));
    HG_TRY(hg_cuda_epochs_open(cuda));
    HG_TRY(hg_cuda_phases_open(cuda));
    return hg_cublas_open(cuda);
}

static void close_context(struct hg_context *ctx)
{
    if (!ctx)
        return;
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    if (cuda->stream)
        cudaStreamSynchronize(cuda->stream);
    hg_cublas_close(cuda);
    hg_cuda_phases_close(cuda);
    hg_cuda_epochs_close(cuda);
    cudaFreeHost(cuda->totals);
    cudaFree(cuda->scratch);
    cudaFree(cuda->state);
    if (cuda->copy_stream)
        cudaStreamDestroy(cuda->copy_stream);
    if (cuda->stream)
        cudaStreamDestroy(cuda->stream);
    hg_nvtx_close(&cuda->nvtx);
    free(cuda);
}

static enum hg_status open_context(struct hg_context **out, const struct hg_open_options *options)
{
    struct hg_device_info info;
    HG_TRY(hg_cuda_probe(&info));
    struct hg_cuda_context *cuda;
    HG_TRY(hg_allocate(&cuda, 1, "a backend"));
    cuda->base.backend = &hg_backend_cuda;
    cuda->options = *options;
    hg_nvtx_open(&cuda->nvtx);
    const enum hg_status status = create_context(cuda);
    if (status != HG_OK) {
        close_context(&cuda->base);
        return status;
    }
    *out = &cuda->base;
    return HG_OK;
}

const struct hg_backend hg_backend_cuda = {
    .name = "cuda",
    .element_size = sizeof(float),
    .probe = hg_cuda_probe,
    .open = open_context,
    .close = close_context,
    .allocate = hg_cuda_allocate,
    .release = hg_cuda_release,
    .upload = hg_cuda_upload,
    .download = hg_cuda_download,
    .data_create = hg_cuda_data_create,
    .data_free = hg_cuda_data_free,
    .epoch_stage = hg_cuda_epoch_stage,
    .epoch_start = hg_cuda_epoch_start,
    .before_step = hg_cuda_before_step,
    .totals_read = hg_cuda_totals_read,
    .ops = {HG_EACH_OP(HG_OP_ENTRY, hg_cuda_)},
    .record_begin = hg_cuda_record_begin,
    .record_end = hg_cuda_record_end,
    .replay = hg_cuda_replay,
    .recording_free = hg_cuda_recording_free,
    .phase = hg_cuda_phase,
    .timings_read = hg_cuda_timings_read,
};
