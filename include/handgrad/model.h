/* Applying trained models to datasets. */
#ifndef HANDGRAD_MODEL_H
#define HANDGRAD_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_model;

/* Reads the weights of a run directory or of a .safetensors file, on `backend` ("auto" and so on) with `threads`. What
 * the model is comes from the file's metadata; where another program wrote it, from the names and shapes of its tensors
 * (docs/FORMATS.md). HG_BAD_DATA, naming the tensor, where the file holds more than the model, less, or weights that
 * are not finite; HG_NO_INPUT, HG_IO, HG_UNAVAILABLE (backend), HG_INTERNAL. */
enum hg_status hg_model_load(struct hg_model **out, const char *path, const char *backend, int threads);
void hg_model_free(struct hg_model *model);
enum hg_model_kind hg_model_kind(const struct hg_model *model);
size_t hg_model_features(const struct hg_model *model);
/* The names of the features, where it was trained on a table with a header: NULL-terminated, and as long-lived as the
 * model; else NULL. For struct hg_data_options, so that later tables are read by them. */
const char *const *hg_model_columns(const struct hg_model *model);
/* The names of the classes, where the labels of training were words: [hg_model_classes] and a NULL, as long-lived as
 * the model; else NULL. */
const char *const *hg_model_class_names(const struct hg_model *model);
/* The shape of the images that it was trained on, height * width * channels == features; all 0 where they were no
 * images, or the file does not say. */
size_t hg_model_height(const struct hg_model *model);
size_t hg_model_width(const struct hg_model *model);
size_t hg_model_channels(const struct hg_model *model);
size_t hg_model_hidden(const struct hg_model *model);
size_t hg_model_classes(const struct hg_model *model); /* 0: autoencoder */
/* What the inputs were in training; false where the file does not say. hg_dataset_load_like takes it. */
bool hg_model_scale(const struct hg_model *model, struct hg_input_scale *input);
/* The epochs after which the weights were taken; false where the file does not say. */
bool hg_model_epoch(const struct hg_model *model, size_t *epoch);
/* The weights were kept for their validation loss, the best of the run. */
bool hg_model_is_best(const struct hg_model *model);
/* One line on what had to be assumed or converted; "": nothing. Lives as long as the model. */
const char *hg_model_note(const struct hg_model *model);

/* Mean loss and accuracy (NAN for an autoencoder) over a dataset; for an autoencoder also the optimum on it. Here and
 * below HG_BAD_DATA: the dataset does not fit the model, or what comes out is not finite. */
struct hg_evaluation {
    double loss, accuracy;
    /* Autoencoder, else NAN: the least loss L* possible on the dataset; (loss - L*) / L*, NAN where L* is 0; loss - L*.
     */
    double optimum, optimality_gap, optimality_distance;
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

/* How a classifier does on one class. A ratio of nothing to nothing is NAN: the precision of a class that is never
 * predicted, the recall of one that has no samples, and the F1 of one for which both hold. */
struct hg_class_score {
    size_t support;   /* samples of this class */
    size_t predicted; /* samples that the model takes for this class */
    size_t correct;   /* samples of this class that it takes for this class */
    double precision; /* correct / predicted */
    double recall;    /* correct / support */
    double f1;        /* 2 correct / (support + predicted), the harmonic mean of the two */
};

/* A sample that a classifier takes for another class than its label. */
struct hg_mistake {
    size_t index; /* of the sample in the dataset */
    size_t truth, predicted;
    float truth_probability, predicted_probability;
};

struct hg_confusion {
    size_t classes; /* of the model; the dataset need not have samples of all */
    size_t samples, correct;
    size_t *counts;                /* [classes][classes], counts[truth * classes + predicted] */
    struct hg_class_score *scores; /* [classes] */
    size_t mistake_count;
    struct hg_mistake *mistakes; /* [mistake_count], by falling probability of the predicted class, then by index */
};

/* A classifier's confusion matrix on a dataset with labels, and at most `mistakes` of its mistakes, the most confident
 * ones; 0 is fine. A sample is taken for the class with the largest logit, the first of equal ones, as
 * hg_model_evaluate counts. One pass, whose memory does not grow with the dataset. The caller frees *out. HG_USAGE: an
 * autoencoder; HG_BAD_DATA: no labels, or more classes than the model has. */
enum hg_status hg_model_confusion(struct hg_model *model, const struct hg_dataset *dataset, size_t mistakes,
                                  struct hg_confusion *out);
/* Leaves it empty; an empty one is fine. */
void hg_confusion_free(struct hg_confusion *confusion);

struct hg_sample_loss {
    size_t index; /* of the sample in the dataset */
    double loss;  /* 1/2 |W^T W x - x|^2 */
};

/* The samples that an autoencoder reconstructs worst: losses[*count] by falling loss, then by index, where *count is
 * `most` or, if that is less, the number of samples. One pass, whose memory does not grow with the dataset. HG_USAGE: a
 * classifier. */
enum hg_status hg_model_largest_losses(struct hg_model *model, const struct hg_dataset *dataset, size_t most,
                                       struct hg_sample_loss *losses, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
