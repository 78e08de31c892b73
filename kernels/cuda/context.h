/* Inside of the CUDA backend: its context, and how its files hang together.
 *
 *   backend.c    the table of functions, open, close          gather.cu       next_batch, load_rows, start of an epoch
 *   device.c     what this machine offers, in words           swish.cu        bias_swish, swish_backward
 *   memory.c     allocate, release, upload, download          softmax.cu      softmax_xent
 *   dataset.c    resident and streamed datasets               autoencoder_terms.cu
 *   ring.c       rows of a streamed dataset, ahead of use     update.cu       sgd_update
 *   epoch.c      orders, rates, totals                        gemm_cublas.c   gemm: all that knows cuBLAS
 *   recording.c  a step as one graph                          launch.h, reduce.h, quad.h   what the kernels share
 *   phases.c     clocks; nvtx.c marks for profilers
 *
 * Everything runs in order on one stream. A second stream copies what comes next (orders, rates, streamed rows) while
 * the first computes; events order the two. All of it is the CUDA runtime: the driver library is never linked. */
#ifndef HANDGRAD_KERNELS_CUDA_CONTEXT_H
#define HANDGRAD_KERNELS_CUDA_CONTEXT_H

#include <cuda_runtime_api.h>

#include "kernels/backend.h"
#include "kernels/base/try.h"
#include "kernels/cuda/profile/nvtx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Limits of the reductions that end in the block that finishes last. They bound the scratch memory, and with it the
 * number of blocks: enough to fill the largest devices of today, while sums depend on shapes alone. */
enum {
    HG_CUDA_MAX_CLASSES = 256,
    HG_CUDA_SUM_BLOCKS = 128,      /* blocks of softmax_xent and autoencoder_terms */
    HG_CUDA_COLUMN_BLOCKS = 512,   /* blocks of swish_backward that share columns with others */
    HG_CUDA_COLUMNS_OF_BLOCK = 128 /* columns of such a block */
};

/* The epoch under way, as kernels see it. */
struct hg_cuda_epoch {
    const void *values;    /* of the dataset, or of the ring of a streamed one */
    const uint8_t *labels; /* likewise */
    const uint32_t *order; /* NULL: sample p of the epoch lies in row p % ring_rows */
    const float *rates;
    uint64_t position; /* samples visited */
    uint64_t step;
    uint64_t ring_rows;
};

/* What changes from step to step, in device memory. Kernels alone read and write it, in the order of the stream: so a
 * recorded step holds for every step of every epoch. */
struct hg_cuda_state {
    struct hg_cuda_epoch epoch;
    float scalars[HG_SCALARS];
    struct hg_totals totals;
    unsigned tickets[HG_CUDA_COLUMN_BLOCKS]; /* blocks of the running kernel that are done (reduce.h); zero between
                                                kernels */
};

/* Partial sums of the running kernel, in device memory. */
struct hg_cuda_scratch {
    float columns[HG_CUDA_COLUMN_BLOCKS * HG_CUDA_COLUMNS_OF_BLOCK];
    double sums[HG_CUDA_SUM_BLOCKS];
    unsigned counts[HG_CUDA_SUM_BLOCKS];
};

/* One of two places for an epoch's order and rates: one in use, one being filled. */
struct hg_cuda_epoch_buffer {
    struct hg_epoch epoch;
    const struct hg_data *data;
    uint32_t *order, *order_pinned;
    float *rates, *rates_pinned;
    size_t order_capacity, rates_capacity;
    cudaEvent_t uploaded; /* on the copy stream: order and rates are on the device */
    cudaEvent_t retired;  /* on the computing stream: the last step of the epoch that used this buffer */
};

enum { HG_CUDA_TIMING_EVENTS = 1024 };

struct hg_cuda_phases {
    enum hg_phase current;
    cudaEvent_t events[HG_CUDA_TIMING_EVENTS]; /* a ring of the beginnings of phases */
    enum hg_phase begins[HG_CUDA_TIMING_EVENTS];
    size_t first, count;
    struct hg_timings sums;
    cudaError_t error; /* the first failure of a call without a status */
};

struct hg_cublas;

struct hg_cuda_context {
    struct hg_context base;
    struct hg_open_options options;
    cudaStream_t stream, copy_stream;
    struct hg_cuda_state *state;     /* device */
    struct hg_cuda_scratch *scratch; /* device */
    struct hg_totals *totals;        /* pinned */
    struct hg_cublas *cublas;
    struct hg_cuda_epoch_buffer buffers[2];
    unsigned current, staged; /* buffers; equal where nothing is staged */
    struct hg_cuda_phases phases;
    struct hg_nvtx nvtx;
    bool recording;
    const char *last_operation; /* enqueued last, for messages */
};

