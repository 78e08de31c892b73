/* Matrix products on all threads: each computes a block of c with the single-threaded BLAS. The inner dimension is
 * never divided, so no sum is taken in parts, and the results depend on nothing but shapes and number of threads. */
#include "kernels/cpu/blas.h"
#include "kernels/cpu/ops/ops.h"

struct product {
    float alpha, beta;
    struct hg_const_matrix a, b;
    struct hg_matrix c;
    enum hg_transpose op_a, op_b;
    size_t inner;
};

/* Blocks begin at whole tiles of BLAS's kernels (at most 48 wide, cut in 16s) and at cache lines. */
enum { BLOCK_UNIT = 16 };

static void product_block(void *argument, int thread, int threads)
{
    const struct product *p = argument;
    const bool by_rows =
        p->c.rows >
        p->c.cols; /* c's longer side is divided: then the operand that every thread reads whole is the smaller one */
    const size_t side = by_rows ? p->c.rows : p->c.cols;
    const size_t begin = hg_cpu_share(side, BLOCK_UNIT, thread, threads);
    const size_t count = hg_cpu_share(side, BLOCK_UNIT, thread + 1, threads) - begin;
    if (count == 0)
        return;
    const float *a = p->a.data;
    const float *b = p->b.data;
    float *c = p->c.data;
    if (by_rows) {
        a += p->op_a == HG_N ? begin * p->a.stride : begin;
        c += begin * p->c.stride;
    } else {
        b += p->op_b == HG_N ? begin : begin * p->b.stride;
        c += begin;
    }
    hg_blas_sgemm(by_rows ? count : p->c.rows, by_rows ? p->c.cols : count, p->inner, p->alpha, a, p->a.stride, p->op_a,
                  b, p->b.stride, p->op_b, p->beta, c, p->c.stride);
}

enum hg_status hg_cpu_gemm(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                           enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                           enum hg_scalar beta, struct hg_matrix c)
{
    if (!hg_blas_fits(a.rows, a.stride) || !hg_blas_fits(b.rows, b.stride) || !hg_blas_fits(c.rows, c.stride))
        return hg_fail(HG_USAGE,
                       "a matrix of more than 2^31 rows or columns is too large for BLAS; use smaller batches");
    struct hg_cpu *cpu = hg_cpu(ctx);
    struct product product = {hg_cpu_scalar(cpu, alpha),     hg_cpu_scalar(cpu, beta), a, b, c, op_a, op_b,
                              op_a == HG_N ? a.cols : a.rows};
    /* hg_cpu_divide counts elements of the other ops, each of which costs as much as some 16 multiply-adds. */
    hg_cpu_divide(cpu, c.rows * c.cols * product.inner / 16, product_block, &product);
    return HG_OK;
}
