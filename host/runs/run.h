/* Inside of run directories. */
#ifndef HANDGRAD_HOST_RUNS_RUN_H
#define HANDGRAD_HOST_RUNS_RUN_H

#include "handgrad/run.h"

/* The text of config.json; the caller frees *out. */
enum hg_status hg_run_config_text(char **out, const struct hg_train_options *options, const char *data);

/* run/name; the caller frees *out. */
enum hg_status hg_run_path(char **out, const char *run, const char *name);

/* Drops the lines of metrics.jsonl that tell of later epochs than `epochs_done`, or that a crash tore. */
enum hg_status hg_run_trim_metrics(const char *run, uint64_t epochs_done);

#endif
