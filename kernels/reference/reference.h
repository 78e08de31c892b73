/* Internals of the reference backends: plain C loops over `real`, compiled once for float and once for double. */
#ifndef HANDGRAD_KERNELS_REFERENCE_REFERENCE_H
#define HANDGRAD_KERNELS_REFERENCE_REFERENCE_H

#include <math.h>

#include "kernels/backend.h"
#include "kernels/host_context.h"

#ifdef HG_REFERENCE64
typedef double real;
#define REF_PREFIX hg_ref64_
#define REF_BACKEND hg_backend_reference64
#define real_exp exp
#define real_log log
#define real_fabs fabs
#else
typedef float real;
#define REF_PREFIX hg_ref32_
#define REF_BACKEND hg_backend_reference
#define real_exp expf
#define real_log logf
#define real_fabs fabsf
#endif

/* REF(gemm) is hg_ref32_gemm or hg_ref64_gemm: both libraries are linked into one program. */
#define REF_JOIN(prefix, name) prefix##name
#define REF_NAME(prefix, name) REF_JOIN(prefix, name)
#define REF(name) REF_NAME(REF_PREFIX, name)

extern const struct hg_backend REF_BACKEND;

struct hg_data {
    struct hg_samples samples;
};

static inline struct hg_host_context *ref_context(struct hg_context *ctx)
{
    return (struct hg_host_context *)ctx;
}

static inline real ref_scalar(struct hg_context *ctx, enum hg_scalar scalar)
{
    return (real)ref_context(ctx)->scalars[scalar];
}

/* Element (r, c) of a matrix, as an lvalue: const in a struct hg_const_matrix. */
#define ELEMENTS(m) __typeof__(_Generic((m).data, void * : (real *)0, const void * : (const real *)0))
#define AT(m, r, c) (((ELEMENTS(m))(m).data)[(r) * (m).stride + (c)])

HG_EACH_OP(HG_DECLARE_OP, REF_PREFIX)

/* db = beta * db + alpha * (sum of the rows of dz): the bias gradient of both layers. */
void REF(bias_gradient)(struct hg_context *ctx, struct hg_const_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                        struct hg_matrix db);

#endif
