/* A ring buffer through which the rows of a streamed dataset reach the device before the steps that need them.
 *
 *   dataset --gather threads--> pinned slots --copy stream--> device slots --next_batch--> batch
 *
 * The samples of an epoch, in its order, are cut into chunks. Chunk c passes through slot c % HG_CUDA_RING_SLOTS, first
 * in pinned host memory, then on the device. So sample p of the epoch is row p % ring_rows of the device's slots, and
 * next_batch needs no order.
 *
 * Threads gather the rows of a chunk into a pinned slot as soon as one is free. Events keep the two streams in step:
 * the copy into a device slot waits for the steps that read the slot's chunk before, and the steps that read a chunk
 * wait for its copy. The host itself waits only if the next step needs a chunk that is not gathered yet, or if every
 * slot is in use. */
#ifndef HANDGRAD_KERNELS_CUDA_SAMPLES_RING_H
#define HANDGRAD_KERNELS_CUDA_SAMPLES_RING_H

#include "kernels/cuda/samples/dataset.h"

struct hg_cuda_ring;

enum { HG_CUDA_RING_SLOTS = 4 };

enum hg_status hg_cuda_ring_create(struct hg_cuda_ring **out, const struct hg_data *data);
void hg_cuda_ring_free(struct hg_cuda_ring *ring);

/* Begins `epoch` at sample `position`, and lets `view` point to the slots on the device. Waits for copies under way;
 * allocates larger slots if the epoch's batch is larger than a chunk. */
enum hg_status hg_cuda_ring_start(struct hg_cuda_ring *ring, const struct hg_epoch *epoch, size_t position,
                                  struct hg_cuda_epoch *view);
/* Makes the next `rows` samples of the epoch available to the step that is enqueued next. */
enum hg_status hg_cuda_ring_advance(struct hg_cuda_ring *ring, size_t rows);

#endif
