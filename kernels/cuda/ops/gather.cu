/* Gathering a batch: rows of the dataset by index, bytes scaled to floats; and the factors of the step (HG_MEAN and its
 * like).
 *
 * One block copies one row: 784 pixels are 196 quads, so the 256 threads of a block do it in one pass, and the rows of
 * a batch of 128 spread over all multiprocessors. Rows of the dataset are padded with zeros to 16 bytes, so a thread
 * always reads a whole quad. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"
#include "kernels/cuda/ops/reduce.h"
#include "kernels/cuda/samples/dataset.h"

/* Where the rows of a batch go, and the layout of the dataset they come from. */
struct batch_args {
    window<float> x; /* data NULL: no sample is read */
    uint8_t *labels;
    float *squares;
    size_t row_elements; /* of the dataset, padding included */
    uint32_t features;
    bool wide; /* every quad of x is aligned */
};

__device__ static inline quad load_values(const uint8_t *row, size_t col)
{
    const uchar4 p = *reinterpret_cast<const uchar4 *>(row + col);
    /* A division, not a product with 1/255: it gives the nearest float, as on every backend. */
    return {{p.x / 255.0f, p.y / 255.0f, p.z / 255.0f, p.w / 255.0f}};
}

__device__ static inline quad load_values(const float *row, size_t col)
{
    return load_quad(row + col, 4, true);
}

/* Copies row `from` of the dataset to row b of the batch. Called by all threads of a block. */
template <class ELEMENT>
__device__ static inline void gather_row(const ELEMENT *values, const uint8_t *labels, size_t from,
                                         const batch_args &to, size_t b)
{
    const ELEMENT *row = values + from * to.row_elements;
    float sum = 0;
    for (size_t col = 4 * threadIdx.x; col < to.features; col += 4 * BLOCK) {
        const quad q = load_values(row, col);
        store_quad(to.x.at(b, col), q, to.features - col, to.wide);
        sum += (q.v[0] * q.v[0] + q.v[1] * q.v[1]) + (q.v[2] * q.v[2] + q.v[3] * q.v[3]);
    }
    if (to.labels && threadIdx.x == 0)
        to.labels[b] = labels[from];
    if (!to.squares)
        return;
    sum = block_sum(sum);
    if (threadIdx.x == 0)
        to.squares[b] = sum;
}

/* The last block advances the epoch's position, when every block has read it. */
template <class ELEMENT>
static __global__ void __launch_bounds__(BLOCK) next_batch_kernel(hg_cuda_state *state, unsigned rows, batch_args to)
{
    const hg_cuda_epoch epoch = state->epoch;
    if (to.x.data) {
        const uint64_t p = epoch.position + blockIdx.x;
        const size_t from = epoch.order ? epoch.order[p] : p % epoch.ring_rows;
        gather_row(static_cast<const ELEMENT *>(epoch.values), epoch.labels, from, to, blockIdx.x);
    }
    if (is_last_block(&state->tickets[0], gridDim.x) && threadIdx.x == 0) {
        const float rate = epoch.rates[epoch.step];
        state->scalars[HG_MEAN] = 1.0f / rows;
        state->scalars[HG_DESCENT] = -rate / rows;
        state->scalars[HG_RATE] = rate;
        state->epoch.position = epoch.position + rows;
        state->epoch.step = epoch.step + 1;
    }
}

template <class ELEMENT>
static __global__ void __launch_bounds__(BLOCK)
    copy_rows_kernel(hg_cuda_state *state, const ELEMENT *values, const uint8_t *labels, float mean, batch_args to)
{
    gather_row(values, labels, blockIdx.x, to, blockIdx.x);
    if (blockIdx.x == 0 && threadIdx.x == 0)
        state->scalars[HG_MEAN] = mean;
}

static __global__ void start_epoch_kernel(hg_cuda_state *state, hg_cuda_epoch epoch)
{
    state->epoch = epoch;
}

static batch_args batch_of(const struct hg_data *data, struct hg_matrix x, struct hg_labels labels,
                           struct hg_matrix squares)
{
    const size_t row_elements = data->row_bytes / hg_element_size(data->samples.element);
    const uint32_t features = static_cast<uint32_t>(data->samples.features);
    return {window_of<float>(x), labels.data, static_cast<float *>(squares.data), row_elements, features, is_wide(x)};
}

enum hg_status hg_cuda_next_batch(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                                  struct hg_labels labels, struct hg_matrix squares)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const batch_args to = batch_of(data, x, labels, squares);
    const unsigned blocks = x.data ? static_cast<unsigned>(rows) : 1;
    const unsigned count = static_cast<unsigned>(rows);
    if (data->samples.element == HG_U8)
        return HG_LAUNCH(cuda, next_batch_kernel<uint8_t>, blocks, BLOCK, cuda->state, count, to);
    return HG_LAUNCH(cuda, next_batch_kernel<float>, blocks, BLOCK, cuda->state, count, to);
}

enum hg_status hg_cuda_copy_rows(struct hg_cuda_context *cuda, const struct hg_data *data, const void *values,
                                 const uint8_t *from_labels, float mean, struct hg_matrix x, struct hg_labels labels,
                                 struct hg_matrix squares)
{
    const batch_args to = batch_of(data, x, labels, squares);
    const unsigned blocks = static_cast<unsigned>(x.rows);
    if (data->samples.element == HG_U8)
        return HG_LAUNCH(cuda, copy_rows_kernel<uint8_t>, blocks, BLOCK, cuda->state,
                         static_cast<const uint8_t *>(values), from_labels, mean, to);
    return HG_LAUNCH(cuda, copy_rows_kernel<float>, blocks, BLOCK, cuda->state, static_cast<const float *>(values),
                     from_labels, mean, to);
}

enum hg_status hg_cuda_start_epoch(struct hg_cuda_context *cuda, const struct hg_cuda_epoch *epoch)
{
    return HG_LAUNCH(cuda, start_epoch_kernel, 1, 1, cuda->state, *epoch);
}

cudaError_t hg_cuda_find_code(void)
{
    cudaFuncAttributes attributes;
    return cudaFuncGetAttributes(&attributes, start_epoch_kernel);
}