static inline struct hg_cuda_context *hg_cuda_of(struct hg_context *ctx)
{
    return (struct hg_cuda_context *)ctx;
}

/* Sets the message for a failed call of the runtime and clears the runtime's own record of it: what we were doing, what
 * went wrong, and, since errors of kernels surface later, what was enqueued last. `cuda` may be NULL. */
enum hg_status hg_cuda_failed(const struct hg_cuda_context *cuda, cudaError_t error, const char *doing);

/* HG_CUDA(cuda, cudaSomething(...), "doing this"): passes a failure on to the caller, as HG_TRY does. */
#define HG_CUDA(cuda, call, doing)                                                                                     \
    do {                                                                                                               \
        const cudaError_t hg_cuda_error = (call);                                                                      \
        if (hg_cuda_error != cudaSuccess)                                                                              \
            return hg_cuda_failed(cuda, hg_cuda_error, doing);                                                         \
    } while (0)

/* device.c */
enum hg_status hg_cuda_probe(struct hg_device_info *info);

/* memory.c. cuda_memory and cuda_pinned: zeroed memory of the device, and pinned memory of the host. */
enum hg_status hg_cuda_memory(struct hg_cuda_context *cuda, size_t bytes, void **out);
enum hg_status hg_cuda_pinned(struct hg_cuda_context *cuda, size_t bytes, void **out);
enum hg_status hg_cuda_event(struct hg_cuda_context *cuda, cudaEvent_t *out);
enum hg_status hg_cuda_wait(struct hg_cuda_context *cuda, const char *doing);
enum hg_status hg_cuda_allocate(struct hg_context *ctx, size_t bytes, void **out);
void hg_cuda_release(struct hg_context *ctx, void *memory);
enum hg_status hg_cuda_upload(struct hg_context *ctx, void *to, const void *from, size_t bytes);
enum hg_status hg_cuda_download(struct hg_context *ctx, void *to, const void *from, size_t bytes);

/* epoch.c */
enum hg_status hg_cuda_epochs_open(struct hg_cuda_context *cuda);
void hg_cuda_epochs_close(struct hg_cuda_context *cuda);
enum hg_status hg_cuda_epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch);
enum hg_status hg_cuda_epoch_start(struct hg_context *ctx, size_t first_step);
enum hg_status hg_cuda_before_step(struct hg_context *ctx, size_t rows);
enum hg_status hg_cuda_totals_read(struct hg_context *ctx, struct hg_totals *totals);

/* recording.c */
enum hg_status hg_cuda_record_begin(struct hg_context *ctx);
enum hg_status hg_cuda_record_end(struct hg_context *ctx, struct hg_recording **out);
enum hg_status hg_cuda_replay(struct hg_context *ctx, struct hg_recording *recording);
void hg_cuda_recording_free(struct hg_recording *recording);

/* phases.c */
enum hg_status hg_cuda_phases_open(struct hg_cuda_context *cuda);
void hg_cuda_phases_close(struct hg_cuda_context *cuda);
void hg_cuda_phase(struct hg_context *ctx, enum hg_phase next);
enum hg_status hg_cuda_timings_read(struct hg_context *ctx, struct hg_timings *timings);

/* gemm_cublas.c. Loading says HG_UNAVAILABLE, with the reason, where the library is missing. */
enum hg_status hg_cublas_load(void);
enum hg_status hg_cublas_open(struct hg_cuda_context *cuda);
void hg_cublas_close(struct hg_cuda_context *cuda);

/* gather.cu. usable: whether this build has code for the device. start: `epoch` becomes the one under way. */
enum hg_status hg_cuda_kernels_usable(void);
enum hg_status hg_cuda_start_epoch(struct hg_cuda_context *cuda, const struct hg_cuda_epoch *epoch);
/* Rows of a batch from device memory: `values` and `labels` are those of row 0 of x. `mean` is written as HG_MEAN. */
enum hg_status hg_cuda_copy_rows(struct hg_cuda_context *cuda, const struct hg_data *data, const void *values,
                                 const uint8_t *from_labels, float mean, struct hg_matrix x, struct hg_labels labels,
                                 struct hg_matrix squares);

/* The ops: load_rows in dataset.c, gemm in gemm_cublas.c, the others in the files named after them. */
HG_EACH_OP(HG_DECLARE_OP, hg_cuda_)

#ifdef __cplusplus
}
#endif
#endif
