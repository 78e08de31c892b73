/* How kernels run. */
#include <cstring>

#include "semantics.h"

namespace
{
__global__ void indices(unsigned *out)
{
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    const unsigned i = block * blockDim.x * blockDim.y * blockDim.z + thread;
    out[i] = i;
}

template <int N> __device__ int block_sum(int value)
{
    __shared__ int values[N];
    values[threadIdx.x] = value;
    __syncthreads();
    for (unsigned half = N / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            values[threadIdx.x] += values[threadIdx.x + half];
        __syncthreads();
    }
    return values[0];
}

__global__ void sums(int *out)
{
    HG_DYNAMIC_SHARED(int, copy);
    copy[threadIdx.x] = block_sum<64>(static_cast<int>(threadIdx.x + blockIdx.x));
    const int votes = __syncthreads_count(threadIdx.x % 4 == 0);
    out[blockIdx.x * 64 + threadIdx.x] = copy[63 - threadIdx.x] + votes;
}

__global__ void exchanges(unsigned *out)
{
    const unsigned lane = threadIdx.x % 32, all = 0xffffffffu;
    out[threadIdx.x] = __shfl_down_sync(all, lane, 3) + 100 * __shfl_up_sync(all, lane, 1, 8);
    out[64 + threadIdx.x] = __shfl_xor_sync(all, lane, 5) + 100 * __shfl_sync(all, lane, 2, 16);
    out[128 + threadIdx.x] = __ballot_sync(all, lane % 2);
    if (lane < 7) /* a part of the warp goes on alone */
        out[192 + threadIdx.x] = __reduce_add_sync(0x7fu, lane) + 100 * __reduce_max_sync(0x7fu, lane);
}

__global__ void count(unsigned *counter, float *sum, unsigned *largest)
{
    atomicAdd(counter, 1u);
    atomicAdd(sum, 0.5f);
    atomicMax(largest, threadIdx.x);
}

struct Padded {
    float *out;
    bool negative; /* and seven bytes of padding */
};

__global__ void read_struct(Padded p)
{
    *p.out = p.negative ? -1 : 1;
}

__global__ void nothing()
{
}

template <class T> T *device(size_t elements)
{
    T *memory = nullptr;
    if (cudaMalloc(&memory, elements * sizeof(T)) != cudaSuccess ||
        cudaMemset(memory, 0, elements * sizeof(T)) != cudaSuccess)
        return nullptr;
    return memory;
}

template <class T> std::vector<T> take(T *memory, size_t elements)
{
    std::vector<T> values(elements);
    cudaMemcpy(values.data(), memory, elements * sizeof(T), cudaMemcpyDeviceToHost);
    cudaFree(memory);
    return values;
}
} // namespace

int threads_and_blocks()
{
    constexpr unsigned n = 3 * 2 * 2 * 5 * 3 * 2;
    unsigned *out = device<unsigned>(n);
    TRY(launch(indices, dim3(3, 2, 2), dim3(5, 3, 2), nullptr, out));
    const std::vector<unsigned> values = take(out, n);
    for (unsigned i = 0; i < n; ++i)
        CHECK(values[i] == i);
    return 0;
}

int shared_memory()
{
    int *out = device<int>(3 * 64);
    void *arguments[] = {&out};
    TRY(cudaLaunchKernel(sums, 3, 64, arguments, 64 * sizeof(int)));
    const std::vector<int> values = take(out, 3 * 64);
    for (int i = 0; i < 3 * 64; ++i)
        CHECK(values[static_cast<size_t>(i)] == 63 * 64 / 2 + 64 * (i / 64) + 16);
    return 0;
}

int warps()
{
    unsigned *out = device<unsigned>(256);
    TRY(launch(exchanges, 1, 64, nullptr, out));
    const std::vector<unsigned> v = take(out, 256);
    for (unsigned i = 0; i < 64; ++i) {
        const unsigned lane = i % 32;
        CHECK(v[i] == (lane + 3 < 32 ? lane + 3 : lane) + 100 * (lane % 8 == 0 ? lane : lane - 1));
        CHECK(v[64 + i] == (lane ^ 5) + 100 * (lane / 16 * 16 + 2));
        CHECK(v[128 + i] == 0xaaaaaaaau);
        CHECK(v[192 + i] == (lane < 7 ? 21u + 600u : 0u));
    }
    return 0;
}

int atomics()
{
    unsigned *counter = device<unsigned>(1), *largest = device<unsigned>(1);
    float *sum = device<float>(1);
    TRY(launch(count, 10, 50, nullptr, counter, sum, largest));
    CHECK(take(counter, 1)[0] == 500);
    CHECK(take(sum, 1)[0] == 250);
    CHECK(take(largest, 1)[0] == 49);
    return 0;
}

/* The padding of a struct may hold anything, the rest of a host address too. */
int struct_arguments()
{
    Padded p;
    const void *host[] = {nullptr, &p};
    std::memcpy(static_cast<void *>(&p), host, sizeof p);
    p.out = device<float>(1);
    p.negative = true;
    void *arguments[] = {&p};
    TRY(cudaLaunchKernel(read_struct, 1, 1, arguments, 0));
    CHECK(take(p.out, 1)[0] == -1);
    return 0;
}

int launch_limits()
{
    void *arguments[1] = {nullptr};
    const auto go = [&](dim3 grid, dim3 block, size_t shared) {
        return cudaLaunchKernel(nothing, grid, block, arguments, shared);
    };
    CHECK(go(1, 1024, 48 * 1024) == cudaSuccess);
    CHECK(go(1, dim3(32, 32), 0) == cudaSuccess);
    CHECK(go(1, 1025, 0) == cudaErrorInvalidConfiguration);
    CHECK(go(1, dim3(33, 32), 0) == cudaErrorInvalidConfiguration);
    CHECK(go(1, dim3(1, 1, 65), 0) == cudaErrorInvalidConfiguration);
    CHECK(go(0, 1, 0) == cudaErrorInvalidConfiguration);
    CHECK(go(dim3(1, 65536), 1, 0) == cudaErrorInvalidConfiguration);
    CHECK(go(1, 1, 48 * 1024 + 1) == cudaErrorInvalidValue);
    CHECK(cudaGetLastError() == cudaErrorInvalidValue && cudaGetLastError() == cudaSuccess);
    TRY(cudaFuncSetAttribute(nothing, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 * 1024));
    CHECK(go(1, 1, 100 * 1024) == cudaSuccess);
    CHECK(cudaFuncSetAttribute(nothing, cudaFuncAttributeMaxDynamicSharedMemorySize, 228 * 1024) ==
          cudaErrorInvalidValue);
    cudaFuncAttributes attributes;
    TRY(cudaFuncGetAttributes(&attributes, sums));
    CHECK(attributes.sharedSizeBytes == 0); /* sums itself declares none; block_sum does */
    return cudaDeviceSynchronize();
}
