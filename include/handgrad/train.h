/* Training: options, one trainer that runs epochs, and its run directory (docs/FORMATS.md). */
#ifndef HANDGRAD_TRAIN_H
#define HANDGRAD_TRAIN_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/dataset.h"
#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum hg_model_kind {
    HG_MLP,        /* two layers, Swish, softmax cross-entropy: docs/MATH.md (M1) ... */
    HG_AUTOENCODER /* tied, linear, L = 1/2 ||W^T W x - x||^2: docs/MATH.md (A1) ... */
};

/* Which of the two paths of the autoencoder's gradient descend, and how often each is counted: docs/MATH.md. */
enum hg_gradient {
    HG_GRADIENT_EXACT,   /* E + D: the gradient of L */
    HG_GRADIENT_ENCODER, /* 2E = 2W(W^T W - I)XX^T: the formula of the homework, not the gradient of L */
    HG_GRADIENT_DECODER  /* 2D: Oja's subspace rule */
};

enum hg_lr_schedule { HG_LR_CONSTANT, HG_LR_COSINE, HG_LR_STEP };
enum hg_input_form { HG_INPUT_FORM_AUTO, HG_INPUT_FORM_DENSE, HG_INPUT_FORM_SPARSE };

/* As learning rate: one that suits the size of the data, docs/MATH.md (S8). The trainer's options have the number. */
#define HG_LR_BY_DATA ((double)NAN)

/* Everything that decides a run. Fill it with hg_train_options_default, then change what should differ. Strings are the
 * caller's and are copied by hg_trainer_create. */
struct hg_train_options {
    enum hg_model_kind model;
    size_t hidden;             /* MLP: hidden units. Autoencoder: latent size m, at most the number of features */
    enum hg_gradient gradient; /* autoencoder */
    size_t epochs;
    size_t batch_size; /* rows of a step; 0: the whole training set */
    double lr;         /* or HG_LR_BY_DATA */
    double momentum;   /* 0 <= momentum < 1 */
    bool nesterov;     /* without momentum it changes nothing */
    double weight_decay;
    enum hg_lr_schedule lr_schedule;
    size_t warmup_epochs; /* linear, before the schedule: docs/MATH.md (S4) */
    uint64_t seed;        /* of the initial weights and the order of the samples */
    bool shuffle;
    size_t steps;               /* stop after this many steps; 0: when the epochs are done */
    size_t limit;               /* use the first `limit` training samples; 0: all */
    double validation_fraction; /* the last part of the training samples is held out; 0 <= f < 1 */
    size_t early_stopping;      /* stop after this many epochs without a better validation loss; 0: never */
    size_t checkpoint_every;    /* epochs between checkpoints; the last epoch always writes one */
    const char *init;           /* a .safetensors file of initial weights; NULL: drawn from the seed */

    const char *backend;      /* "auto", "cuda", "cpu", "reference", "reference64" */
    int threads;              /* 0: every core this process may use */
    enum hg_input_form input; /* how the CPU reads pixels: docs/PERFORMANCE.md */
    bool tf32;                /* CUDA: matrix products in TF32 */
    bool stream_data;         /* CUDA: never keep the dataset on the device */
    bool graph;               /* CUDA: replay each step as one graph */
    bool timings;             /* measure phases: hg_trainer_timings */
};

void hg_train_options_default(struct hg_train_options *options, enum hg_model_kind model);

/* HG_USAGE, naming the option, for the first value that makes no sense by itself or together with others. */
enum hg_status hg_train_options_check(const struct hg_train_options *options);

/* What is known at the end of an epoch. Values that do not apply are NAN. Losses are means over samples. */
struct hg_metrics {
    size_t epoch;          /* epochs done, from 1 */
    size_t step;           /* steps done since the start of training */
    double lr;             /* of the epoch's last step */
    double train_loss;     /* MLP: mean over the epoch's steps. Autoencoder: of the epoch's final weights, exact */
    double train_accuracy; /* MLP: over the epoch's steps */
    double validation_loss, validation_accuracy;
    double test_loss, test_accuracy;
    double optimality_gap;     /* autoencoder: (train_loss - L*) / L*, L* the least loss possible on the training set */
    double seconds;            /* of training alone */
    double samples_per_second; /* of training alone */
};

struct hg_trainer;

/* A trainer for `options` on `train`; `test` may be NULL. Both datasets are the caller's and must outlive it. Status:
 * HG_USAGE, HG_BAD_DATA (dataset unfit for the model), HG_NO_INPUT (options->init), HG_UNAVAILABLE (backend). */
enum hg_status hg_trainer_create(struct hg_trainer **out, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test);
void hg_trainer_free(struct hg_trainer *trainer);

/* Called now and then within an epoch, from the thread that trains. done, total: samples of this epoch. */
typedef void hg_progress_function(void *context, size_t done, size_t total);

/* Trains to the end of the current epoch, then evaluates. `progress` may be NULL. HG_INTERRUPTED where
 * hg_trainer_stop came first: the trainer then stands between two steps and may be saved and continued. A loss that
 * is not finite is HG_CHECK_FAILED: training diverged. */
