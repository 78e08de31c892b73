#include "kernels/cuda/samples/ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/memory.h"

/* The size of a chunk: large enough that the fixed cost of a copy (some microseconds) is small beside its duration, and
 * small enough that the first step of an epoch does not wait long for its chunk. */
enum { CHUNK_BYTES = 1 << 20, MAX_THREADS = 4 };

/* Chunks are numbered from the beginning of the epoch. How far each stage has come is a number too: all chunks below it
 * have passed the stage. A chunk passes them in this order:
 *
 *   taken      a gather thread has begun to fill its pinned slot (below released + slots, as the slot must be free)
 *   gathered   the pinned slot is filled: noted slot by slot, since threads finish in any order
 *   copied     its copy to the device is enqueued on the copy stream
 *   awaited    the compute stream has been told to wait for that copy
 *   released   the copy is done, and its pinned slot is free
 *   consumed   the last step that reads it is enqueued, after which its device slot may be overwritten
 */
struct hg_cuda_ring {
    const struct hg_data *data;
    size_t chunk_rows;
    unsigned char *pinned, *device;          /* rows of all slots */
    uint8_t *pinned_labels, *device_labels;  /* labels of all slots; NULL where the dataset has none */
    cudaEvent_t arrived[HG_CUDA_RING_SLOTS]; /* on the copy stream: the slot's chunk is on the device */
    cudaEvent_t used[HG_CUDA_RING_SLOTS];    /* on the compute stream: the steps that read the device slot are done */

    struct hg_epoch epoch;
    size_t chunks;                    /* of the epoch */
    size_t position;                  /* samples visited */
    size_t copied, awaited, consumed; /* used by the training thread alone */

    pthread_mutex_t mutex;  /* guards all that follows */
    pthread_cond_t work;    /* for gather threads: there may be a chunk to take */
    pthread_cond_t done;    /* for the training thread: a chunk has been gathered */
    size_t taken, released; /* only the training thread writes released */
    size_t available;       /* chunks that may be taken: all of the epoch, or 0 to make the threads pause */
    size_t gathered[HG_CUDA_RING_SLOTS]; /* 1 + the chunk that the pinned slot holds; 0: none */
    unsigned busy;                       /* threads that are gathering */
    bool quit;
    unsigned thread_count;
    pthread_t threads[MAX_THREADS];
};

static void gather(struct hg_cuda_ring *ring, size_t chunk)
{
    const struct hg_data *data = ring->data;
    const size_t row_size = hg_data_row_size(data), slot = chunk % HG_CUDA_RING_SLOTS;
    const size_t first = chunk * ring->chunk_rows;
    const size_t left = ring->epoch.samples - first, rows = left < ring->chunk_rows ? left : ring->chunk_rows;
    unsigned char *to = ring->pinned + slot * ring->chunk_rows * data->row_bytes;
    for (size_t b = 0; b < rows; ++b) {
        const size_t from = ring->epoch.order[first + b];
        memcpy(to + b * data->row_bytes, (const char *)data->samples.values + from * row_size, row_size);
        if (ring->pinned_labels)
            ring->pinned_labels[slot * ring->chunk_rows + b] = data->samples.labels[from];
    }
}

static void *gather_chunks(void *argument)
{
    struct hg_cuda_ring *ring = argument;
    pthread_mutex_lock(&ring->mutex);
    while (!ring->quit) {
        if (ring->taken >= ring->available || ring->taken >= ring->released + HG_CUDA_RING_SLOTS) {
            pthread_cond_wait(&ring->work, &ring->mutex);
            continue;
        }
        const size_t chunk = ring->taken++;
        ++ring->busy;
        pthread_mutex_unlock(&ring->mutex);
        gather(ring, chunk);
        pthread_mutex_lock(&ring->mutex);
        --ring->busy;
        ring->gathered[chunk % HG_CUDA_RING_SLOTS] = chunk + 1;
        pthread_cond_broadcast(&ring->done);
    }
    pthread_mutex_unlock(&ring->mutex);
    return NULL;
}

/* Returns when every gather thread has finished the chunk it was at; they take no other until the next epoch starts. */
static void pause_threads(struct hg_cuda_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    ring->available = 0;
    while (ring->busy)
        pthread_cond_wait(&ring->done, &ring->mutex);
    pthread_mutex_unlock(&ring->mutex);
}

static unsigned threads_wanted(const struct hg_cuda_context *cuda)
{
    const long cores = cuda->options.threads > 0 ? cuda->options.threads : sysconf(_SC_NPROCESSORS_ONLN);
    /* One core is left to the training thread. */
    return cores > MAX_THREADS ? MAX_THREADS : cores > 2 ? (unsigned)cores - 1 : 1;
}

