/* Run directories (docs/FORMATS.md): what training writes, and what it can be resumed from. */
#ifndef HANDGRAD_RUN_H
#define HANDGRAD_RUN_H

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"
#include "handgrad/trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A run directory that this process writes to. It is locked: nobody else writes to it until hg_run_close, or until this
 * process ends, however it ends. */
struct hg_run;

/* A run in `directory`, which is created, with its parents, if it does not exist. HG_CANNOT_CREATE where it already
 * holds a file of a run, so that nothing is ever overwritten, or where another process has locked it, which the message
 * names. */
enum hg_status hg_run_create(struct hg_run **out, const char *directory);
/* Opens the run in `directory` to continue it. HG_NO_INPUT: there is none. HG_CANNOT_CREATE: another process has locked
 * it. */
enum hg_status hg_run_open(struct hg_run **out, const char *directory);
/* NULL is fine. */
void hg_run_close(struct hg_run *run);
/* Closes a run that failed before it had results. If hg_run_create made it, this removes the files it wrote, and the
 * directory if that was created, and nothing else. A run of hg_run_open is only closed. NULL is fine. */
void hg_run_discard(struct hg_run *run);

/* Replaces config.json: the options, and the dataset's directory `data`, which later commands use by default. */
enum hg_status hg_run_write_config(struct hg_run *run, const struct hg_train_options *options, const char *data);
/* Adds a line to metrics.jsonl. */
enum hg_status hg_run_append_metrics(struct hg_run *run, const struct hg_metrics *metrics);
/* For TensorBoard, which reads the run's directory, or one that holds several: begins an event file, where training has
 * not begun or goes on. Events of later epochs in earlier files are void by it. */
enum hg_status hg_run_start_events(struct hg_run *run, const struct hg_trainer *trainer);
/* Adds the metrics of an epoch that `trainer` has just done and, where the samples are images, after epochs 1, 2, 4, 8
 * ... and the last pictures of the features and, of an autoencoder, of reconstructions. hg_run_start_events comes
 * first.
 */
enum hg_status hg_run_append_events(struct hg_run *run, const struct hg_trainer *trainer,
                                    const struct hg_metrics *metrics);
/* Replaces checkpoint.safetensors, and, once a step has been taken, model.safetensors, each as a whole. HG_CHECK_FAILED
 * where weights are not finite: both stay what they were. */
enum hg_status hg_run_save(struct hg_run *run, struct hg_trainer *trainer);

/* Reads config.json of a run, or any file of that form. The strings are released by hg_run_config_free. */
struct hg_run_config {
    struct hg_train_options options;
    char *data;
    char *version; /* of handgrad, that wrote it; NULL: not known */
};
enum hg_status hg_run_config_read(struct hg_run_config *config, const char *file);
void hg_run_config_free(struct hg_run_config *config);

/* What the data of the run's training were, as its checkpoint says, for struct hg_data_options. Released by
 * hg_run_inputs_free. HG_NO_INPUT, HG_BAD_DATA, HG_IO, HG_INTERNAL. */
struct hg_run_inputs {
    struct hg_input_scale scale;   /* numbers is HG_NUMBERS_UNKNOWN where an earlier version wrote the checkpoint */
    char **columns, **class_names; /* of the features, of the classes; NULL-terminated; NULL where they had none */
};
enum hg_status hg_run_inputs_read(struct hg_run_inputs *inputs, const struct hg_run *run);
void hg_run_inputs_free(struct hg_run_inputs *inputs);

/* Continues `run` from its checkpoint. On the same backend and number of threads the weights are those of an
 * uninterrupted run, bit for bit. `options` are the run's (hg_run_config_read), possibly changed: more epochs,
 * another backend. HG_BAD_DATA where `train` cannot be of the kind that the run was trained on. Metrics of epochs after
 * the checkpoint are dropped from metrics.jsonl. */
enum hg_status hg_trainer_resume(struct hg_trainer **out, struct hg_run *run, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test);

#ifdef __cplusplus
}
#endif
#endif
