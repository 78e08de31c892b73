/* A model with its parameters on one backend, bound to the dataset it trains on. There are two kinds: the list of ops
 * (host/models), which runs on every backend and defines what a model computes, and whose training steps a backend may
 * replace; and a backend's own network (kernels/cpu). Whatever a backend does its own way must give the same weights
 * within the trajectories' limit (docs/NUMERICS.md). */
#ifndef HANDGRAD_KERNELS_NETWORK_H
#define HANDGRAD_KERNELS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_context;
struct hg_data;
struct hg_epoch;
struct hg_totals;
struct hg_network;

enum hg_network_kind { HG_NETWORK_MLP, HG_NETWORK_AUTOENCODER };

/* Parameters have a canonical order and layout, that of the files and of PyTorch:
 *   MLP          0 fc1.weight [hidden][features]  1 fc1.bias [1][hidden]  2 fc2.weight [classes][hidden]  3 fc2.bias
 *   autoencoder  0 encoder.weight [hidden][features] */
enum { HG_MLP_TENSORS = 4, HG_AUTOENCODER_TENSORS = 1, HG_MAX_TENSORS = 4 };

/* Every tensor listed above has a value in each role; velocities exist only where momentum > 0. */
enum hg_role { HG_PARAMETER, HG_VELOCITY, HG_ROLES };

/* What an autoencoder descends along in place of a multiple of the two paths: its value at the weights
 * w[hidden][features] on the samples x[rows][features], in out[hidden][features]. It may allocate. */
struct hg_gradient_function {
    enum hg_status (*compute)(void *context, size_t rows, const double *w, const double *x, double *out);
    void *context; /* outlives the network */
    double flops;  /* of a full batch */
};

struct hg_network_spec {
    enum hg_network_kind kind;
    size_t features;
    size_t hidden; /* MLP: hidden units; autoencoder: latent size m */
    size_t classes;
    float encoder, decoder; /* weights of the autoencoder gradient's two paths: (1,1), (2,0), (0,2) */
    size_t batch;           /* rows of a full batch; also the largest that evaluate and forward use */
    float momentum;
    bool nesterov;
    float weight_decay;
    /* MLP: its first layer learns as if on input_scale (x - input_centre), (S8). Both 0, as where nothing is said: on
     * x. */
    float input_scale;
    const double *input_centre; /* [features]; NULL: the origin */
    bool record;                /* replay a recorded step where the backend can (CUDA graphs) */
    /* Autoencoder, full batch: the second moment C = X^T X / N of the training set, double[features][features], and the
     * sum of ||x||^2 over it; the step's cost is then independent of N. NULL: train on batches of samples. */
    const double *second_moment;
    double square_sum;
    size_t samples; /* N */
    /* compute NULL: the two paths. The networks of a backend's own know nothing else. */
    struct hg_gradient_function gradient;
};

/* What multiplies the gradient of fc1.weight: (S8). */
static inline float hg_input_gain(const struct hg_network_spec *spec)
{
    return spec->input_scale > 0 ? spec->input_scale * spec->input_scale : 1;
}

struct hg_network_functions {
    void (*free)(struct hg_network *network);

    /* Copies tensor `index` from or to double values in canonical layout. They wait. */
    enum hg_status (*set)(struct hg_network *network, enum hg_role role, size_t index, const double *values);
    enum hg_status (*get)(struct hg_network *network, enum hg_role role, size_t index, double *values);

    /* As epoch_stage and epoch_start of backend.h. */
    enum hg_status (*epoch_stage)(struct hg_network *network, const struct hg_epoch *epoch);
    enum hg_status (*epoch_start)(struct hg_network *network, size_t first_step);
    /* Enqueues the next `steps` steps of the current epoch; neither allocates nor waits (on a CPU they have run on
     * return). */
    enum hg_status (*train)(struct hg_network *network, size_t steps);
    /* Waits, gives the sums of the steps since the last call, and clears them. The loss of a step is that of the
     * weights it started from. */
    enum hg_status (*totals)(struct hg_network *network, struct hg_totals *totals);

    /* Sums of loss (and correct answers) over the first `count` samples of `data`. Waits. Training goes on unchanged
     * afterwards. */
    enum hg_status (*evaluate)(struct hg_network *network, const struct hg_data *data, size_t count,
                               struct hg_totals *totals);
    /* Samples first ... first + count - 1 of `data`. MLP: logits [count][classes]; autoencoder: codes [count][hidden].
     * Waits. */
    enum hg_status (*forward)(struct hg_network *network, const struct hg_data *data, size_t first, size_t count,
                              float *out);
    /* Floating-point operations of a full batch's step, for each of the HG_PHASES (backend.h): two for each
     * multiply-add of a matrix product, even where the input is zero. NULL: as many as the list of ops needs. */
    void (*flops)(const struct hg_network *network, double flops[]);
};

/* Base of every network: its first member. */
struct hg_network {
    const struct hg_network_functions *functions;
};

#ifdef __cplusplus
}
#endif
#endif
