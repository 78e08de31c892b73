/* Swish, forward and back.
 *
 * Both are bound by memory: bias_swish moves 12 bytes an element, swish_backward as many; an exponential and a division
 * are far below what the arithmetic units do in that time. So: four elements a thread, in accesses of 16 bytes. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"
#include "kernels/cuda/ops/reduce.h"

enum { BLOCK = 256, WARPS = BLOCK / WARP };

__global__ void __launch_bounds__(BLOCK)
    bias_swish_kernel(size_t quads, size_t cols, const float *z, size_t z_stride, const float *bias, float *h,
                      size_t h_stride, float *slope, size_t slope_stride, bool wide)
{
    const size_t index = blockIdx.x * size_t{BLOCK} + threadIdx.x;
    if (index >= quads)
        return;
    const quad_place at = place_of_quad(index, cols);
    const size_t left = cols - at.col;
    quad a = load_quad(z + at.row * z_stride + at.col, left, wide);
    const quad offset = load_quad(bias + at.col, left, wide);
    quad d;
    for (int i = 0; i < 4; ++i) {
        a.v[i] += offset.v[i];
        /* exp is only ever taken of a non-positive number: no overflow, and no NaN from infinity over infinity. */
        const float e = expf(-fabsf(a.v[i]));
        const float s = (a.v[i] >= 0.0f ? 1.0f : e) / (1.0f + e);
        d.v[i] = s + a.v[i] * s * (1.0f - s);
        a.v[i] *= s;
    }
    store_quad(h + at.row * h_stride + at.col, a, left, wide);
    if (slope)
        store_quad(slope + at.row * slope_stride + at.col, d, left, wide);
}

/* The sum of each column over the quads that the warps of a block hold, lane l those of columns 4l to 4l + 3: thread j
 * gets column j, the other threads nothing of use. */
__device__ static inline float column_sum(float (*of_warp)[HG_CUDA_COLUMNS_OF_BLOCK], quad q)
{
    const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    for (int i = 0; i < 4; ++i)
        of_warp[warp][4 * lane + i] = q.v[i];
    __syncthreads();
    float sum = 0;
    for (int w = 0; w < WARPS; ++w)
        sum += of_warp[w][threadIdx.x % HG_CUDA_COLUMNS_OF_BLOCK];
    return sum;
}

/* One block: 128 columns, a quad a lane, of a range of rows, a row a warp at a time. blockIdx.x chooses the columns,
 * blockIdx.y the rows. */
__global__ void __launch_bounds__(BLOCK)
    swish_backward_kernel(hg_cuda_state *state, float *partial, size_t rows, size_t cols, const float *slope,
                          size_t slope_stride, const float *dh, size_t dh_stride, float *dz, size_t dz_stride,
                          unsigned alpha, unsigned beta, float *db, bool wide)
{
    __shared__ float of_warp[WARPS][HG_CUDA_COLUMNS_OF_BLOCK];
    const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    const size_t first_col = blockIdx.x * size_t{HG_CUDA_COLUMNS_OF_BLOCK}, col = first_col + 4 * lane;
    const size_t left = col < cols ? cols - col : 0;
    const size_t rows_of_block = (rows + gridDim.y - 1) / gridDim.y;
    const size_t begin = blockIdx.y * rows_of_block, end = min(rows, begin + rows_of_block);

    quad sum = {{0, 0, 0, 0}};
    for (size_t b = begin + warp; b < end; b += WARPS) {
        quad d = load_quad(dh + b * dh_stride + col, left, wide);
        const quad s = load_quad(slope + b * slope_stride + col, left, wide);
        for (int i = 0; i < 4; ++i) {
            d.v[i] *= s.v[i];
            sum.v[i] += d.v[i];
        }
        store_quad(dz + b * dz_stride + col, d, left, wide);
    }
    float total = column_sum(of_warp, sum);

    if (gridDim.y > 1) {
        float *of_columns = partial + blockIdx.x * size_t{gridDim.y} * HG_CUDA_COLUMNS_OF_BLOCK;
        if (threadIdx.x < HG_CUDA_COLUMNS_OF_BLOCK)
            of_columns[blockIdx.y * HG_CUDA_COLUMNS_OF_BLOCK + threadIdx.x] = total;
        if (!comes_last(&state->tickets[blockIdx.x], gridDim.y))
            return;
        sum = {{0, 0, 0, 0}};
        for (unsigned y = warp; y < gridDim.y; y += WARPS) {
            const quad q = load_quad(of_columns + y * HG_CUDA_COLUMNS_OF_BLOCK + 4 * lane, 4, true);
            for (int i = 0; i < 4; ++i)
                sum.v[i] += q.v[i];
        }
        total = column_sum(of_warp, sum);
    }
    if (threadIdx.x < HG_CUDA_COLUMNS_OF_BLOCK && first_col + threadIdx.x < cols)
        accumulate(&db[first_col + threadIdx.x], state->scalars, alpha, beta, total);
}

enum hg_status hg_cuda_bias_swish(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias, struct hg_matrix h,
                                  struct hg_matrix slope)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const size_t quads = quads_of(z);
    const bool wide = is_wide(z) && is_wide(bias) && is_wide(h) && is_wide(slope);
    return HG_LAUNCH(cuda, bias_swish_kernel, hg_blocks(quads, BLOCK), BLOCK, quads, z.cols,
                     static_cast<const float *>(z.data), z.stride, static_cast<const float *>(bias.data),
                     static_cast<float *>(h.data), h.stride, static_cast<float *>(slope.data), slope.stride, wide);
}

enum hg_status hg_cuda_swish_backward(struct hg_context *ctx, struct hg_matrix slope, struct hg_matrix dh,
                                      struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                      struct hg_matrix db)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const bool wide = is_wide(slope) && is_wide(dh) && is_wide(dz);
    /* As many ranges of rows as fill the device; where the columns alone do, a block has its columns to itself. */
    const unsigned across = hg_blocks(dz.cols, HG_CUDA_COLUMNS_OF_BLOCK);
    const unsigned most = across < HG_CUDA_COLUMN_BLOCKS ? HG_CUDA_COLUMN_BLOCKS / across : 1;
    const dim3 grid(across, hg_blocks_at_most(dz.rows, WARPS, most));
    return HG_LAUNCH(cuda, swish_backward_kernel, grid, BLOCK, cuda->state, cuda->scratch->columns, dz.rows, dz.cols,
                     static_cast<const float *>(slope.data), slope.stride, static_cast<const float *>(dh.data),
                     dh.stride, static_cast<float *>(dz.data), dz.stride, alpha, beta, static_cast<float *>(db.data),
                     wide);
}
