/* Swish, forward (M2), (M9) and back (M10), (M11).
 *
 * Both kernels are limited by memory: each moves 12 bytes an element, and the exponential and the division take far
 * less time than that. So a thread takes four elements at once, in accesses of 16 bytes. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/quad.h"
#include "kernels/cuda/ops/reduce.h"

struct bias_swish_args {
    quad_grid grid;
    window<const float> z;
    const float *bias;
    window<float> h;
    window<float> slope; /* data NULL: not wanted */
};

static __global__ void __launch_bounds__(BLOCK) bias_swish_kernel(bias_swish_args args)
{
    const size_t index = blockIdx.x * size_t{BLOCK} + threadIdx.x;
    if (index >= args.grid.quads)
        return;
    const quad_place at = place_of_quad(args.grid, index);
    quad a = load_quad(args.z.at(at.row, at.col), at.left, args.grid.wide);
    const quad offset = load_quad(args.bias + at.col, at.left, args.grid.wide);
    quad d;
    for (int i = 0; i < 4; ++i) {
        a.v[i] += offset.v[i];
        /* exp is only taken of numbers <= 0, so it never overflows, and inf / inf never makes a NaN. */
        const float e = expf(-fabsf(a.v[i]));
        const float s = (a.v[i] >= 0.0f ? 1.0f : e) / (1.0f + e);
        d.v[i] = s + a.v[i] * s * (1.0f - s);
        a.v[i] *= s;
    }
    store_quad(args.h.at(at.row, at.col), a, at.left, args.grid.wide);
    if (args.slope.data)
        store_quad(args.slope.at(at.row, at.col), d, at.left, args.grid.wide);
}

struct swish_backward_args {
    size_t rows, cols;
    window<const float> slope, dh;
    window<float> dz;
    bias_gradient db;
    bool wide; /* every quad of slope, dh and dz is aligned */
};

/* The sums of a block's columns over its warps, in the order of the warps; lane l of each warp brings those of columns
 * 4l to 4l + 3. Thread j gets column j; threads beyond the columns get a repetition that nobody uses. */
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

/* dz = slope * dh for this block's rows and this thread's quad of columns; returns the sums of dz over those rows. */
__device__ static inline quad multiply_rows(const swish_backward_args &args, size_t col)
{
    const size_t left = col < args.cols ? args.cols - col : 0;
    const size_t rows_of_block = (args.rows + gridDim.y - 1) / gridDim.y;
    const size_t begin = blockIdx.y * rows_of_block, end = min(args.rows, begin + rows_of_block);
    quad sum = {{0, 0, 0, 0}};
    for (size_t b = begin + threadIdx.x / WARP; b < end; b += WARPS) {
        quad d = load_quad(args.dh.at(b, col), left, args.wide);
        const quad s = load_quad(args.slope.at(b, col), left, args.wide);
        for (int i = 0; i < 4; ++i) {
            d.v[i] *= s.v[i];
            sum.v[i] += d.v[i];
        }
        store_quad(args.dz.at(b, col), d, left, args.wide);
    }
    return sum;
}

/* A block has 128 columns, a quad to a lane, of a range of rows, of which each warp takes one at a time: blockIdx.x
 * chooses the columns, blockIdx.y the rows. Where several blocks share columns, the last of them adds up their partial
 * sums: partial[blockIdx.x][blockIdx.y][column]. */
static __global__ void __launch_bounds__(BLOCK)
    swish_backward_kernel(hg_cuda_state *state, float *partial, swish_backward_args args)
{
    __shared__ float of_warp[WARPS][HG_CUDA_COLUMNS_OF_BLOCK];
    const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    const size_t first_col = blockIdx.x * size_t{HG_CUDA_COLUMNS_OF_BLOCK};
    float total = column_sum(of_warp, multiply_rows(args, first_col + 4 * lane));

    if (gridDim.y > 1) {
        float *of_columns = partial + blockIdx.x * size_t{gridDim.y} * HG_CUDA_COLUMNS_OF_BLOCK;
        if (threadIdx.x < HG_CUDA_COLUMNS_OF_BLOCK)
            of_columns[blockIdx.y * HG_CUDA_COLUMNS_OF_BLOCK + threadIdx.x] = total;
        if (!is_last_block(&state->tickets[blockIdx.x], gridDim.y))
            return;
        quad sum = {{0, 0, 0, 0}};
        for (unsigned y = warp; y < gridDim.y; y += WARPS) {
            const quad q = load_quad(of_columns + y * HG_CUDA_COLUMNS_OF_BLOCK + 4 * lane, 4, true);
            for (int i = 0; i < 4; ++i)
                sum.v[i] += q.v[i];
        }
        total = column_sum(of_warp, sum);
    }
    if (threadIdx.x < HG_CUDA_COLUMNS_OF_BLOCK && first_col + threadIdx.x < args.cols)
        add_bias_gradient(args.db, first_col + threadIdx.x, state->scalars, total);
}

enum hg_status hg_cuda_bias_swish(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                  struct hg_matrix h, struct hg_matrix slope)
{
    const bool wide = is_wide(z) && is_wide(bias) && is_wide(h) && is_wide(slope);
    const bias_swish_args args = {quad_grid_of(z, wide), window_of<const float>(z),
                                  static_cast<const float *>(bias.data), window_of<float>(h), window_of<float>(slope)};
    return HG_LAUNCH(hg_cuda_of(ctx), bias_swish_kernel, hg_blocks(args.grid.quads, BLOCK), BLOCK, args);
}

enum hg_status hg_cuda_swish_backward(struct hg_context *ctx, struct hg_const_matrix slope, struct hg_const_matrix dh,
                                      struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                      struct hg_matrix db)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const swish_backward_args args = {dz.rows,
                                      dz.cols,
                                      window_of<const float>(slope),
                                      window_of<const float>(dh),
                                      window_of<float>(dz),
                                      bias_gradient_of(db, alpha, beta),
                                      is_wide(slope) && is_wide(dh) && is_wide(dz)};
    /* As many ranges of rows as fill the device. A matrix wide enough to do so by its columns alone has one range, and
     * then no block shares its columns. */
    const unsigned across = hg_blocks(dz.cols, HG_CUDA_COLUMNS_OF_BLOCK);
    const unsigned most = across < HG_CUDA_COLUMN_BLOCKS ? HG_CUDA_COLUMN_BLOCKS / across : 1;
    const dim3 grid(across, hg_blocks_at_most(dz.rows, WARPS, most));
    return HG_LAUNCH(cuda, swish_backward_kernel, grid, BLOCK, cuda->state, cuda->scratch->columns, args);
}
