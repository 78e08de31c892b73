/* Datasets: resident in device memory if they fit, else streamed from host memory. Both give the same bits. */
#include "kernels/cuda/samples/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/cuda/samples/ring.h"

enum { ROW_ALIGNMENT = 16, STAGING_BYTES = 4 << 20 };

/* One part in KEEP_FREE of the device's memory is left free by a dataset: for parameters, batches and cuBLAS. */
enum { KEEP_FREE = 8 };

static enum hg_status fits(struct hg_cuda_context *cuda, const struct hg_data *data, bool *out)
{
    size_t free_bytes = 0, total_bytes = 0;
    HG_CUDA(cuda, cudaMemGetInfo(&free_bytes, &total_bytes), "asking for free memory");
    const size_t keep = total_bytes / KEEP_FREE;
    const size_t usable = free_bytes > keep ? free_bytes - keep : 0;
    *out = data->samples.count <= usable / (data->row_bytes + sizeof(uint8_t));
    return HG_OK;
}

static enum hg_status make_resident(struct hg_cuda_context *cuda, struct hg_data *data)
{
    const struct hg_samples *s = &data->samples;
    const size_t row_size = hg_data_row_size(data);
    void *memory;
    HG_TRY(hg_cuda_memory(cuda, s->count * data->row_bytes, &data->values));
    if (row_size == data->row_bytes)
        HG_TRY(hg_cuda_upload(&cuda->base, data->values, s->values, s->count * row_size));
    else
        HG_CUDA(cuda,
                cudaMemcpy2DAsync(data->values, data->row_bytes, s->values, row_size, row_size, s->count,
                                  cudaMemcpyHostToDevice, cuda->stream),
                "copying the dataset to the device");
    if (!s->labels)
        return hg_cuda_wait(cuda, "copying the dataset to the device");
    HG_TRY(hg_cuda_memory(cuda, s->count, &memory));
    data->labels = memory;
    return hg_cuda_upload(&cuda->base, data->labels, s->labels, s->count);
}

static size_t staging_rows(const struct hg_data *data)
{
    const size_t rows = STAGING_BYTES / (data->row_bytes + sizeof(uint8_t));
    return rows ? rows : 1;
}

static enum hg_status make_streamed(struct hg_cuda_context *cuda, struct hg_data *data)
{
    const size_t bytes = staging_rows(data) * (data->row_bytes + sizeof(uint8_t));
    for (int i = 0; i < 2; ++i) {
        void *memory;
        HG_TRY(hg_cuda_pinned(cuda, bytes, &memory));
        data->staging[i].pinned = memory;
        memset(memory, 0, bytes); /* rows are padded, and loading leaves the padding alone */
        HG_TRY(hg_cuda_memory(cuda, bytes, &memory));
        data->staging[i].device = memory;
        HG_TRY(hg_cuda_event(cuda, &data->staging[i].copied));
    }
    return hg_cuda_ring_create(&data->ring, data);
}

enum hg_status hg_cuda_data_create(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    struct hg_data *data;
    HG_TRY(hg_allocate(&data, 1, "a dataset on the backend"));
    data->cuda = cuda;
    data->samples = *samples;
    data->row_bytes = (hg_data_row_size(data) + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;

    bool resident = false;
    enum hg_status status = HG_OK;
    if (!cuda->options.stream_data)
        HG_TRY_OR_CLEANUP(fits(cuda, data, &resident));
    HG_TRY_OR_CLEANUP(resident ? make_resident(cuda, data) : make_streamed(cuda, data));
    *out = data;
    return HG_OK;

cleanup:
    hg_cuda_data_free(data);
    return status;
}

void hg_cuda_data_free(struct hg_data *data)
{
    if (!data)
        return;
    /* Steps that are still enqueued may read it. */
    cudaStreamSynchronize(data->cuda->stream);
    hg_cuda_ring_free(data->ring);
    for (int i = 1; i >= 0; --i) {
        if (data->staging[i].copied)
            cudaEventDestroy(data->staging[i].copied);
        cudaFree(data->staging[i].device);
        cudaFreeHost(data->staging[i].pinned);
    }
    cudaFree(data->labels);
    cudaFree(data->values);
    free(data);
}

static struct hg_matrix matrix_rows(struct hg_matrix m, size_t first, size_t rows)
{
    if (m.data)
        m.data = (float *)m.data + first * m.stride;
    m.rows = rows;
    return m;
}

/* Loads x.rows rows of a streamed dataset, from row `first` on, through one of the two staging buffers: while the
 * device reads one, the host fills the other. There are no more rows than a staging buffer holds. */
static enum hg_status load_piece(struct hg_cuda_context *cuda, struct hg_data *data, size_t first, float mean,
                                 struct hg_matrix x, struct hg_labels labels, struct hg_matrix squares)
{
    const struct hg_samples *s = &data->samples;
    const size_t row_size = hg_data_row_size(data), offset = x.rows * data->row_bytes;
    struct hg_cuda_staging *staging = &data->staging[data->staged++ % 2];
    HG_CUDA(cuda, cudaEventSynchronize(staging->copied), "waiting for rows to be copied to the device");
    for (size_t b = 0; b < x.rows; ++b)
        memcpy(staging->pinned + b * data->row_bytes, (const char *)s->values + (first + b) * row_size, row_size);
    if (labels.data)
        memcpy(staging->pinned + offset, s->labels + first, x.rows);
    HG_CUDA(cuda,
            cudaMemcpyAsync(staging->device, staging->pinned, offset + (labels.data ? x.rows : 0),
                            cudaMemcpyHostToDevice, cuda->stream),
            "copying rows to the device");
    HG_CUDA(cuda, cudaEventRecord(staging->copied, cuda->stream), "copying rows to the device");
    return hg_cuda_copy_rows(cuda, data, staging->device, staging->device + offset, mean, x, labels, squares);
}

enum hg_status hg_cuda_load_rows(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                                 struct hg_labels labels, struct hg_matrix squares)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const float mean = 1.0f / (float)x.rows;
    if (data->values)
        return hg_cuda_copy_rows(cuda, data, (const char *)data->values + first * data->row_bytes,
                                 data->labels ? data->labels + first : NULL, mean, x, labels, squares);

    /* `data` is const to the caller: its samples do not change. Only load_rows uses the staging buffers. */
    struct hg_data *streamed = (struct hg_data *)data;
    const size_t most = staging_rows(data);
    for (size_t b = 0, rows; b < x.rows; b += rows) {
        rows = x.rows - b < most ? x.rows - b : most;
        const struct hg_labels labels_b = {labels.data ? labels.data + b : NULL, rows};
        struct hg_matrix squares_b = squares;
        if (squares.data)
            squares_b.data = (float *)squares.data + b;
        HG_TRY(load_piece(cuda, streamed, first + b, mean, matrix_rows(x, b, rows), labels_b, squares_b));
    }
    return HG_OK;
}
