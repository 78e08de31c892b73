/* The options of training. */
#ifndef HANDGRAD_OPTIONS_H
#define HANDGRAD_OPTIONS_H

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

/* Which epoch's weights a run's model.safetensors holds. */
enum hg_keep {
    HG_KEEP_BEST, /* the one with the least validation loss, never chosen by the test set; the last if nothing is held
                     out */
    HG_KEEP_LAST
};

/* Which samples `limit` and `validation_fraction` take. */
enum hg_split_order {
    HG_SPLIT_STRATIFIED, /* drawn by the seed: of an MLP's data from each class its share, else from all */
    HG_SPLIT_FILE        /* the first of the file, and of these the last are held out */
};

enum hg_lr_schedule { HG_LR_CONSTANT, HG_LR_COSINE, HG_LR_STEP };
enum hg_input_form { HG_INPUT_FORM_AUTO, HG_INPUT_FORM_DENSE, HG_INPUT_FORM_SPARSE };

/* As `lr`, `momentum` or `input_scale`: a value that suits the data, docs/MATH.md (S10), (S11). hg_trainer_options then
 * has the number. */
#define HG_BY_DATA ((double)NAN)
/* As `lr`: what a rate range test finds. hg_trainer_create takes up to some two hundred steps for it, at rates that
 * rise until the loss breaks out, which leave no trace in the weights: docs/EXPLORING.md. */
#define HG_BY_RANGE_TEST ((double)INFINITY)

/* Everything that decides a run. Fill it with hg_train_options_default, then change what should differ. Strings belong
 * to the caller; hg_trainer_create copies them. */
struct hg_train_options {
    enum hg_model_kind model;
    /* Autoencoder: what it descends along. Of the gradient's two paths, E and D (docs/MATH.md A10), "exact" is the sum,
     * "encoder" is 2E = 2W(W^T W - I)XX^T, the formula of the homework, and "decoder" 2D, Oja's subspace rule. Any
     * other text is a formula over W, X and N, as docs/FORMULAS.md has it. */
    const char *gradient;
    size_t hidden; /* MLP: hidden units. Autoencoder: latent size m, at most the number of features */
    size_t epochs;
    size_t batch_size; /* rows of a step; 0: the whole training set */
    double lr;         /* or HG_BY_DATA or HG_BY_RANGE_TEST, which choose the two below as well */
    /* MLP: fc1 learns as if on input_scale (x - mean of x), or on input_scale x: docs/MATH.md (S8). 1 and false: plain
     * SGD on the inputs as they are. An input_scale of HG_BY_DATA chooses both. */
    double input_scale;
    bool centre_inputs;
    double momentum; /* 0 <= momentum < 1, or HG_BY_DATA: 0.9; an autoencoder with lr by data may get up to 0.99 */
    double weight_decay;
    bool nesterov; /* without momentum it changes nothing */
    enum hg_lr_schedule lr_schedule;
    size_t warmup_epochs; /* linear, before the schedule: docs/MATH.md (S4) */
    uint64_t seed;        /* of the initial weights, the samples that are held out, and the order of the others */
    bool shuffle;
    /* How tables and pictures were read, as in struct hg_data_options: for the record, since a trainer takes datasets
     * as they are.
     */
    enum hg_header header;
    const char *label;
    const char *skip_columns;
    const char *image_size;
    size_t steps;               /* stop after this many steps; 0: when the epochs are done */
    size_t limit;               /* train on this many of the training samples, held-out ones included; 0: all */
    double validation_fraction; /* this part of the training samples is held out; 0 <= f < 1 */
    enum hg_split_order split_order;
    size_t early_stopping;     /* stop after this many epochs without a better validation loss; 0: never */
    size_t checkpoint_every;   /* epochs between checkpoints; the last epoch always writes one */
    size_t checkpoint_seconds; /* also write one when the last is this old, even within an epoch; 0: do not */
    enum hg_keep keep;         /* of a run: which weights model.safetensors holds */
    bool tensorboard;          /* of a run: it has event files for TensorBoard */
    bool test;                 /* evaluate on the test set, where there is one, after each epoch */
    const char *init;          /* a .safetensors file of initial weights; NULL: drawn from the seed */

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

/* For programs in other languages, which then need not know the struct: the defaults, and options by their names.
 * HG_INTERNAL: out of memory. The caller frees *out; NULL is fine. */
enum hg_status hg_train_options_create(struct hg_train_options **out, enum hg_model_kind model);
void hg_train_options_free(struct hg_train_options *options);
/* Sets the option `name` ("batch_size"; docs/OPTIONS.md has them all) to what `value` says: "128", "cosine", "true". A
 * text, such as that of init, is borrowed: it must outlive the options. HG_USAGE, with the name: there is no such
 * option, or the value is of the wrong form or out of range. What depends on several options is for
 * hg_train_options_check to see. */
enum hg_status hg_train_options_set(struct hg_train_options *options, const char *name, const char *value);

#ifdef __cplusplus
}
#endif
#endif
