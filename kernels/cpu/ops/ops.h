/* The ops of this backend (kernels/ops.h): each cuts its work into slices for the team's members, by the shapes and the
 * number of threads alone, and calls the vectorised kernel (op_kernels.h) or BLAS on each. */
#ifndef HANDGRAD_KERNELS_CPU_OPS_OPS_H
#define HANDGRAD_KERNELS_CPU_OPS_OPS_H

#include "kernels/cpu/context.h"

enum hg_status hg_cpu_next_batch(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                                 struct hg_labels labels, struct hg_matrix squares);
enum hg_status hg_cpu_load_rows(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                                struct hg_labels labels, struct hg_matrix squares);
enum hg_status hg_cpu_gemm(struct hg_context *ctx, enum hg_scalar alpha, struct hg_matrix a, enum hg_transpose op_a,
                           struct hg_matrix b, enum hg_transpose op_b, enum hg_scalar beta, struct hg_matrix c);
enum hg_status hg_cpu_bias_swish(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias, struct hg_matrix h,
                                 struct hg_matrix slope);
enum hg_status hg_cpu_softmax_xent(struct hg_context *ctx, struct hg_matrix z, struct hg_matrix bias,
                                   struct hg_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                   enum hg_scalar beta, struct hg_matrix db);
enum hg_status hg_cpu_swish_backward(struct hg_context *ctx, struct hg_matrix slope, struct hg_matrix dh,
                                     struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                     struct hg_matrix db);
enum hg_status hg_cpu_autoencoder_terms(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                        struct hg_matrix g, struct hg_matrix s, struct hg_matrix squares,
                                        struct hg_matrix p);
enum hg_status hg_cpu_sgd_update(struct hg_context *ctx, struct hg_matrix w, struct hg_matrix g, struct hg_matrix v,
                                 float momentum, float weight_decay, bool nesterov);

/* Calls work in every member of the team, or in the caller alone (as member 0 of 1) where `elements` are too few to be
 * worth waking the others. Gives the number of members that worked. */
int hg_cpu_divide(struct hg_cpu *cpu, size_t elements, void (*work)(void *argument, int member, int members),
                  void *argument);

#endif
