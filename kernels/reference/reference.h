/* Inside of the reference backends: plain C loops over `real`, compiled once for float and once for double. */
#ifndef HANDGRAD_KERNELS_REFERENCE_REFERENCE_H
#define HANDGRAD_KERNELS_REFERENCE_REFERENCE_H

#include <math.h>

#include "kernels/backend.h"

#ifdef HG_REFERENCE64
typedef double real;
#define REF(name) ref64_##name
#define REF_BACKEND hg_backend_reference64
#define real_exp exp
#define real_log log
#define real_fabs fabs
#else
typedef float real;
#define REF(name) ref32_##name
#define REF_BACKEND hg_backend_reference
#define real_exp expf
#define real_log logf
#define real_fabs fabsf
#endif

extern const struct hg_backend REF_BACKEND;

/* An epoch and how far it has got. */
struct ref_epoch {
    struct hg_epoch epoch;
    size_t position; /* samples visited */
    size_t step;
};

struct ref_context {
    struct hg_context base;
    real scalars[HG_SCALARS];
    struct ref_epoch current, staged;
    struct hg_totals totals;
    struct hg_timings timings;
    enum hg_phase phase;
    double phase_began;
};

struct hg_data {
    struct hg_samples samples;
};

static inline struct ref_context *ref_context(struct hg_context *ctx)
{
    return (struct ref_context *)ctx;
}

/* Element (r, c) of a matrix, as an lvalue. */
#define AT(m, r, c) (((real *)(m).data)[(r) * (m).stride + (c)])

enum hg_status REF(next_batch)(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                               struct hg_labels labels, struct hg_matrix squares);
enum hg_status REF(load_rows)(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                              struct hg_labels labels, struct hg_matrix squares);
enum hg_status REF(gemm)(struct hg_context *ctx, enum hg_scalar alpha, struct hg_matrix a, enum hg_transpose op_a,
                         struct hg_matrix b, enum hg_transpose op_b, enum hg_scalar beta, struct hg_matrix c);
enum hg_status REF(bias_swish)(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias, struct hg_matrix h,
                               struct hg_matrix slope);
enum hg_status REF(softmax_xent)(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias,
                                 struct hg_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                 enum hg_scalar beta, struct hg_matrix db);
enum hg_status REF(swish_backward)(struct hg_context *ctx, struct hg_matrix slope, struct hg_matrix dh,
                                   struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta, struct hg_matrix db);
enum hg_status REF(autoencoder_terms)(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                      struct hg_matrix g, struct hg_matrix s, struct hg_matrix squares,
                                      struct hg_matrix p);
enum hg_status REF(sgd_update)(struct hg_context *ctx, struct hg_matrix w, struct hg_matrix g, struct hg_matrix v,
                               float momentum, float weight_decay, bool nesterov);

/* db = beta * db + alpha * (sum of the rows of dz): the bias gradient of both layers. */
void REF(bias_gradient)(struct hg_context *ctx, struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                        struct hg_matrix db);

#endif
