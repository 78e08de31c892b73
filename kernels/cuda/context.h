/* The context of the CUDA backend, and what its files offer each other.
 *
 * All computation is enqueued on one stream and runs in order. The copy stream brings to the device what will be needed
 * (the order and rates of the next epoch, rows of a streamed dataset) while the compute stream runs; events order the
 * two. Host memory that it copies from is pinned, as asynchronous copies require.
 *
 * A training step is recorded once, as a CUDA graph, and then launched as a whole. A graph repeats the arguments it was
 * recorded with, so all that differs from step to step (position, rate, totals) lies in device memory, where kernels
 * read and advance it: struct hg_cuda_state.
 *
 * Only the runtime API is used; the program does not link the driver library, and starts where there is none. */
#ifndef HANDGRAD_KERNELS_CUDA_CONTEXT_H
#define HANDGRAD_KERNELS_CUDA_CONTEXT_H

#include <cuda_runtime_api.h>

#include "kernels/backend.h"
#include "kernels/base/try.h"
#include "kernels/cuda/profile/nvtx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums across blocks (reduce.h) need memory for one partial sum a block, which bounds the number of blocks: at numbers
 * that fill the largest GPUs of today. They do not follow the GPU at hand, so that the order of a sum, and its bits,
 * depend on shapes alone. */
enum {
    HG_CUDA_SUM_BLOCKS = 128,      /* blocks of softmax_xent and autoencoder_terms */
    HG_CUDA_COLUMN_BLOCKS = 512,   /* blocks of swish_backward, where several share columns */
    HG_CUDA_COLUMNS_OF_BLOCK = 128 /* columns of such a block */
};

/* The epoch under way, as kernels see it. All pointers are to device memory. */
struct hg_cuda_epoch {
    const void *values;    /* rows of the dataset, or of the ring buffer of a streamed one (ring.h) */
    const uint8_t *labels; /* one for each of those rows */
    const uint32_t *order; /* sample p of the epoch is row order[p]; NULL where the dataset is streamed */
    const float *rates;
    uint64_t position;  /* samples visited so far */
    uint64_t step;      /* steps taken so far */
    uint64_t ring_rows; /* streamed: sample p of the epoch is row p % ring_rows */
};

/* What changes from step to step, in device memory. Within an epoch only kernels access it. */
struct hg_cuda_state {
    struct hg_cuda_epoch epoch;
    float scalars[HG_SCALARS];
    struct hg_totals totals;
    unsigned tickets[HG_CUDA_COLUMN_BLOCKS]; /* counters of finished blocks (reduce.h); zero between kernels */
};

/* Partial sums of the blocks of the kernel that is running, in device memory. */
struct hg_cuda_scratch {
    float columns[HG_CUDA_COLUMN_BLOCKS * HG_CUDA_COLUMNS_OF_BLOCK];
    double sums[HG_CUDA_SUM_BLOCKS];
    unsigned counts[HG_CUDA_SUM_BLOCKS];
};

/* The order and the rates of an epoch are double-buffered: while one buffer serves the epoch that is running, the next
 * epoch's are copied into the other. */
struct hg_cuda_epoch_buffer {
    struct hg_epoch epoch;
    const struct hg_data *data;
    uint32_t *order, *order_pinned; /* on the device, and in pinned host memory, from where they are copied */
    float *rates, *rates_pinned;
    size_t order_capacity, rates_capacity; /* elements */
    cudaEvent_t uploaded;                  /* on the copy stream: order and rates have arrived on the device */
    cudaEvent_t retired; /* on the compute stream: the steps that read them are done, they may be overwritten */
};

enum { HG_CUDA_TIMING_EVENTS = 1024 };

/* Phases whose duration is not summed up yet: a ring buffer of the events that mark their beginnings. */
struct hg_cuda_phases {
    enum hg_phase current;
    cudaEvent_t events[HG_CUDA_TIMING_EVENTS];
    enum hg_phase begins[HG_CUDA_TIMING_EVENTS]; /* the phase that begins at the event */
    size_t first, count;
    struct hg_timings sums;
    cudaError_t error; /* the first failure of hg_cuda_phase, which returns no status */
};

