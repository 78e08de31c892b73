/* The page of `handgrad report`: one HTML file on what a run was, how its training went, and what its model does.
 *
 * A run is opened first, with everything that the page says of it; its sections then only write. What the run lacks,
 * its data for example, is left out of the page, which says so. */
#ifndef HANDGRAD_SRC_REPORT_REPORT_H
#define HANDGRAD_SRC_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/model.h"
#include "handgrad/run.h"
#include "host/runs/run.h"
#include "src/command.h"
#include "src/output/html.h"

struct hg_report_settings {
    const char *data, *backend, *out;
    int threads;
};

struct hg_report_run {
    const char *path; /* of its directory, as it was given */
    struct hg_run_config config;
    struct hg_history history;
    struct hg_model *model;           /* NULL: no weights were saved */
    const struct hg_metrics *kept;    /* of the epoch whose weights these are; NULL: not known */
    struct hg_input_scale scale;      /* of the model's inputs */
    struct hg_dataset *train, *test;  /* NULL: not there */
    char *no_data;                    /* why the model is judged on nothing, in words; NULL: it is */
    const struct hg_dataset *judged;  /* what the model is judged on: the test set, else the training set; or NULL */
    struct hg_evaluation evaluation;  /* on these */
    struct hg_confusion confusion;    /* on these, of a classifier */
    double train_loss, train_optimum; /* of an autoencoder on the training set; NAN: not known */
};

/* Reads everything of the run in a directory. HG_NO_INPUT: there is no run. HG_BAD_DATA: a file of it is malformed, or
 * the data that the settings name do not fit. The run is released by hg_report_run_close, on failure too. */
enum hg_status hg_report_run_open(struct hg_report_run *run, const char *path,
                                  const struct hg_report_settings *settings, const struct hg_command *command);
void hg_report_run_close(struct hg_report_run *run);

/* The page on these runs, of which there is at least one; `page` is an empty one. */
enum hg_status hg_report_write(struct hg_html *page, const struct hg_report_run *runs, size_t count);

/* ---- sections of the page, and what several of them use ---- */

/* One sentence on what the run reached, as a paragraph; then what is to be said besides, as a list. */
enum hg_status hg_report_add_verdict(struct hg_html *page, const struct hg_report_run *run);
/* Plots of the metrics over the epochs: of one run each a plot of its parts, of several each a plot of the runs. */
enum hg_status hg_report_add_curves(struct hg_html *page, const struct hg_report_run *runs, size_t count);

/* The options of the run: "handgrad train ..." */

enum { HG_REPORT_NUMBER = 32 };
/* "60,000" in out[HG_REPORT_NUMBER]. Returns `out`. */
const char *hg_report_count(char *out, size_t count);
/* "test images", "training samples": what the run's model is judged on. */
const char *hg_report_judged_name(const struct hg_report_run *run);

#endif
