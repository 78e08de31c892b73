/* model.safetensors and best.safetensors of a run, the weights alone, and what any file of the run says of its model.
 */
#ifndef HANDGRAD_HOST_RUNS_SAVED_MODEL_H
#define HANDGRAD_HOST_RUNS_SAVED_MODEL_H

#include "host/models/model_file.h"
#include "host/runs/run.h"
#include "host/training/trainer.h"

/* Weights that are not finite must never replace a good file. They are checked as floats, as the file holds them.
 * HG_CHECK_FAILED: training diverged. */
enum hg_status hg_require_finite(const struct hg_trainer *trainer, const double *values, size_t count);

/* Of the features and the classes, a line each; NULL: none. */
struct hg_saved_names {
    char *columns, *class_names;
};
void hg_saved_names_free(struct hg_saved_names *names);

/* What the data that a model was trained on, or solved for, say of it. hidden, classes and input are left for the
 * caller to fill, who also frees *names, to which the facts point, on failure too. */
enum hg_status hg_saved_model_of_data(struct hg_model_info *info, struct hg_saved_names *names, enum hg_model_kind kind,
                                      const struct hg_dataset *train);

/* What a file of the run says of its model. `is_best`: it has the weights of the best epoch so far. The caller frees
 * *names, to which the facts point, on failure too. */
enum hg_status hg_saved_model_describe(struct hg_model_info *info, struct hg_saved_names *names,
                                       const struct hg_trainer *trainer, bool is_best);

/* Writes model.safetensors, of the weights as they are or the best, and best.safetensors where there is a better one.
 */
enum hg_status hg_saved_model_write(struct hg_trainer *trainer, const struct hg_run *run);

#endif