static void free_slots(struct hg_cuda_ring *ring)
{
    cudaFree(ring->device_labels);
    cudaFreeHost(ring->pinned_labels);
    cudaFree(ring->device);
    cudaFreeHost(ring->pinned);
    ring->device = ring->pinned = NULL;
    ring->device_labels = ring->pinned_labels = NULL;
    ring->chunk_rows = 0;
}

static enum hg_status make_slots(struct hg_cuda_ring *ring, size_t chunk_rows)
{
    struct hg_cuda_context *cuda = ring->data->cuda;
    const size_t rows = chunk_rows * HG_CUDA_RING_SLOTS, bytes = rows * ring->data->row_bytes;
    void *memory;
    HG_TRY(hg_cuda_pinned(cuda, bytes, &memory));
    ring->pinned = memory;
    memset(memory, 0, bytes); /* rows are padded, and gathering leaves the padding alone */
    HG_TRY(hg_cuda_memory(cuda, bytes, &memory));
    ring->device = memory;
    if (ring->data->samples.labels) {
        HG_TRY(hg_cuda_pinned(cuda, rows, &memory));
        ring->pinned_labels = memory;
        HG_TRY(hg_cuda_memory(cuda, rows, &memory));
        ring->device_labels = memory;
    }
    ring->chunk_rows = chunk_rows;
    return HG_OK;
}

enum hg_status hg_cuda_ring_create(struct hg_cuda_ring **out, const struct hg_data *data)
{
    struct hg_cuda_ring *ring;
    HG_TRY(hg_allocate(&ring, 1, "streaming a dataset"));
    ring->data = data;
    pthread_mutex_init(&ring->mutex, NULL);
    pthread_cond_init(&ring->work, NULL);
    pthread_cond_init(&ring->done, NULL);

    const size_t rows = CHUNK_BYTES / data->row_bytes;
    const unsigned wanted = threads_wanted(data->cuda);
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(make_slots(ring, rows ? rows : 1));
    for (int i = 0; i < HG_CUDA_RING_SLOTS; ++i) {
        HG_TRY_OR_CLEANUP(hg_cuda_event(data->cuda, &ring->arrived[i]));
        HG_TRY_OR_CLEANUP(hg_cuda_event(data->cuda, &ring->used[i]));
    }
    for (; ring->thread_count < wanted; ++ring->thread_count) {
        if (pthread_create(&ring->threads[ring->thread_count], NULL, gather_chunks, ring) != 0) {
            status = hg_fail(HG_INTERNAL, "no thread could be started to stream the dataset");
            goto cleanup;
        }
    }
    *out = ring;
    return HG_OK;

cleanup:
    hg_cuda_ring_free(ring);
    return status;
}

void hg_cuda_ring_free(struct hg_cuda_ring *ring)
{
    if (!ring)
        return;
    pthread_mutex_lock(&ring->mutex);
    ring->quit = true;
    pthread_cond_broadcast(&ring->work);
    pthread_mutex_unlock(&ring->mutex);
    for (unsigned i = 0; i < ring->thread_count; ++i)
        pthread_join(ring->threads[i], NULL);
    cudaStreamSynchronize(ring->data->cuda->copy_stream);
    for (int i = 0; i < HG_CUDA_RING_SLOTS; ++i) {
        if (ring->used[i])
            cudaEventDestroy(ring->used[i]);
        if (ring->arrived[i])
            cudaEventDestroy(ring->arrived[i]);
    }
    free_slots(ring);
    pthread_cond_destroy(&ring->done);
    pthread_cond_destroy(&ring->work);
    pthread_mutex_destroy(&ring->mutex);
    free(ring);
}

enum hg_status hg_cuda_ring_start(struct hg_cuda_ring *ring, const struct hg_epoch *epoch, size_t position,
                                  struct hg_cuda_epoch *view)
{
    struct hg_cuda_context *cuda = ring->data->cuda;
    pause_threads(ring);
    HG_CUDA(cuda, cudaStreamSynchronize(cuda->copy_stream), "waiting for streamed rows");
    /* A batch is no larger than a chunk. So a step reads two chunks at most, and two slots are free for later chunks.
     */
    if (epoch->batch > ring->chunk_rows) {
        HG_TRY(hg_cuda_wait(cuda, "waiting for an earlier epoch"));
        free_slots(ring);
        HG_TRY(make_slots(ring, epoch->batch));
    }
    /* If the last epoch was abandoned half way, steps that are still enqueued may read any slot. */
    for (int i = 0; i < HG_CUDA_RING_SLOTS; ++i)
        HG_CUDA(cuda, cudaEventRecord(ring->used[i], cuda->stream), "starting to stream");

    const size_t first = position / ring->chunk_rows;
    ring->epoch = *epoch;
    ring->position = position;
    ring->chunks = (epoch->samples + ring->chunk_rows - 1) / ring->chunk_rows;
    ring->copied = ring->awaited = ring->consumed = first;
    pthread_mutex_lock(&ring->mutex);
    ring->taken = ring->released = first;
    memset(ring->gathered, 0, sizeof ring->gathered);
    ring->available = ring->chunks;
    pthread_cond_broadcast(&ring->work);
    pthread_mutex_unlock(&ring->mutex);

