/* Windows into matrices, and their elements four at a time.
 *
 * A quad is four neighbouring floats of a row. Where all four exist and are aligned it is one 16-byte access, the
 * widest a thread has; else the elements are accessed one by one, so that nothing outside the row is touched. */
#ifndef HANDGRAD_KERNELS_CUDA_OPS_QUAD_H
#define HANDGRAD_KERNELS_CUDA_OPS_QUAD_H

#include <cuda_runtime.h>

#include "kernels/ops.h"

/* What a kernel needs of a matrix: where it is. Its size is the same for all of an op's matrices. */
template <class T> struct window {
    T *data; /* NULL: not wanted */
    size_t stride;

    __device__ T *at(size_t row, size_t col) const
    {
        return data + row * stride + col;
    }
};

template <class T, class MATRIX> static inline window<T> window_of(MATRIX m)
{
    return {static_cast<T *>(m.data), m.stride};
}

struct quad {
    float v[4];
};

/* left: elements from p to the end of its row. wide: every quad of the row is aligned to 16 bytes. */
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

/* The grid of an elementwise kernel: one thread for each quad of a matrix, row by row. */
struct quad_grid {
    size_t quads, cols;
    bool wide; /* of every matrix of the op */
};

/* The place of one thread's quad in the matrix. */
struct quad_place {
    size_t row, col;
    size_t left; /* elements from there to the end of the row */
};

__device__ static inline quad_place place_of_quad(const quad_grid &grid, size_t index)
{
    const size_t quads = (grid.cols + 3) / 4;
    /* A 64-bit division costs some hundred instructions; nearly every matrix has fewer than 2^32 quads. */
    const bool is_small = ((index | quads) >> 32) == 0;
    const size_t row = is_small ? static_cast<unsigned>(index) / static_cast<unsigned>(quads) : index / quads;
    const size_t col = (index - row * quads) * 4;
    return {row, col, grid.cols - col};
}

template <class MATRIX> static inline quad_grid quad_grid_of(MATRIX m, bool wide)
{
    return {m.rows * ((m.cols + 3) / 4), m.cols, wide};
}

/* Whether every quad of every row is aligned to 16 bytes; true of a matrix that is not wanted. */
template <class MATRIX> static inline bool is_wide(MATRIX m)
{
    return reinterpret_cast<uintptr_t>(m.data) % 16 == 0 && m.stride % 4 == 0;
}

#endif
