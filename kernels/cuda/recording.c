/* A training step as one CUDA graph: the host launches it in one call, instead of nine kernels and products in turn. */
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/cuda/context.h"

struct hg_recording {
    struct hg_cuda_context *cuda;
    cudaGraphExec_t graph;
};

enum hg_status hg_cuda_record_begin(struct hg_context *ctx)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    HG_CUDA(cuda, cudaStreamBeginCapture(cuda->stream, cudaStreamCaptureModeThreadLocal), "recording a step");
    cuda->recording = true;
    return HG_OK;
}

enum hg_status hg_cuda_record_end(struct hg_context *ctx, struct hg_recording **out)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    cuda->recording = false;
    cudaGraph_t graph = NULL;
    HG_CUDA(cuda, cudaStreamEndCapture(cuda->stream, &graph), "recording a step");

    struct hg_recording *recording = NULL;
    const enum hg_status status = hg_allocate(&recording, 1, "a recorded step");
    cudaError_t error = status == HG_OK ? cudaGraphInstantiate(&recording->graph, graph, 0) : cudaSuccess;
    cudaGraphDestroy(graph);
    HG_TRY(status);
    recording->cuda = cuda;
    /* Uploading it here, so that the first launch need not. */
    if (error == cudaSuccess)
        error = cudaGraphUpload(recording->graph, cuda->stream);
    if (error != cudaSuccess) {
        hg_cuda_recording_free(recording);
        return hg_cuda_failed(cuda, error, "making a graph of a recorded step");
    }
    *out = recording;
    return HG_OK;
}

enum hg_status hg_cuda_replay(struct hg_context *ctx, struct hg_recording *recording)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    cuda->last_operation = "a recorded step";
    hg_nvtx_push(&cuda->nvtx, HG_RANGE_STEP);
    const cudaError_t error = cudaGraphLaunch(recording->graph, cuda->stream);
    hg_nvtx_pop(&cuda->nvtx);
    HG_CUDA(cuda, error, "launching a recorded step");
    return HG_OK;
}

void hg_cuda_recording_free(struct hg_recording *recording)
{
    if (!recording)
        return;
    if (recording->graph) {
        cudaStreamSynchronize(recording->cuda->stream); /* a launch may be under way */
        cudaGraphExecDestroy(recording->graph);
    }
    free(recording);
}
