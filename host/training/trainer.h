/* The internals of a trainer, for the files that build it (trainer_create.c), run it (trainer.c) and save it
 * (host/runs/checkpoint.c). */
#ifndef HANDGRAD_HOST_TRAINING_TRAINER_H
#define HANDGRAD_HOST_TRAINING_TRAINER_H

#include <signal.h>

#include "handgrad/trainer.h"
#include "host/models/network.h"
#include "host/training/gradient.h"
#include "host/training/range_test.h"
#include "kernels/backend.h"

/* A part of the user's data, for the host and for the backend. */
struct hg_part {
    struct hg_dataset *slice; /* owned; NULL: there is no such part */
    struct hg_data *data;
    size_t count;
};

/* Where training stands. All of it is in a checkpoint. */
struct hg_position {
    uint64_t epochs_done;
    uint64_t step_in_epoch;      /* steps done of the epoch under way */
    struct hg_totals totals;     /* of those steps */
    double seconds;              /* of those steps */
    double best_validation_loss; /* INFINITY before the first */
    uint64_t epochs_since_best;
    uint64_t best_epoch; /* 0 before the first */
    uint64_t threads;    /* ctx->threads of the process that came here */
};

enum { HG_TRAINER_WARNINGS = 4, HG_TRAINER_WARNING_SIZE = 512 };

struct hg_trainer {
    struct hg_train_options options;                           /* backend resolved */
    char *gradient, *init, *label, *skip_columns, *image_size; /* what the options point to */
    struct hg_typed_gradient *typed_gradient;                  /* NULL: options.gradient has a name */
    struct hg_device_info device;
    char backend_reason[512];

    struct hg_part train, validation, test;
    struct hg_context *ctx;
    double mean_square, *mean;   /* of the inputs, MLP: host/data/scale.h */
    struct hg_input_scale input; /* of the training samples */
    char note[1024];             /* hg_trainer_note */
    char warnings[HG_TRAINER_WARNINGS][HG_TRAINER_WARNING_SIZE];
    size_t warning_count;
    struct hg_range_test range_test; /* count 0: there was none */
    struct hg_network *network;
    struct hg_network_spec spec; /* second_moment, where set, is `second_moment` below */
    size_t epoch_steps;

    /* Autoencoder: the second moment of the training set, and the least possible loss, which follows from it. */
    double *second_moment;
    double optimum;

    struct hg_position position;
    /* The order and rates of the current epoch and of the next: double-buffered, since the backend may already read
     * those of the next epoch while it still runs this one. */
    struct {
        uint32_t *order;
        float *rates;
        bool staged;
        uint64_t epoch; /* which epoch it is for, if staged */
    } plans[2];
    bool under_way; /* the backend holds the current epoch */
    struct hg_timings timings;
    double *best;    /* the weights of position.best_epoch; NULL: none since this process began */
    bool best_saved; /* they are in best.safetensors */
    enum hg_finish finish;
    volatile sig_atomic_t stop;
};

/* Adds a line to what hg_trainer_warning tells. */
void hg_trainer_warn(struct hg_trainer *trainer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether training stands at the end of the epoch with the least validation loss so far. */
bool hg_trainer_is_best(const struct hg_trainer *trainer);

/* What hg_trainer_create first asks of its arguments: HG_USAGE or HG_BAD_DATA where the options do not suit the data,
 * or the data not the model. `test` may be NULL. */
enum hg_status hg_trainer_require_fit(const struct hg_train_options *options, const struct hg_dataset *train,
                                      const struct hg_dataset *test);

/* Gives the trainer its parts of the data: samples to train on and to hold out, as its options say, and to test on. */
enum hg_status hg_trainer_divide(struct hg_trainer *trainer, const struct hg_dataset *train,
                                 const struct hg_dataset *test);

/* Steps since the start of training. */
uint64_t hg_trainer_steps_done(const struct hg_trainer *trainer);

/* Evaluates at the end of an epoch, before it is counted as done. HG_CHECK_FAILED: training has diverged. */
enum hg_status hg_trainer_measure(struct hg_trainer *trainer, struct hg_metrics *metrics);

/* HG_CHECK_FAILED, naming the loss ("of its steps"), where it is not finite. The losses of an epoch's steps are those
 * of the weights before each update, so hg_trainer_measure checks the weights after the last update by an evaluation.
 */
enum hg_status hg_trainer_require_finite(const struct hg_trainer *trainer, double loss, const char *of);

/* Decides whether training is finished where it stands, and why. */
void hg_trainer_judge(struct hg_trainer *trainer);

#endif
