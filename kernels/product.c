#include "kernels/product.h"

#include "kernels/backend.h"

bool hg_product_add(size_t rows, size_t inner, size_t cols, const double *a, enum hg_transpose op_a, const double *b,
                    enum hg_transpose op_b, double *c)
{
    for (const struct hg_backend *const *backend = hg_backends(); *backend; ++backend)
        if ((*backend)->product_add && (*backend)->product_add(rows, inner, cols, a, op_a, b, op_b, c))
            return true;
    return false;
}
