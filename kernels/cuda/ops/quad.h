/* Four neighbouring floats of a row: one 16-byte access where all four exist and are aligned, else one by one, so that
 * nothing outside a row is ever touched. */
#ifndef HANDGRAD_KERNELS_CUDA_OPS_QUAD_H
#define HANDGRAD_KERNELS_CUDA_OPS_QUAD_H

#include <cuda_runtime.h>

#include "kernels/ops.h"

struct quad {
    float v[4];
};

/* `left`: elements from p to the end of its row. `wide`: every quad of the row is aligned. */
__device__ static inline quad load_quad(const float *p, size_t left, bool wide)
{
    quad q = {{0, 0, 0, 0}};
    if (wide && left >= 4) {
        const float4 f = *reinterpret_cast<const float4 *>(p);
        q.v[0] = f.x;
        q.v[1] = f.y;
        q.v[2] = f.z;
        q.v[3] = f.w;
        return q;
    }
    for (size_t i = 0; i < 4; ++i)
        if (i < left)
            q.v[i] = p[i];
    return q;
}

__device__ static inline void store_quad(float *p, quad q, size_t left, bool wide)
{
    if (wide && left >= 4) {
        *reinterpret_cast<float4 *>(p) = make_float4(q.v[0], q.v[1], q.v[2], q.v[3]);
        return;
    }
    for (size_t i = 0; i < 4; ++i)
        if (i < left)
            p[i] = q.v[i];
}

/* Thread `index` of a grid over all quads of a matrix: its row, and the column of its quad. */
struct quad_place {
    size_t row, col;
};

__device__ static inline quad_place place_of_quad(size_t index, size_t cols)
{
    const size_t quads = (cols + 3) / 4;
    /* A 64-bit division costs some hundred instructions; nearly every matrix has fewer than 2^32 quads. */
    const bool is_small = ((index | quads) >> 32) == 0;
    const size_t row = is_small ? static_cast<unsigned>(index) / static_cast<unsigned>(quads) : index / quads;
    return {row, (index - row * quads) * 4};
}

static inline size_t quads_of(struct hg_matrix m)
{
    return m.rows * ((m.cols + 3) / 4);
}

/* Every quad of every row is aligned; true of a matrix that is not wanted. */
static inline bool is_wide(struct hg_matrix m)
{
    return reinterpret_cast<uintptr_t>(m.data) % 16 == 0 && m.stride % 4 == 0;
}

#endif
