#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/tree.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/product.h"

void hg_multiply_add(size_t rows, size_t inner, size_t cols, const double *a, bool a_transposed, const double *b,
                     bool b_transposed, double *c)
{
    enum { SMALL = 4096 }; /* multiplications: as long as a call takes */
    if (rows * inner * cols > SMALL &&
        hg_product_add(rows, inner, cols, a, a_transposed ? HG_T : HG_N, b, b_transposed ? HG_T : HG_N, c))
        return;
    /* From one row of op(a) to the next, and within a row from one element to the next; the same of op(b). */
    const size_t a_row = a_transposed ? 1 : inner, a_element = a_transposed ? rows : 1;
    const size_t b_row = b_transposed ? 1 : cols, b_element = b_transposed ? inner : 1;
    for (size_t i = 0; i < rows; ++i)
        for (size_t k = 0; k < inner; ++k) {
            const double factor = a[i * a_row + k * a_element];
            for (size_t j = 0; j < cols; ++j)
                c[i * cols + j] += factor * b[k * b_row + j * b_element];
        }
}

/* Gauss and Jordan's elimination on [a | out], with the largest pivot of each column. */
enum hg_status hg_invert(size_t n, const double *a, double *out, double *determinant, bool *singular)
{
    double *m;
    const size_t width = 2 * n;
    HG_TRY(hg_allocate_bytes(&m, n, width * sizeof *m, "an inverse"));
    *singular = false;
    for (size_t i = 0; i < n; ++i) {
        memcpy(m + i * width, a + i * n, n * sizeof *m);
        m[i * width + n + i] = 1;
    }
    *determinant = 1;
    for (size_t k = 0; k < n; ++k) {
        size_t best = k;
        for (size_t i = k + 1; i < n; ++i)
            if (fabs(m[i * width + k]) > fabs(m[best * width + k]))
                best = i;
        const double pivot = m[best * width + k];
        *determinant *= best == k ? pivot : -pivot;
        if (pivot == 0 || !isfinite(pivot)) {
            *singular = true;
            goto cleanup;
        }
        for (size_t j = 0; j < width; ++j) {
            const double value = m[best * width + j] / pivot;
            m[best * width + j] = m[k * width + j];
            m[k * width + j] = value;
        }
        for (size_t i = 0; i < n; ++i) {
            const double factor = m[i * width + k];
            for (size_t j = k; i != k && factor != 0 && j < width; ++j)
                m[i * width + j] -= factor * m[k * width + j];
        }
    }
    for (size_t i = 0; out && i < n; ++i)
        memcpy(out + i * n, m + i * width + n, n * sizeof *out);
cleanup:
    free(m);
    return HG_OK;
}
