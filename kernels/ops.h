/* The contract of every op: what it computes, on which shapes, what may alias. Written once, here; each backend
 * (reference/, cpu/, cuda/) implements it, and tests/ holds every backend to it.
 *
 * Matrices are row-major. Their elements are the backend's: float, or double in the backend "reference64".
 * Numbers in parentheses are the equations of docs/MATH.md. B is the number of rows of a batch.
 *
 * Every op only enqueues: its results may be read after a call of hg_backend that waits (backend.h). Ops of one
 * context run in the order of their calls. An op never allocates. Every sum is taken in an order that depends on
 * the shapes and the number of threads alone, so equal calls give equal bits. */
#ifndef HANDGRAD_KERNELS_OPS_H
#define HANDGRAD_KERNELS_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_context; /* an opened backend: backend.h */
struct hg_data;    /* a dataset as the backend keeps it: backend.h */

/* A matrix, or a window into one, in the memory of a backend: element (r, c) is data[r * stride + c].
 * A vector is a matrix of one row. `data` NULL says "not wanted" where an op allows it. */
struct hg_matrix {
    void *data;
    size_t rows, cols;
    size_t stride; /* elements from one row to the next, >= cols */
};

/* One byte a row, in the memory of the backend. */
struct hg_labels {
    uint8_t *data;
    size_t count;
};

/* The same, read-only: what ops take as inputs. */
struct hg_const_matrix {
    const void *data;
    size_t rows, cols;
    size_t stride;
};

struct hg_const_labels {
    const uint8_t *data;
    size_t count;
};

static inline struct hg_const_matrix hg_in(struct hg_matrix m)
{
    const struct hg_const_matrix in = {m.data, m.rows, m.cols, m.stride};
    return in;
}

static inline struct hg_const_labels hg_labels_in(struct hg_labels labels)
{
    const struct hg_const_labels in = {labels.data, labels.count};
    return in;
}

enum hg_transpose { HG_N, HG_T };

enum { HG_MAX_CLASSES = 256 }; /* as many as a label's byte can name */

/* Factors that ops take live in the backend's memory, so that a recorded step (backend.h) can be replayed while the
 * learning rate changes. next_batch and load_rows write them; lr is the rate of the step. */
enum hg_scalar {
    HG_ZERO,
    HG_ONE,
    HG_MEAN,    /* 1 / B                                  */
    HG_DESCENT, /* -lr / B, (S3): plain SGD folded into a GEMM */
    HG_RATE,    /* lr                                     */
    HG_SCALARS
};

struct hg_ops {
    /* The next B samples of the epoch under way (backend.h: epoch_stage, epoch_start), by its order; advances its
     * position by B rows and one step, and writes HG_MEAN, HG_DESCENT and HG_RATE for the step. B is `rows`.
     *
     *   x[b][d]     out: the sample, uint8 pixels divided by 255     [B][features]; data NULL: no sample is read
     *   labels[b]   out                                              [B]; data NULL: not wanted
     *   squares[b]  out: sum of x[b][d]^2 over d                     [1][B]; data NULL: not wanted */
    enum hg_status (*next_batch)(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                                 struct hg_labels labels, struct hg_matrix squares);

    /* The samples first, first + 1, ... first + x.rows - 1 in the order of the dataset. Leaves the epoch alone; writes
     * HG_MEAN = 1 / x.rows. Outputs as in next_batch. */
    enum hg_status (*load_rows)(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                                struct hg_labels labels, struct hg_matrix squares);

    /* c = alpha * op(a) * op(b) + beta * c, op(m) = m or its transpose. c aliases neither a nor b.
     * beta = HG_ZERO overwrites c whatever it held, NaN too. |error| <= K * 2^-24 * sum |a||b| (docs/NUMERICS.md). */
    enum hg_status (*gemm)(struct hg_context *ctx, enum hg_scalar alpha, struct hg_const_matrix a,
                           enum hg_transpose op_a, struct hg_const_matrix b, enum hg_transpose op_b,
                           enum hg_scalar beta, struct hg_matrix c);

    /* Bias, Swish and its derivative, fused: (M2), (M9). One read of z, one exponential, both outputs.
     *
     *   z[b][j]     in: pre-activation without bias          [B][H]
     *   bias[j]     in                                       [1][H]
     *   h[b][j]     out: a * s(a), a = z + bias              [B][H], may alias z
     *   slope[b][j] out: s(a) + a * s(a) * (1 - s(a))        [B][H], aliases nothing; data NULL: not wanted
     *
     * s is the logistic function. Finite for every finite a: a -> -inf gives h -> -0, slope -> 0. */
    enum hg_status (*bias_swish)(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                 struct hg_matrix h, struct hg_matrix slope);