    view->values = ring->device;
    view->labels = ring->device_labels;
    view->order = NULL;
    view->ring_rows = ring->chunk_rows * HG_CUDA_RING_SLOTS;
    return HG_OK;
}

/* Gives pinned slots back to the gather threads: those whose copy is done, and those of chunks below `wanted`, for
 * whose copies it waits. */
static enum hg_status release(struct hg_cuda_ring *ring, size_t wanted)
{
    struct hg_cuda_context *cuda = ring->data->cuda;
    size_t released = ring->released; /* no other thread writes it */
    while (released < ring->copied) {
        const cudaEvent_t event = ring->arrived[released % HG_CUDA_RING_SLOTS];
        const cudaError_t error = released < wanted ? cudaEventSynchronize(event) : cudaEventQuery(event);
        if (error == cudaErrorNotReady)
            break;
        HG_CUDA(cuda, error, "waiting for streamed rows");
        ++released;
    }
    if (released == ring->released)
        return HG_OK;
    pthread_mutex_lock(&ring->mutex);
    ring->released = released;
    pthread_cond_broadcast(&ring->work);
    pthread_mutex_unlock(&ring->mutex);
    return HG_OK;
}

/* Whether the chunk lies in its pinned slot. With `wait`, it returns when the chunk does. */
static bool is_gathered(struct hg_cuda_ring *ring, size_t chunk, bool wait)
{
    const size_t slot = chunk % HG_CUDA_RING_SLOTS;
    pthread_mutex_lock(&ring->mutex);
    while (wait && ring->gathered[slot] != chunk + 1)
        pthread_cond_wait(&ring->done, &ring->mutex);
    const bool is = ring->gathered[slot] == chunk + 1;
    pthread_mutex_unlock(&ring->mutex);
    return is;
}

static enum hg_status copy_chunk(struct hg_cuda_ring *ring, size_t chunk)
{
    struct hg_cuda_context *cuda = ring->data->cuda;
    const size_t slot = chunk % HG_CUDA_RING_SLOTS, first = slot * ring->chunk_rows;
    const size_t left = ring->epoch.samples - chunk * ring->chunk_rows;
    const size_t rows = left < ring->chunk_rows ? left : ring->chunk_rows, row_bytes = ring->data->row_bytes;
    HG_CUDA(cuda, cudaStreamWaitEvent(cuda->copy_stream, ring->used[slot], 0), "streaming rows");
    HG_CUDA(cuda,
            cudaMemcpyAsync(ring->device + first * row_bytes, ring->pinned + first * row_bytes, rows * row_bytes,
                            cudaMemcpyHostToDevice, cuda->copy_stream),
            "streaming rows");
    if (ring->device_labels)
        HG_CUDA(cuda,
                cudaMemcpyAsync(ring->device_labels + first, ring->pinned_labels + first, rows, cudaMemcpyHostToDevice,
                                cuda->copy_stream),
                "streaming labels");
    HG_CUDA(cuda, cudaEventRecord(ring->arrived[slot], cuda->copy_stream), "streaming rows");
    return HG_OK;
}

enum hg_status hg_cuda_ring_advance(struct hg_cuda_ring *ring, size_t rows)
{
    struct hg_cuda_context *cuda = ring->data->cuda;
    const size_t first = ring->position / ring->chunk_rows;
    const size_t end = (ring->position + rows - 1) / ring->chunk_rows + 1; /* the step reads chunks first to end - 1 */

    /* All earlier steps are enqueued already, so an event recorded here comes after the last that reads chunks below
     * `first`. */
    for (; ring->consumed < first; ++ring->consumed)
        HG_CUDA(cuda, cudaEventRecord(ring->used[ring->consumed % HG_CUDA_RING_SLOTS], cuda->stream), "streaming rows");

    /* The step's last chunk needs the pinned slot of the chunk HG_CUDA_RING_SLOTS before it. */
    HG_TRY(release(ring, end > HG_CUDA_RING_SLOTS ? end - HG_CUDA_RING_SLOTS : 0));
    /* Enqueues the copies of all chunks that are gathered and have a free device slot; waits only for chunks that this
     * step needs. */
    while (ring->copied < ring->chunks && ring->copied < ring->consumed + HG_CUDA_RING_SLOTS &&
           is_gathered(ring, ring->copied, ring->copied < end)) {
        HG_TRY(copy_chunk(ring, ring->copied));
        ++ring->copied;
    }
    for (; ring->awaited < end; ++ring->awaited)
        HG_CUDA(cuda, cudaStreamWaitEvent(cuda->stream, ring->arrived[ring->awaited % HG_CUDA_RING_SLOTS], 0),
                "streaming rows");
    ring->position += rows;
    return HG_OK;
}
