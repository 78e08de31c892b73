/* Trained models, applied to datasets. */
#ifndef HANDGRAD_MODEL_H
#define HANDGRAD_MODEL_H

#include <stddef.h>

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
