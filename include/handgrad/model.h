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

#ifdef __cplusplus
}
#endif
#endif
