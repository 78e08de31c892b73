/* What is to be known of a dataset before anything is trained on it: its shape and numbers, what both models could
 * reach at the least, and what is amiss, in words with what to do. */
#ifndef HANDGRAD_HOST_DOCTOR_DIAGNOSIS_H
#define HANDGRAD_HOST_DOCTOR_DIAGNOSIS_H

#include <stdbool.h>

#include "handgrad/dataset.h"

enum hg_severity {
    HG_FINDING_ERROR,   /* training is refused, or has nothing to learn from */
    HG_FINDING_WARNING, /* results will be worse or better than they should be */
    HG_FINDING_NOTE     /* fine, and good to know */
};

enum { HG_FINDINGS = 32, HG_FINDING_TEXT = 512 };

struct hg_finding {
    enum hg_severity severity;
    const char *name; /* "duplicates_across": the same for every dataset */
    char text[HG_FINDING_TEXT];
};

/* Samples of a split that have the same numbers as an earlier one. */
struct hg_repeats {
    size_t count;
    size_t conflicts;     /* of these, such with another label */
    size_t first, second; /* the first pair, if any: numbers from 0 */
};

struct hg_split_facts {
    size_t count;
    struct hg_input_scale scale;
    double density; /* share of the numbers that are not zero */
    size_t blank;   /* samples that are all zero */
    size_t labels[256];
    struct hg_repeats repeats;
};

/* A short training on a few samples alone: a model that is sound learns these by heart. */
struct hg_trial {
    size_t samples, steps, hidden;
    double first_loss, last_loss, least_loss; /* least: what is possible, 0 for the MLP */
    double accuracy;                          /* MLP, at the end */
    bool diverged;
};

enum { HG_OPTIMA = 32 };

struct hg_diagnosis {
    const struct hg_dataset *train, *test; /* the caller's; test may be NULL */
    struct hg_split_facts of_train, of_test;
    struct hg_repeats across; /* test samples that are training samples, too; first: of these, second: of those */
    size_t constant_features;
    /* The classifier's view, where there are labels. */
    size_t majority;      /* the most frequent class */
    double majority_loss; /* of always answering the shares of the classes: their entropy */
    double first_loss;    /* at the first weights; NAN: training was refused */
    struct hg_trial mlp;  /* samples 0: there was none */
    /* The autoencoder's. */
    double loss_of_zero, loss_of_mean; /* of W = 0, and of answering the mean of the samples */
    struct {
        size_t latent;
        double loss; /* the least possible */
    } optima[HG_OPTIMA];
    size_t optimum_count;
    struct hg_trial autoencoder;

    struct hg_finding findings[HG_FINDINGS]; /* the most severe first */
    size_t finding_count;
};

/* Looks at everything. `test` may be NULL; `threads` as in struct hg_train_options. What is amiss with the data is a
 * finding and no failure. HG_INTERNAL: out of memory; HG_UNAVAILABLE. */
enum hg_status hg_diagnose(struct hg_diagnosis *out, const struct hg_dataset *train, const struct hg_dataset *test,
                           int threads);

/* The name of a feature, in out[size]: that of its column, "pixel (3, 5)" by row and column from 0, or "feature 7" from
 * 1. Returns `out`. */
const char *hg_feature_name(char *out, size_t size, const struct hg_dataset *dataset, size_t feature);
/* The name of a class: its word, or its number. */
const char *hg_class_name(char *out, size_t size, const struct hg_dataset *dataset, size_t label);

/* How many findings are that severe. */
size_t hg_diagnosis_count(const struct hg_diagnosis *diagnosis, enum hg_severity severity);

#endif