struct hg_cublas;

struct hg_cuda_context {
    struct hg_context base;
    struct hg_open_options options;
    cudaStream_t stream; /* the compute stream */
    cudaStream_t copy_stream;
    struct hg_cuda_state *state;     /* device memory */
    struct hg_cuda_scratch *scratch; /* device memory */
    struct hg_totals *totals;        /* pinned: where totals_read copies the sums to */
    struct hg_cublas *cublas;
    struct hg_cuda_epoch_buffer buffers[2];
    unsigned current, staged; /* buffers of the running epoch and of the next; the same if none is staged */
    struct hg_cuda_phases phases;
    struct hg_nvtx nvtx;
    bool recording;             /* between record_begin and record_end */
    const char *last_operation; /* enqueued last, for messages: kernels fail later than the call that launched them */
};

static inline struct hg_cuda_context *hg_cuda_of(struct hg_context *ctx)
{
    return (struct hg_cuda_context *)ctx;
}

/* errors.c. failed: sets the message for a failed call of the runtime (what was being done, what went wrong, what was
 * enqueued last) and clears the runtime's record of the error. `cuda` may be NULL. */
enum hg_status hg_cuda_failed(const struct hg_cuda_context *cuda, cudaError_t error, const char *doing);
/* The same for an allocation of `bytes` on the device. */
enum hg_status hg_cuda_out_of_memory(size_t bytes);
/* HG_UNAVAILABLE, with what is missing on this machine: `error` is what the runtime said when it was asked for a
 * device, cudaSuccess where it said that there is none. */
enum hg_status hg_cuda_no_device(cudaError_t error);

/* HG_CUDA(cuda, cudaSomething(...), "doing this"): passes a failure on to the caller, as HG_TRY does. */
#define HG_CUDA(cuda, call, doing)                                                                                     \
    do {                                                                                                               \
        const cudaError_t hg_cuda_error = (call);                                                                      \
        if (hg_cuda_error != cudaSuccess)                                                                              \
            HG_TRY(hg_cuda_failed(cuda, hg_cuda_error, doing));                                                        \
    } while (0)

/* device.c */
enum hg_status hg_cuda_probe(struct hg_device_info *info);

/* memory.c. hg_cuda_memory gives zeroed device memory, hg_cuda_pinned pinned host memory, hg_cuda_event an event
 * without a clock. hg_cuda_wait returns when the compute stream has done all that was enqueued. */
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

/* gemm_cublas.c. hg_cublas_load: HG_UNAVAILABLE, with the reason, where the library is missing. */
enum hg_status hg_cublas_load(void);
enum hg_status hg_cublas_open(struct hg_cuda_context *cuda);
void hg_cublas_close(struct hg_cuda_context *cuda);

/* gather.cu. hg_cuda_find_code: cudaSuccess where this build has code for the device. hg_cuda_start_epoch enqueues that
 * `epoch` becomes the one under way. */
cudaError_t hg_cuda_find_code(void);
enum hg_status hg_cuda_start_epoch(struct hg_cuda_context *cuda, const struct hg_cuda_epoch *epoch);
/* Fills a batch from consecutive rows in device memory: `values` and `from_labels` belong to row 0 of x. Writes `mean`
 * as HG_MEAN. */
enum hg_status hg_cuda_copy_rows(struct hg_cuda_context *cuda, const struct hg_data *data, const void *values,
                                 const uint8_t *from_labels, float mean, struct hg_matrix x, struct hg_labels labels,
                                 struct hg_matrix squares);

/* The ops: load_rows in dataset.c, gemm in gemm_cublas.c, the others in the files named after them. */
HG_EACH_OP(HG_DECLARE_OP, hg_cuda_)

#ifdef __cplusplus
}
#endif
#endif
