/* A cuBLAS handle, and what every computing call does with it. */
#ifndef HG_EMULATION_CUBLAS_H
#define HG_EMULATION_CUBLAS_H

#include <cublas_v2.h>

#include "emulation.h"

struct cublasContext {
    cudaStream_t stream = nullptr;
    cublasPointerMode_t pointers = CUBLAS_POINTER_MODE_HOST;
    cublasAtomicsMode_t atomics = CUBLAS_ATOMICS_NOT_ALLOWED;
    cublasMath_t math = CUBLAS_DEFAULT_MATH;
    void *workspace = nullptr;
    size_t workspace_bytes = 0;
    bool own_workspace = false;
};

namespace hg_emulation
{
bool is_handle(cublasHandle_t handle);

/* alpha or beta: its value when the call is made, or when the work runs, as the pointer mode says. */
class Scalar
{
  public:
    Scalar(cublasHandle_t handle, const float *pointer, const char *name);
    float value() const
    {
        return device_ != nullptr ? *device_ : host_;
    }

  private:
    const float *device_ = nullptr;
    float host_ = 0.0f;
};

/* The part of device memory that a column-major matrix takes. */
struct Span {
    const float *start;
    size_t rows, columns, leading, elements;

    Span(const float *data, size_t rows_, size_t columns_, size_t leading_)
        : start(data), rows(rows_), columns(columns_), leading(leading_),
          elements(rows == 0 || columns == 0 ? 0 : (columns - 1) * leading + rows)
    {
    }
    void require(const char *what) const
    {
        if (elements > 0)
            require_device(start, elements * sizeof(float), what);
    }
    /* Windows into one buffer may lie side by side: with one leading dimension, element by element. */
    bool overlaps(const Span &other) const
    {
        if (elements == 0 || other.elements == 0 || start >= other.start + other.elements ||
            other.start >= start + elements)
            return false;
        if (leading != other.leading)
            return true;
        if (other.start < start)
            return other.overlaps(*this);
        const size_t distance = static_cast<size_t>(other.start - start);
        const size_t column = distance / leading, row = distance % leading;
        return (row < rows && column < columns) || (row + other.rows > leading && column + 1 < columns);
    }
};

/* Enqueues the work of a call, counted as one. */
cublasStatus_t compute(cublasHandle_t handle, std::function<void()> run);
} // namespace hg_emulation
#endif
