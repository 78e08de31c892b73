/* The interface between models and machines. A backend is a table of functions, chosen at run time, so that several
 * live in one process and can be compared. It owns the tensors' memory, the dataset as it computes on it, the position
 * within the epoch, and the sums of loss and correct answers; ops.h says what it computes. Where it can do better than
 * a list of ops, a backend may take over the training steps alone (training_create) or the whole network
 * (network_create). */
#ifndef HANDGRAD_KERNELS_BACKEND_H
#define HANDGRAD_KERNELS_BACKEND_H

#include "kernels/network.h"
#include "kernels/ops.h"
#include "kernels/peak.h"
#include "kernels/product.h"
#include "kernels/second_moment.h"

#ifdef __cplusplus
extern "C" {
#endif

enum hg_element { HG_U8, HG_F32 }; /* HG_U8 stands for value / 255 */

/* Samples in host memory, owned by the caller, who keeps them unchanged while an hg_data made of them lives. */
struct hg_samples {
    size_t count, features;
    enum hg_element element;
    const void *values;    /* [count][features] */
    const uint8_t *labels; /* [count], or NULL where there are none */
};

/* The index of the k-th of `rows` samples that are spread evenly over the dataset, rows <= count. Estimates are made
 * from such rows, so that their cost does not grow with the dataset. */
size_t hg_samples_spread(const struct hg_samples *samples, size_t k, size_t rows);

/* How the first layer's GEMMs read their input (backend "cpu"; others ignore it): docs/PERFORMANCE.md. */
enum hg_input { HG_INPUT_AUTO, HG_INPUT_DENSE, HG_INPUT_SPARSE };
enum hg_precision { HG_FP32, HG_TF32 };

struct hg_open_options {
    int threads; /* 0: every core this process may use */
    enum hg_input input;
    enum hg_precision precision; /* backend "cuda"; others compute in their element type */
    bool stream_data;            /* never keep the dataset on the device (backend "cuda") */
    bool timings;                /* measure phases: phase(), timings_read() */
};

/* The order and the learning rates of one epoch. The caller owns the arrays and leaves them unchanged until it has
 * read the totals after the epoch's last step or, if it abandons the epoch, until the next one starts or the dataset is
 * freed. */
struct hg_epoch {
    const uint32_t *order; /* [samples], indices into the dataset: an epoch may visit fewer samples than there are */
    size_t samples;
    size_t batch;       /* rows of each step but possibly the last */
    size_t steps;       /* ceil(samples / batch) */
    const float *rates; /* [steps]: the learning rate of each step */
};

/* The sums of training or evaluation since the totals were last read. */
struct hg_totals {
    double loss; /* sum over samples */
    uint64_t correct;
    uint64_t samples;
};

/* A phase lasts until the next one begins; HG_PHASE_NONE ends the last. */
enum hg_phase {
    HG_PHASE_NONE,
    HG_PHASE_DATA,
    HG_PHASE_FORWARD,
    HG_PHASE_BACKWARD,
    HG_PHASE_UPDATE,
    HG_PHASE_EVALUATE,
    HG_PHASES
};

/* How long and how often each phase ran since open or the last timings_read. */
struct hg_timings {
    double seconds[HG_PHASES];
    uint64_t count[HG_PHASES];
};

/* What the machine offers a backend, in words for `handgrad info`. */
struct hg_device_info {
    char device[128]; /* "NVIDIA H100 80GB HBM3", "AMD EPYC 7763" */
    char detail[256]; /* driver and runtime versions, instruction sets, threads, BLAS */
    uint64_t memory;  /* bytes a run may use; 0: not known */
    size_t cores;     /* of the processor that this process may use; 0: not known, or not what computes */
};

struct hg_recording;

/* The tensors of a list network (host/models) in the backend's memory, in their order (network.h). */
struct hg_tensors {
    struct hg_matrix parameters[HG_MAX_TENSORS];
    struct hg_matrix velocities[HG_MAX_TENSORS]; /* data NULL: no momentum */
};

struct hg_training;

/* Base of every backend's context: its first member. */
struct hg_context {
    const struct hg_backend *backend;
    int threads; /* over which it splits sums, so that results depend on their number; 0: they do not */
};

/* Where nothing else is said: a function returns HG_OK, or another status with hg_message() set; results come through
 * pointers and are not touched on failure; whatever a create or open gave is released by the matching free or close,
 * which take NULL. A function "waits" when everything enqueued before it has been done on its return. */
struct hg_backend {
    const char *name;    /* "reference", "reference64", "cpu", "cuda" */
    size_t element_size; /* sizeof(float) or sizeof(double) */

    /* HG_UNAVAILABLE, with the reason, where this backend cannot run on this machine. */
    enum hg_status (*probe)(struct hg_device_info *info);
    enum hg_status (*open)(struct hg_context **out, const struct hg_open_options *options);
    void (*close)(struct hg_context *ctx);

    /* For set-up, never called within an epoch. Memory is zeroed and aligned to 256 bytes. upload and download wait. */
    enum hg_status (*allocate)(struct hg_context *ctx, size_t bytes, void **out);
    void (*release)(struct hg_context *ctx, void *memory);
    enum hg_status (*upload)(struct hg_context *ctx, void *to, const void *from, size_t bytes);
    enum hg_status (*download)(struct hg_context *ctx, void *to, const void *from, size_t bytes);

    /* Makes the samples available to the backend, which keeps bytes as bytes. */
    enum hg_status (*data_create)(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples);
    void (*data_free)(struct hg_data *data);

    /* Hands over the next epoch; may be called while an earlier one runs, and does not wait for it. At most one epoch
     * is staged at a time. epoch_start makes the staged epoch the current one, beginning at step `first_step`. */
    enum hg_status (*epoch_stage)(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch);
    enum hg_status (*epoch_start)(struct hg_context *ctx, size_t first_step);
    /* Called by the host before it calls or replays a step of `rows` rows; NULL: nothing to prepare. */
    enum hg_status (*before_step)(struct hg_context *ctx, size_t rows);

    /* Waits, gives the sums since the last call, and clears them. */
    enum hg_status (*totals_read)(struct hg_context *ctx, struct hg_totals *totals);

    struct hg_ops ops;

    /* Records the ops called between begin and end instead of running them; replay enqueues them all at once. NULL:
     * the backend cannot record, and the ops are called again for every step. */
    enum hg_status (*record_begin)(struct hg_context *ctx);
    enum hg_status (*record_end)(struct hg_context *ctx, struct hg_recording **out);
    enum hg_status (*replay)(struct hg_context *ctx, struct hg_recording *recording);
    void (*recording_free)(struct hg_recording *recording);

    /* Begins a phase: marks it for profilers and, with options.timings, times it. timings_read waits, and clears the
     * times. */
    void (*phase)(struct hg_context *ctx, enum hg_phase phase);
    enum hg_status (*timings_read)(struct hg_context *ctx, struct hg_timings *timings);

    /* Training alone, for a backend that is faster than the list of ops at whole steps but needs no layout of its own:
     * evaluation, forward pass and files stay those of the list network, whose tensors it trains. NULL, or *out NULL on
     * HG_OK: none for this model, dataset or option, and the list of ops trains.
     *
     * `data`, `ctx` and the tensors' memory outlive the training; `spec` is to be copied. train does the next `steps`
     * steps of the epoch under way, as the list would: its order, rates and batches are those of epoch_stage and
     * epoch_start; parameters and velocities change with each step; the context's totals gain each step's sums. It
     * neither allocates nor waits, and before_step is not called for its steps. */
    enum hg_status (*training_create)(struct hg_training **out, struct hg_context *ctx, const struct hg_data *data,
                                      const struct hg_network_spec *spec, const struct hg_tensors *tensors);
    enum hg_status (*train)(struct hg_training *training, size_t steps);
    void (*training_free)(struct hg_training *training);

    /* The whole network, for a backend whose parameters have a layout of their own (network.h). NULL, or *out NULL on
     * HG_OK: the backend has none for this model, dataset or option, and the list of ops is used. */
    enum hg_status (*network_create)(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec);

    /* The last four are no part of training and need no context; all are NULL where a backend does not offer them.
     * second_moment.h and product.h say what the first three compute; the functions there call those of the first
     * backend that has them. */
    __typeof__(hg_second_moment) *second_moment;
    __typeof__(hg_second_moment_loss) *second_moment_loss;
    __typeof__(hg_product_add) *product_add;
    /* Measures the processor with all `threads` (0: every core this process may use) at once, the best of several runs;
     * takes about 0.2 s. */
    enum hg_status (*peak)(struct hg_peak *peak, int threads);
};

/* All backends of this build, best first, NULL-terminated; and one by its name, NULL where the build has none. */
const struct hg_backend *const *hg_backends(void);
const struct hg_backend *hg_backend_find(const char *name);

/* probe, for a backend that the user asked for by name: a failure's message names it. */
enum hg_status hg_backend_require(const struct hg_backend *backend, struct hg_device_info *info);

/* The stride of a matrix of `cols` columns: a multiple of four elements, so that rows of floats start at 16-byte
 * boundaries. */
size_t hg_matrix_stride(size_t cols);
/* A zeroed matrix in the memory of ctx, of that stride. */
enum hg_status hg_matrix_create(struct hg_matrix *out, struct hg_context *ctx, size_t rows, size_t cols);
void hg_matrix_free(struct hg_matrix *matrix, struct hg_context *ctx);
/* Copies a matrix from or to the caller's double[rows][cols], converting to the backend's elements. They wait. */
enum hg_status hg_matrix_write(struct hg_context *ctx, struct hg_matrix to, const double *from);
enum hg_status hg_matrix_read(struct hg_context *ctx, struct hg_matrix from, double *to);
/* The rows x cols window of m whose first element is (row, col). */
struct hg_matrix hg_matrix_window(const struct hg_context *ctx, struct hg_matrix m, size_t row, size_t col, size_t rows,
                                  size_t cols);

#ifdef __cplusplus
}
#endif
#endif
