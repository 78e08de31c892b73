/* gemm. For small integers the result must be exact, which finds every wrong index; for random numbers the error is at
 * most (K + 4) 2^-24 * scale. */
#include <math.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/parts.h"

struct gemm_size {
    size_t m, n, k;
};

/* Among these are sizes that are multiples of a backend's vectors, tiles and blocks, and sizes that leave remainders.
 */
static const struct gemm_size sizes[] = {{1, 1, 1},     {1, 7, 3},      {5, 1, 17},    {3, 37, 10},
                                         {16, 16, 16},  {33, 17, 9},    {10, 37, 53},  {64, 64, 64},
                                         {65, 31, 129}, {127, 130, 33}, {53, 37, 784}, {53, 256, 784}};

struct factors {
    enum hg_scalar alpha, beta;
};

static const struct factors factors[] = {{HG_ONE, HG_ZERO}, {HG_ONE, HG_ONE},     {HG_MEAN, HG_ZERO},
                                         {HG_RATE, HG_ONE}, {HG_DESCENT, HG_ONE}, {HG_ZERO, HG_MEAN}};
static const char *const scalar_names[HG_SCALARS] = {"0", "1", "1/B", "-lr/B", "lr"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct gemm_case {
    struct gemm_size size;
    enum hg_transpose op_a, op_b;
    struct factors factors;
    enum hg_rig_layout layout;
    bool exact;
};

static double *numbers(struct hg_rig *rig, size_t n, bool exact)
{
    return exact ? hg_rig_integers(rig, n, 8) : hg_rig_normal(rig, n, 1);
}

/* scale[i][j] = |alpha| * sum over k of |a||b| + |beta||c|, by the reference's own gemm. */
static void magnitude(struct hg_rig *rig, const struct gemm_case *g, const double *a, const double *b, const double *c,
                      double *scale)
{
    const size_t m = g->size.m, n = g->size.n, k = g->size.k;
    double *magnitude_a = hg_rig_zeros(rig, m * k), *magnitude_b = hg_rig_zeros(rig, k * n);
    if (rig->status == HG_OK) {
        for (size_t i = 0; i < m * k; ++i)
            magnitude_a[i] = fabs(a[i]);
        for (size_t i = 0; i < k * n; ++i)
            magnitude_b[i] = fabs(b[i]);
        const struct hg_operand *ma =
            hg_rig_input(rig, "|a|", g->op_a == HG_N ? m : k, g->op_a == HG_N ? k : m, magnitude_a);
        const struct hg_operand *mb =
            hg_rig_input(rig, "|b|", g->op_b == HG_N ? k : n, g->op_b == HG_N ? n : k, magnitude_b);
        const struct hg_operand *sums = hg_rig_output(rig, "|a||b|", m, n, NULL);
        if (rig->status == HG_OK)
            hg_rig_note(rig, HG_OPS(rig, HG_EXPECTED)
                                 ->gemm(rig->ctx[HG_EXPECTED], HG_ONE, hg_in(ma->m[HG_EXPECTED]), g->op_a,
                                        hg_in(mb->m[HG_EXPECTED]), g->op_b, HG_ZERO, sums->m[HG_EXPECTED]));
        hg_rig_read(rig, sums, HG_EXPECTED, scale);
        for (size_t i = 0; i < m * n; ++i)
            scale[i] = fabs(rig->scalars[g->factors.alpha]) * scale[i] + fabs(rig->scalars[g->factors.beta] * c[i]);
    }
    free(magnitude_b);
    free(magnitude_a);
}

static void check_case(struct hg_rig *rig, const struct gemm_case *g)
{
    const size_t m = g->size.m, n = g->size.n, k = g->size.k;
    double *a = numbers(rig, m * k, g->exact), *b = numbers(rig, k * n, g->exact), *c = numbers(rig, m * n, g->exact);
    double *scale = hg_rig_zeros(rig, m * n);
    if (rig->status == HG_OK) {
        hg_rig_case_begin(rig, g->layout, "%c%c, alpha %s, beta %s", g->op_a == HG_N ? 'N' : 'T',
                          g->op_b == HG_N ? 'N' : 'T', scalar_names[g->factors.alpha], scalar_names[g->factors.beta]);
        const struct hg_operand *ma = hg_rig_input(rig, "a", g->op_a == HG_N ? m : k, g->op_a == HG_N ? k : m, a);
        const struct hg_operand *mb = hg_rig_input(rig, "b", g->op_b == HG_N ? k : n, g->op_b == HG_N ? n : k, b);
        const struct hg_operand *mc = hg_rig_output(rig, "c", m, n, g->factors.beta == HG_ZERO ? NULL : c);
        HG_BOTH_SIDES(rig, side)
        {
            hg_rig_note(rig, HG_OPS(rig, side)->gemm(rig->ctx[side], g->factors.alpha, hg_in(ma->m[side]), g->op_a,
                                                     hg_in(mb->m[side]), g->op_b, g->factors.beta, mc->m[side]));
        }
        if (!g->exact)
            magnitude(rig, g, a, b, c, scale);
        /* With scale 0 only equality passes. */
        hg_rig_compare(rig, 0, mc, scale);
        hg_rig_case_end(rig);
    }
    free(scale);
    free(c);
    free(b);
    free(a);
}

static void check_size(struct hg_rig *rig, struct gemm_size size, bool exact)
{
    /* Large products only test the blocking, and are slow on the double reference: fewer combinations. */
    const bool large = size.m * size.n * size.k > 300000;
    const double limit = exact ? 0 : (double)(size.k + 4) * HG_FLOAT_UNIT;
    hg_rig_row_begin(rig, exact ? "gemm, integers" : "gemm, random", limit, "%zux%zux%zu", size.m, size.n, size.k);
    /* Exact: factors that are powers of two, whose products with small integers are exact. Random: others. */
    if (exact)
        hg_rig_set_scalars(rig, 4, 0.25f);
    else
        hg_rig_set_scalars(rig, 7, 0.1f);
    for (size_t t = 0; t < 4; ++t)
        for (size_t f = 0; f < COUNT(factors); ++f) {
            if (large && f != t)
                continue;
            for (size_t layout = 0; layout < HG_LAYOUTS; ++layout) {
                if (large && layout != t % HG_LAYOUTS)
                    continue;
                const struct gemm_case g = {size,       t & 1 ? HG_T : HG_N,        t & 2 ? HG_T : HG_N,
                                            factors[f], (enum hg_rig_layout)layout, exact};
                check_case(rig, &g);
            }
        }
    hg_rig_rows_end(rig);
}

void hg_crosscheck_gemm(struct hg_rig *rig)
{
    for (size_t i = 0; i < COUNT(sizes); ++i) {
        check_size(rig, sizes[i], true);
        check_size(rig, sizes[i], false);
    }
}
