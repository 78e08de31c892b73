/* The rows of a streamed dataset, brought to the device before the steps that need them.
 *
 *   host memory --gather threads--> pinned slots --copy stream--> device slots --next_batch--> batch
 *
 * The epoch is cut into chunks of consecutive samples (in its order); chunk c passes through slot c %
 * HG_CUDA_RING_SLOTS of both sides, so that sample p of the epoch lies in row p % ring_rows on the device. Threads
 * gather chunks as slots come free; events hold the copy into a device slot until the steps that read it are done, and
 * the steps that need a chunk until it is there. The host waits only where it has run ahead by all slots. */
#ifndef HANDGRAD_KERNELS_CUDA_SAMPLES_RING_H
#define HANDGRAD_KERNELS_CUDA_SAMPLES_RING_H

#include "kernels/cuda/samples/dataset.h"

struct hg_cuda_ring;

enum { HG_CUDA_RING_SLOTS = 4 };

enum hg_status hg_cuda_ring_create(struct hg_cuda_ring **out, const struct hg_data *data);
void hg_cuda_ring_free(struct hg_cuda_ring *ring);

/* Begins `epoch` at sample `position`; fills in the pointers of `view`. Waits for copies under way, and may allocate
 * where the epoch's batch is larger than any before. */
enum hg_status hg_cuda_ring_start(struct hg_cuda_ring *ring, const struct hg_epoch *epoch, size_t position,
                                  struct hg_cuda_epoch *view);
/* Makes the next `rows` samples available to what is enqueued next. */
enum hg_status hg_cuda_ring_advance(struct hg_cuda_ring *ring, size_t rows);

#endif
