#include "kernels/backend.h"

#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_backend_require(const struct hg_backend *backend, struct hg_device_info *info)
{
    const enum hg_status status = backend->probe(info);
    return status == HG_OK ? HG_OK : hg_fail_within(status, "backend %s: %s", backend->name, hg_message());
}

size_t hg_samples_spread(const struct hg_samples *samples, size_t k, size_t rows)
{
    return (size_t)((double)k * (double)samples->count / (double)rows);
}

size_t hg_matrix_stride(size_t cols)
{
    enum { STRIDE_UNIT = 4 };
    return (cols + STRIDE_UNIT - 1) / STRIDE_UNIT * STRIDE_UNIT;
}

enum hg_status hg_matrix_create(struct hg_matrix *out, struct hg_context *ctx, size_t rows, size_t cols)
{
    const size_t stride = hg_matrix_stride(cols);
    const size_t element = ctx->backend->element_size;
    if (stride < cols || (rows && stride > SIZE_MAX / element / rows))
        return hg_fail(HG_USAGE, "a matrix of %zu x %zu does not fit into memory; use smaller sizes", rows, cols);
    struct hg_matrix m = {NULL, rows, cols, stride};
    HG_TRY(ctx->backend->allocate(ctx, rows * stride * element, &m.data));
    *out = m;
    return HG_OK;
}

void hg_matrix_free(struct hg_matrix *matrix, struct hg_context *ctx)
{
    if (!matrix->data)
        return;
    ctx->backend->release(ctx, matrix->data);
    matrix->data = NULL;
}

struct hg_matrix hg_matrix_window(const struct hg_context *ctx, struct hg_matrix m, size_t row, size_t col, size_t rows,
                                  size_t cols)
{
    char *first = (char *)m.data + (row * m.stride + col) * ctx->backend->element_size;
    return (struct hg_matrix){first, rows, cols, m.stride};
}

/* Elements a window spans in memory, from its first to its last. */
static size_t span(struct hg_matrix m)
{
    return m.rows == 0 ? 0 : (m.rows - 1) * m.stride + m.cols;
}

/* Copies `from` into the matrix or, with `reads`, the matrix to `to`. */
static enum hg_status transfer(struct hg_context *ctx, struct hg_matrix m, bool reads, const double *from, double *to)
{
    const struct hg_backend *backend = ctx->backend;
    const size_t bytes = span(m) * backend->element_size;
    void *staging;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&staging, bytes, 1, "copying a matrix"));
    float *f32 = staging;
    double *f64 = staging;

    /* The elements between the rows of a window are not its own: they are read first and written back as they were. */
    HG_TRY_OR_CLEANUP(backend->download(ctx, staging, m.data, bytes));
    for (size_t r = 0; r < m.rows; ++r)
        for (size_t c = 0; c < m.cols; ++c) {
            const size_t i = r * m.stride + c;
            const bool is_float = backend->element_size == sizeof(float);
            if (reads)
                to[r * m.cols + c] = is_float ? (double)f32[i] : f64[i];
            else if (is_float)
                f32[i] = (float)from[r * m.cols + c];
            else
                f64[i] = from[r * m.cols + c];
        }
    if (!reads)
        HG_TRY_OR_CLEANUP(backend->upload(ctx, m.data, staging, bytes));

cleanup:
    free(staging);
    return status;
}

enum hg_status hg_matrix_write(struct hg_context *ctx, struct hg_matrix to, const double *from)
{
    return transfer(ctx, to, false, from, NULL);
}

enum hg_status hg_matrix_read(struct hg_context *ctx, struct hg_matrix from, double *to)
{
    return transfer(ctx, from, true, NULL, to);
}