    /* Bias, softmax, cross-entropy, its gradient and the bias gradient, fused: (M4), (M5), (M6).
     *
     *   z[b][c]     in: logits without bias                  [B][C], C <= HG_MAX_CLASSES
     *   bias[c]     in                                       [1][C]
     *   labels[b]   in: < C                                  [B]
     *   dz[b][c]    out: softmax(z + bias) - onehot(label)   [B][C], may alias z; not divided by B
     *   db[c]       in/out: beta * db + alpha * sum_b dz     [1][C], may alias bias
     *
     * dz.data and db.data NULL, both: evaluation alone. The context's totals gain the sum of the B losses, the number
     * of rows whose largest logit (the first one of a tie) is the label's, and B. */
    enum hg_status (*softmax_xent)(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                   struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                   enum hg_scalar beta, struct hg_matrix db);

    /* Back through Swish, and the bias gradient, fused: (M10), (M11).
     *
     *   slope[b][j] in: Swish'(z1)                           [B][H]
     *   dh[b][j]    in: dL/dh                                [B][H]
     *   dz[b][j]    out: slope * dh                          [B][H], may alias dh
     *   db[j]       in/out: beta * db + alpha * sum_b dz     [1][H] */
    enum hg_status (*swish_backward)(struct hg_context *ctx, struct hg_const_matrix slope, struct hg_const_matrix dh,
                                     struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                     struct hg_matrix db);

    /* The autoencoder's loss and the coefficients of its gradient, from m x m matrices alone: (A13), (A14).
     *
     *   g[i][j]       in: W W^T                              [m][m]
     *   s[i][j]       in: Z^T Z / B                          [m][m]
     *   squares[k]    in: their sum is the sum of ||x_b||^2  [1][any]
     *   p[i][j]       out: [decoder * s | encoder * g - (encoder + decoder) * I]
     *                                                        [m][2m], aliases nothing; data NULL: evaluation alone
     *
     * so that the gradient is p * [W; A], A = Z^T X / B. The context's totals gain the sum of the `samples` losses,
     * samples * (tr(GS)/2 - tr(S)) + sum(squares)/2, and `samples`. Traces are summed in double. */
    enum hg_status (*autoencoder_terms)(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                        struct hg_const_matrix g, struct hg_const_matrix s,
                                        struct hg_const_matrix squares, struct hg_matrix p);

    /* One step of SGD with the step's HG_RATE: (S1), (S2), as torch.optim.SGD defines it.
     *
     *   w  in/out: parameters                                [rows][cols]
     *   g  in: the batch's mean gradient                     [rows][cols]
     *   v  in/out: velocity                                  [rows][cols]; data NULL: plain SGD, momentum ignored
     *
     *   d = gain * g + weight_decay * w;  v = momentum * v + d;  w -= lr * (nesterov ? d + momentum * v : v) */
    enum hg_status (*sgd_update)(struct hg_context *ctx, struct hg_matrix w, struct hg_const_matrix g,
                                 struct hg_matrix v, float gain, float momentum, float weight_decay, bool nesterov);
};

/* Every op: X(argument, name) for each member of struct hg_ops. Backends declare their functions and fill their tables
 * from it, and tests ask for each op's proofs by it. */
#define HG_EACH_OP(X, argument)                                                                                        \
    X(argument, next_batch)                                                                                            \
    X(argument, load_rows)                                                                                             \
    X(argument, gemm)                                                                                                  \
    X(argument, bias_swish)                                                                                            \
    X(argument, softmax_xent)                                                                                          \
    X(argument, swish_backward)                                                                                        \
    X(argument, autoencoder_terms)                                                                                     \
    X(argument, sgd_update)

/* HG_EACH_OP(HG_DECLARE_OP, hg_cpu_) declares hg_cpu_gemm and so on, each with the signature that struct hg_ops gives
 * it; .ops = {HG_EACH_OP(HG_OP_ENTRY, hg_cpu_)} is the table of them. */
#define HG_DECLARE_OP(prefix, op) __typeof__(*((struct hg_ops *)0)->op) prefix##op;
#define HG_OP_ENTRY(prefix, op) .op = prefix##op,

#define HG_COUNT_OP(argument, op) +1 /* NOLINT(bugprone-macro-parentheses): a term of the sum below */
enum { HG_OP_COUNT = 0 HG_EACH_OP(HG_COUNT_OP, ) };
#ifndef __cplusplus
_Static_assert(sizeof(struct hg_ops) == HG_OP_COUNT * sizeof(void (*)(void)), "an op is missing from HG_EACH_OP");
#endif

#ifdef __cplusplus
}
#endif
#endif
