/* Data as the commands load it: as the options given say, or that a run has on record, and what was taken
 * for what said on standard error. */
#ifndef HANDGRAD_SRC_DATA_H
#define HANDGRAD_SRC_DATA_H

#include <stdbool.h>

#include "handgrad/model.h"
#include "handgrad/run.h"
#include "src/command.h"

/* Both splits of a directory, as `options` say, the test samples as the training samples are; *test stays NULL unless
 * they want it. `inputs` are those of the training that is to go on; else NULL. */
enum hg_status hg_data_load_both(struct hg_dataset **train, struct hg_dataset **test, const char *data,
                                 const struct hg_train_options *options, const struct hg_run_inputs *inputs);

/* Adds to what was given what the training set has, so that other files are read as that was; `train` and `scale` must
 * outlive `given`. */
void hg_data_options_like(struct hg_data_options *given, const struct hg_dataset *train, struct hg_input_scale *scale);

/* The config.json of a run's directory; all zero where `run` is a file, or has none. The caller frees it. */
enum hg_status hg_data_read_config(struct hg_run_config *config, const char *run);

/* Adds to what was given what the run and its model have on record; all of these must outlive `given`. */
void hg_data_complete_options(struct hg_data_options *given, const struct hg_run_config *config,
                              const struct hg_model *model, struct hg_input_scale *scale);

/* "train", "test", NULL; indexed by enum hg_split. */
extern const char *const hg_split_names[];

/* One split of a dataset; or files of samples as hg_dataset_read_files takes them, directories too. */
enum hg_status hg_data_load(struct hg_dataset **out, const char *directory, enum hg_split split,
                            const struct hg_data_options *given, const struct hg_command *command);
enum hg_status hg_data_read(struct hg_dataset **out, const char *const *files, size_t count,
                            const struct hg_data_options *given, const struct hg_command *command);

/* Writes samples first ... first + count - 1, the first hundred of them, as a picture: what a model sees. Samples that
 * are no images are shown as squares. HG_USAGE, naming the option show: `file` does not end in .png. HG_BAD_DATA: they
 * make no squares. Else as hg_sheet_write. */
enum hg_status hg_data_show(const char *file, const struct hg_dataset *dataset, size_t first, size_t count);

#endif