enum hg_status hg_trainer_epoch(struct hg_trainer *trainer, hg_progress_function *progress, void *context,
                                struct hg_metrics *metrics);
/* No epoch is left: all done, the step limit reached, or stopped early. */
bool hg_trainer_finished(const struct hg_trainer *trainer);
/* Why the last epoch was the last, in words: "20 epochs done", "no better validation loss for 5 epochs", ... */
const char *hg_trainer_finish_reason(const struct hg_trainer *trainer);
/* Ends the epoch under way after its current chunk of steps. Async-signal-safe. */
void hg_trainer_stop(struct hg_trainer *trainer);

/* The options in force (backend resolved from "auto"), what they resolved to, and why auto chose so ("" if it did not
 * have to choose). Strings live as long as the trainer. */
const struct hg_train_options *hg_trainer_options(const struct hg_trainer *trainer);
const char *hg_trainer_device(const struct hg_trainer *trainer);
const char *hg_trainer_backend_reason(const struct hg_trainer *trainer);
/* The least loss an autoencoder of this size can have on the training set; NAN for an MLP. */
double hg_trainer_optimum(const struct hg_trainer *trainer);
size_t hg_trainer_parameter_count(const struct hg_trainer *trainer);
size_t hg_trainer_steps_per_epoch(const struct hg_trainer *trainer);
size_t hg_trainer_epochs_done(const struct hg_trainer *trainer);

/* Time by phase since the trainer was created (options.timings). flops is what the phase's dense arithmetic counts. */
struct hg_phase_time {
    const char *phase; /* "data", "forward", "backward", "update", "evaluate" */
    double seconds;
    uint64_t count;
    double flops;
};
enum { HG_PHASE_TIMES = 8 };
enum hg_status hg_trainer_timings(struct hg_trainer *trainer, struct hg_phase_time times[HG_PHASE_TIMES],
                                  size_t *count);

/* ---- run directories: docs/FORMATS.md ---- */

/* Creates `run` (and its parents) with config.json. HG_CANNOT_CREATE where it holds a run already. `data` is the
 * directory that was given as --data, for later commands. */
enum hg_status hg_run_create(const char *run, const struct hg_trainer *trainer, const char *data);
/* Adds a line to metrics.jsonl. */
enum hg_status hg_run_append_metrics(const char *run, const struct hg_metrics *metrics);
/* Replaces checkpoint.safetensors and model.safetensors, each as a whole. */
enum hg_status hg_run_save(const char *run, struct hg_trainer *trainer);

/* Reads config.json of a run, or any file of that form. The strings are released by hg_run_config_free. */
struct hg_run_config {
    struct hg_train_options options;
    char *data;
};
enum hg_status hg_run_config_read(struct hg_run_config *config, const char *file);
void hg_run_config_free(struct hg_run_config *config);

/* Continues `run` where its checkpoint stands; the weights that follow are those an uninterrupted run would have had,
 * bit for bit, on the same backend and number of threads. `options` are the run's (hg_run_config_read), with more
 * epochs or another backend if so wished. Metrics of epochs after the checkpoint are dropped from metrics.jsonl. */
enum hg_status hg_trainer_resume(struct hg_trainer **out, const char *run, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test);

/* ---- trained models ---- */

struct hg_model;

/* Reads the weights of a run directory or of a .safetensors file; the kind and sizes come from the tensors. Runs on
 * `backend` ("auto" and so on) with `threads`. */
enum hg_status hg_model_load(struct hg_model **out, const char *path, const char *backend, int threads);
void hg_model_free(struct hg_model *model);
enum hg_model_kind hg_model_kind(const struct hg_model *model);
size_t hg_model_features(const struct hg_model *model);
size_t hg_model_hidden(const struct hg_model *model);
size_t hg_model_classes(const struct hg_model *model); /* 0: autoencoder */

/* Mean loss and accuracy (NAN for an autoencoder) over a dataset; for an autoencoder also the optimum on it. */
struct hg_evaluation {
    double loss, accuracy;
    double optimum, optimality_gap; /* autoencoder, else NAN */
};
enum hg_status hg_model_evaluate(struct hg_model *model, const struct hg_dataset *dataset,
                                 struct hg_evaluation *evaluation);
/* Outputs for samples first ... first + count - 1. MLP: class probabilities [count][classes]. Autoencoder: codes
 * W x [count][hidden]. */
enum hg_status hg_model_forward(struct hg_model *model, const struct hg_dataset *dataset, size_t first, size_t count,
                                float *out);
/* Autoencoder: reconstructions W^T W x, [count][features], in units of pixel / 255. */
enum hg_status hg_model_reconstruct(struct hg_model *model, const struct hg_dataset *dataset, size_t first,
                                    size_t count, float *out);

/* ---- machines ---- */

/* The backends of this build, one call a backend; HG_NO_INPUT after the last. `reason` says why it cannot run here. */
struct hg_backend_description {
    const char *name;
    bool usable;
    char device[128];
    char detail[256];
    char reason[512];
    uint64_t memory; /* bytes; 0: not known */
};
enum hg_status hg_backend_describe(size_t index, struct hg_backend_description *description);
const char *hg_version(void);

#ifdef __cplusplus
}
#endif
#endif
