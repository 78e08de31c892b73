/* A grid over options of training: each point of it trained with several seeds, each of these a run of its own in a
 * process of its own. The files say what is done, so that the same command goes on where an earlier one ended. train
 * --seeds is a grid of one point, compared with nothing. */
#ifndef HANDGRAD_SRC_SWEEP_SWEEP_H
#define HANDGRAD_SRC_SWEEP_SWEEP_H

#include <sys/types.h>

#include "host/training/metric_table.h"
#include "src/command.h"
#include "src/output/html.h"
#include "src/train_options.h"

enum { HG_SWEEP_AXES = 8 };

/* An option with more than one value. */
struct hg_sweep_axis {
    const struct hg_option *option;
    size_t index; /* of hg_command_option */
    char *text;   /* what its values point into */
    const char **values;
    size_t count;
};

enum hg_sweep_state { HG_RUN_WAITS, HG_RUN_RUNS, HG_RUN_FINISHED, HG_RUN_FAILED };

struct hg_sweep_run {
    size_t point;
    uint64_t seed;
    enum hg_sweep_state state;
    pid_t process;
    char *directory, *log, *mark; /* the mark exists once the run is finished */
    char *reason;                 /* of a failure */
    struct hg_metrics metrics;    /* of the weights that it keeps */
};

/* Over the runs of a point that finished; NAN where there are none, the deviation where there is but one. */
struct hg_spread {
    double mean, deviation, least, most;
};

struct hg_point {
    struct hg_train_options options;
    char *name, *config; /* "hidden=128,lr=0.1", "" without axes; and the file with its options */
    size_t finished, failed;
};

struct hg_sweep {
    const struct hg_command *command;
    const struct hg_train_settings *settings;
    bool compares; /* its points, by the samples held out: it is no train --seeds */
    char *data;
    struct hg_sweep_axis axes[HG_SWEEP_AXES];
    size_t axis_count;
    struct hg_point *points;
    struct hg_sweep_run *runs; /* those of a point lie together */
    size_t point_count, run_count;
    size_t *ranking; /* [point_count], the best by validation first */
};

/* First the lists among the arguments, which lose them; then, when the other arguments are in the settings, the points
 * and their runs, each option checked. Nothing is written. HG_USAGE. */
enum hg_status hg_sweep_read_axes(struct hg_sweep *sweep, struct hg_arguments *arguments);
enum hg_status hg_sweep_fill(struct hg_sweep *sweep);
void hg_sweep_free(struct hg_sweep *sweep);

/* All that follows from command, settings, data and axes: makes the points, checks all of them against the data before
 * anything is written, trains, and prints. HG_CHECK_FAILED where some runs failed. */
enum hg_status hg_sweep_run(struct hg_sweep *sweep);

/* Writes each point's config.json. HG_CANNOT_CREATE where one is there with other options. */
enum hg_status hg_sweep_write_points(struct hg_sweep *sweep);
/* Trains what is not finished, `jobs` runs at a time. A run that fails is noted and does not end it. After a signal the
 * children are stopped with their runs saved: HG_INTERRUPTED ... `lock` stays open in the children, so that the sweep's
 * directory is locked as long as one of them lives. */
enum hg_status hg_sweep_train(struct hg_sweep *sweep, int lock);

/* The metric by which points are compared, never one of the test set; *descending: the largest is the best. */
const struct hg_metric *hg_sweep_metric(const struct hg_sweep *sweep, bool *descending);
void hg_sweep_spread(struct hg_spread *out, const struct hg_sweep *sweep, size_t point, const struct hg_metric *metric);
/* Best first; points of which a run failed or is missing come last. */
void hg_sweep_rank(struct hg_sweep *sweep);

/* Whether every seed of a point has finished; another point is not the best, whatever its mean. */
bool hg_sweep_is_complete(const struct hg_sweep *sweep, size_t point);
/* Runs that failed. */
size_t hg_sweep_failures(const struct hg_sweep *sweep);
/* The command that trains the best point by itself; NULL where no point is complete. The caller frees *out. */
enum hg_status hg_sweep_best_command(char **out, const struct hg_sweep *sweep);

/* What a point is called where it is shown. */
const char *hg_sweep_point_name(const struct hg_point *point);

enum hg_status hg_sweep_write_csv(const struct hg_sweep *sweep);
/* The page on it, sweep.html. */
enum hg_status hg_sweep_write_page(const struct hg_sweep *sweep);
/* Plots of that page: what points are compared by, over each option, and the training of the best. */
enum hg_status hg_sweep_add_plots(struct hg_html *page, const struct hg_sweep *sweep);
enum hg_status hg_sweep_print(const struct hg_sweep *sweep);
enum hg_status hg_sweep_print_json(const struct hg_sweep *sweep);

#endif
