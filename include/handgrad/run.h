/* Run directories (docs/FORMATS.md): what a trainer leaves behind, and goes on from. */
#ifndef HANDGRAD_RUN_H
#define HANDGRAD_RUN_H

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"
#include "handgrad/trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
