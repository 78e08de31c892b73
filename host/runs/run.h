/* Internals of run directories. */
#ifndef HANDGRAD_HOST_RUNS_RUN_H
#define HANDGRAD_HOST_RUNS_RUN_H

#include "handgrad/run.h"

/* The text of config.json; the caller frees *out. */
enum hg_status hg_run_config_text(char **out, const struct hg_train_options *options, const char *data);

/* run/name; the caller frees *out. */
enum hg_status hg_run_path(char **out, const char *run, const char *name);

/* The names of event files in the order of their beginnings, which must be that of the names; printf format for a
 * number from 1. */
#define HG_EVENT_FILE "events.out.tfevents.%04zu.handgrad"
/* The path of the event file that this process writes; NULL: none. Released with the run. */
char **hg_run_events(struct hg_run *run);

/* About the most bytes that events take, of a training of so many epochs. */
size_t hg_run_events_size(const struct hg_trainer *trainer, size_t epochs);

/* Whether the run has that file, of whatever kind. */
enum hg_status hg_run_has(bool *has, const struct hg_run *run, const char *name);

/* HG_NO_INPUT unless `directory` is that of a run. */
enum hg_status hg_run_require(const char *directory);

/* HG_CANNOT_CREATE where `directory` holds a file that a run would overwrite. */
enum hg_status hg_run_require_none(const char *directory);

/* HG_USAGE where `out` is the name of a file that the run in `directory` has or may come to have. */
enum hg_status hg_run_require_other(const char *directory, const char *out);

/* A run's metrics.jsonl. */
struct hg_history {
    struct hg_metrics *epochs; /* [count], in the order of the file; what does not apply is NAN */
    size_t count;              /* 0: no epoch has ended, or nothing was trained */
    size_t lines;
    size_t damaged; /* lines that say of no epoch, which are left out: cut short by a crash, or changed by hand */
};
/* HG_IO, HG_INTERNAL, HG_BAD_DATA (larger than handgrad writes); a run without the file has no epochs. The caller frees
 * *out. */
enum hg_status hg_history_read(struct hg_history *out, const char *directory);
/* Leaves it empty; an empty one is fine. */
void hg_history_free(struct hg_history *history);

/* The epoch whose weights model.safetensors of a finished run holds: the first of the least validation losses, as
 * training chooses, or the last where nothing is held out, or `keep` says so. NULL where there is no epoch. */
const struct hg_metrics *hg_history_kept(const struct hg_history *history, enum hg_keep keep);

/* Writes lr-find.csv, a line a step of the test. */
struct hg_range_test;
enum hg_status hg_run_write_rates(struct hg_run *run, const struct hg_range_test *test);

/* Removes from metrics.jsonl the lines of epochs after `epochs_done`, and a last line that a crash cut short. */
enum hg_status hg_run_trim_metrics(struct hg_run *run, uint64_t epochs_done);

/* A run in `directory`, created as by hg_run_create, of an autoencoder that was solved for instead of trained:
 * config.json and model.safetensors.
 *
 *   options  of an autoencoder with `hidden` latent units; what they say of learning was not used
 *   dataset  what it is the solution of
 *   w        in: [options->hidden][features], the weights
 *
 * HG_CANNOT_CREATE, HG_IO, HG_INTERNAL; on failure nothing stays behind. */
enum hg_status hg_run_write_solution(const char *directory, const struct hg_train_options *options, const char *data,
                                     const struct hg_dataset *dataset, const double *w);

/* The path of the run's directory, as it was given. */
const char *hg_run_directory(const struct hg_run *run);

/* Opens `directory`/.lock and locks it. HG_CANNOT_CREATE where another process holds the lock. The lock belongs to the
 * open descriptor *out: if the process is killed, its lock ends too, and only the file stays. */
enum hg_status hg_run_lock(int *out, const char *directory);
/* Removes the file, and releases the lock. */
void hg_run_unlock(int lock, const char *directory);

#endif
