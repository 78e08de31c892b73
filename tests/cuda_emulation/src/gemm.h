/* The arithmetic of the emulated cuBLAS. */
#ifndef HG_EMULATION_GEMM_H
#define HG_EMULATION_GEMM_H

#include <cstddef>

namespace hg_emulation
{
struct Operand { /* column-major; element (row, column) of op(operand) */
    const float *data;
    size_t leading;
    bool transposed;

    float at(size_t row, size_t column) const
    {
        return transposed ? data[row * leading + column] : data[column * leading + row];
    }
};

/* c = alpha a b + beta c; a is m x k, b is k x n. beta == 0 does not read c, alpha == 0 neither a nor b. `tf32` rounds
 * the elements of a and b to 10 bits of mantissa, as tensor cores do. */
void gemm(size_t m, size_t n, size_t k, float alpha, const Operand &a, const Operand &b, float beta, float *c,
          size_t leading, bool tf32);
} // namespace hg_emulation
#endif
