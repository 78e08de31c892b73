/* Bugs within kernels. */
#include "planted.h"

namespace
{
constexpr unsigned block_size = 64;

__global__ void reverse(bool barrier, float *out)
{
    __shared__ float values[block_size];
    values[threadIdx.x] = static_cast<float>(threadIdx.x);
    if (barrier)
        __syncthreads();
    out[threadIdx.x] = values[block_size - 1 - threadIdx.x];
}

__global__ void partial(bool exits, unsigned n, float *out)
{
    if (exits && threadIdx.x >= n)
        return;
    __syncthreads();
    if (threadIdx.x < n)
        out[threadIdx.x] = 1;
}

__global__ void branches(bool divergent, float *out)
{
    if (divergent && threadIdx.x % 2 == 0) {
        __syncthreads();
        out[threadIdx.x] = 1;
    } else {
        __syncthreads();
        out[threadIdx.x] = 2;
    }
}

__global__ void last_writer(bool races, float *out)
{
    if (!races && threadIdx.x != 7)
        return;
    *out = static_cast<float>(threadIdx.x);
}

__global__ void warp_sum(bool all, float *out)
{
    float sum = 1;
    if (all || threadIdx.x % 32 != 5)
        for (int lanes = 16; lanes > 0; lanes /= 2)
            sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
    out[threadIdx.x] = sum;
}

__global__ void neighbours(unsigned shift, float *out)
{
    __shared__ float values[block_size];
    values[threadIdx.x] = 1;
    __syncthreads();
    out[threadIdx.x] = values[threadIdx.x + shift];
}

__global__ void quads(unsigned shift, float *out)
{
    *reinterpret_cast<float4 *>(out + shift) = make_float4(1, 2, 3, 4);
}

/* One launch of a kernel that writes block_size floats, its results copied and memory released. */
template <class K, class... A> int one_launch(K kernel, unsigned threads, std::vector<float> &results, A... arguments)
{
    float *out = zeros(block_size);
    TRY(launch(kernel, 1, threads, nullptr, arguments..., out));
    TRY(cudaMemcpy(results.data(), out, block_size * sizeof(float), cudaMemcpyDeviceToHost));
    TRY(cudaFree(out));
    return 0;
}
} // namespace

int missing_barrier(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(reverse, block_size, results, !planted);
}

int exit_before_barrier(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(partial, block_size, results, planted, 50u);
}

int two_barriers(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(branches, block_size, results, planted);
}

int race(bool planted)
{
    std::vector<float> results(block_size);
    float first = -1;
    for (int i = 0; i < 16; ++i) {
        if (one_launch(last_writer, block_size, results, planted) != 0)
            return 1;
        if (i > 0 && results[0] != first)
            return report("the result changes from launch to launch");
        first = results[0];
    }
    return 0;
}

int missing_lane(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(warp_sum, block_size, results, !planted);
}

int shared_index(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(neighbours, block_size, results, planted ? 1u : 0u);
}

int misaligned_vector(bool planted)
{
    std::vector<float> results(block_size);
    return one_launch(quads, 1, results, planted ? 1u : 4u);
}

int too_many_threads(bool planted)
{
    std::vector<float> results(block_size);
    float *out = zeros(1);
    TRY(launch(last_writer, 1, planted ? 1025 : 1024, nullptr, false, out));
    TRY(cudaDeviceSynchronize());
    TRY(cudaFree(out));
    return 0;
}
