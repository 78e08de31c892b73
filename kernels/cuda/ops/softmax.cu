/* Bias, softmax, cross-entropy, their gradient and the bias gradient, in one launch.
 *
 * One warp a row: lane l holds the classes l, l + 32, ... in registers, so a row is read once and written once, and its
 * maximum and sum are five exchanges each. A batch of 128 rows and 10 classes is 10 KB: all latency. */
#include "kernels/cuda/ops/launch.h"
#include "kernels/cuda/ops/reduce.h"

enum {
    BLOCK = 256,
    WARPS = BLOCK / WARP,
    NO_CLASS = HG_CUDA_MAX_CLASSES, /* above every class */
};

/* PER_LANE: classes of a lane. */
template <int PER_LANE>
__global__ void __launch_bounds__(BLOCK)
    softmax_xent_kernel(hg_cuda_state *state, hg_cuda_scratch *scratch, size_t rows, unsigned classes, const float *z,
                        size_t z_stride, const float *bias, const uint8_t *labels, float *dz, size_t dz_stride,
                        unsigned alpha, unsigned beta, float *db)
{
    const unsigned lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    float offset[PER_LANE], sums[PER_LANE];
    for (int k = 0; k < PER_LANE; ++k) {
        const unsigned c = lane + k * WARP;
        offset[k] = c < classes ? bias[c] : 0;
        sums[k] = 0;
    }

    double loss = 0;
    unsigned correct = 0;
    for (size_t b = blockIdx.x * size_t{WARPS} + warp; b < rows; b += size_t{WARPS} * gridDim.x) {
        const unsigned label = labels[b];
        float a[PER_LANE];
        float largest = -INFINITY;
        unsigned best = NO_CLASS;
        /* A label that is no class leaves -inf here, and the loss infinite: seen, and nothing out of bounds read. */
        float of_label = -INFINITY;
        for (int k = 0; k < PER_LANE; ++k) {
            const unsigned c = lane + k * WARP;
            a[k] = c < classes ? z[b * z_stride + c] + offset[k] : -INFINITY;
            if (a[k] > largest) {
                largest = a[k];
                best = c;
            }
            if (c == label)
                of_label = a[k];
        }
        for (int lanes = WARP / 2; lanes > 0; lanes /= 2) {
            const float other = __shfl_xor_sync(0xffffffffu, largest, lanes);
            const unsigned other_best = __shfl_xor_sync(0xffffffffu, best, lanes);
            if (other > largest || (other == largest && other_best < best)) {
                largest = other;
                best = other_best;
            }
        }
        of_label = __shfl_sync(0xffffffffu, of_label, label % WARP);

        /* Relative to the largest logit no exponential overflows, and the sum is at least 1. */
        float sum = 0;
        for (int k = 0; k < PER_LANE; ++k) {
            const unsigned c = lane + k * WARP;
            a[k] = c < classes ? expf(a[k] - largest) : 0;
            sum += a[k];
        }
        sum = warp_sum(sum);
        loss += logf(sum) - (of_label - largest);
        correct += best == label;
        if (!dz)
            continue;
        for (int k = 0; k < PER_LANE; ++k) {
            const unsigned c = lane + k * WARP;
            if (c >= classes)
                continue;
            const float d = a[k] / sum - (c == label ? 1.0f : 0.0f);
            dz[b * dz_stride + c] = d;
            sums[k] += d;
        }
    }

    /* The block's sums: each class's at columns[class * blocks + block]. */
    __shared__ float of_warp[WARPS][WARP * PER_LANE];
    __shared__ double losses[WARPS];
    __shared__ unsigned counts[WARPS];
    for (int k = 0; k < PER_LANE; ++k)
        of_warp[warp][lane + k * WARP] = sums[k];
    if (lane == 0) {
        losses[warp] = loss;
        counts[warp] = correct;
    }
    __syncthreads();
    if (dz && threadIdx.x < classes) {
        float sum = 0;
        for (int w = 0; w < WARPS; ++w)
            sum += of_warp[w][threadIdx.x];
        scratch->columns[threadIdx.x * gridDim.x + blockIdx.x] = sum;
    }
    if (threadIdx.x == 0) {
        double sum = 0;
        unsigned count = 0;
        for (int w = 0; w < WARPS; ++w) {
            sum += losses[w];
            count += counts[w];
        }
        scratch->sums[blockIdx.x] = sum;
        scratch->counts[blockIdx.x] = count;
    }

    /* db may be bias: it changes only now that every block has read it. */
    if (!comes_last(&state->tickets[0], gridDim.x))
        return;
    if (warp == 0) {
        const double sum = warp_total(scratch->sums, gridDim.x);
        const unsigned count = warp_total(scratch->counts, gridDim.x);
        if (lane == 0) {
            state->totals.loss += sum;
            state->totals.correct += count;
            state->totals.samples += rows;
        }
    }
    for (unsigned c = warp; dz && c < classes; c += WARPS) {
        const float sum = warp_total(scratch->columns + c * gridDim.x, gridDim.x);
        if (lane == 0)
            accumulate(&db[c], state->scalars, alpha, beta, sum);
    }
}

enum hg_status hg_cuda_softmax_xent(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias,
                                    struct hg_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                    enum hg_scalar beta, struct hg_matrix db)
{
    struct hg_cuda_context *cuda = hg_cuda_of(ctx);
    const unsigned blocks = hg_blocks_at_most(z.rows, WARPS, HG_CUDA_SUM_BLOCKS);
    const auto kernel = z.cols <= WARP ? softmax_xent_kernel<1> : softmax_xent_kernel<HG_CUDA_MAX_CLASSES / WARP>;
    return hg_launch(cuda, "softmax_xent_kernel", kernel, blocks, BLOCK, cuda->state, cuda->scratch, z.rows,
                     static_cast<unsigned>(z.cols), static_cast<const float *>(z.data), z.stride,
                     static_cast<const float *>(bias.data), labels.data, static_cast<float *>(dz.data), dz.stride,
                     alpha, beta, static_cast<float *>(db.data));
}
