/* Inside of run directories. */
#ifndef HANDGRAD_HOST_RUNS_RUN_H
#define HANDGRAD_HOST_RUNS_RUN_H

#include "handgrad/run.h"

/* The text of config.json; the caller frees *out. */
enum hg_status hg_run_config_text(char **out, const struct hg_train_options *options, const char *data);

/* run/name; the caller frees *out. */
enum hg_status hg_run_path(char **out, const char *run, const char *name);

/* Drops the lines of metrics.jsonl that tell of later epochs than `epochs_done`, or that a crash tore. */
enum hg_status hg_run_trim_metrics(struct hg_run *run, uint64_t epochs_done);

/* Where the run is, as it was given. */
const char *hg_run_directory(const struct hg_run *run);

/* Opens `directory`/.lock and locks it for this process. HG_CANNOT_CREATE where another holds it. The lock goes with
 * the descriptor, so that of a killed process is gone, though the file stays. */
enum hg_status hg_run_lock(int *out, const char *directory);
/* Takes the file away, and with it the lock. */
void hg_run_unlock(int lock, const char *directory);

#endif
