/* What the host knows about a trained model beyond its public face (handgrad/model.h). */
#ifndef HANDGRAD_HOST_RUNS_TRAINED_MODEL_H
#define HANDGRAD_HOST_RUNS_TRAINED_MODEL_H

#include "handgrad/model.h"

/* Rows that a pass over a dataset takes at a time: enough to keep a device busy, few enough to fit into any memory. */
enum { HG_MODEL_ROWS = 1024 };

/* As hg_model_forward, but a classifier's logits instead of probabilities. */
enum hg_status hg_model_outputs(struct hg_model *model, const struct hg_dataset *dataset, size_t first, size_t count,
                                float *out);

/* The class that logits or probabilities are for: the first of the largest. */
size_t hg_predicted_class(const float *outputs, size_t classes);

/* Every parameter in canonical order (host/models/tensors.h). Lives as long as the model. */
const double *hg_model_values(const struct hg_model *model);

/* Adds to how data are to be read what the model, and the options that it was trained with, have on record. All of them
 * must outlive `given`. */
void hg_model_complete_reading(struct hg_data_options *given, const struct hg_model *model,
                               const struct hg_train_options *options, struct hg_input_scale *scale);

/* Turns the logits of one sample into probabilities, in place. */
void hg_softmax(float *logits, size_t classes);

/* HG_BAD_DATA: the dataset has no labels, or more classes than the classifier knows. */
enum hg_status hg_model_check_labels(const struct hg_model *model, const struct hg_dataset *dataset);

#endif
