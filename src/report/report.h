/* The page of `handgrad report`: one HTML file on what a run was, how its training went, and what its model does.
 *
 * A run is loaded first, with everything that the page says of it; its sections then only write. What the run lacks,
 * its data for example, is left out of the page, which says so. */
#ifndef HANDGRAD_SRC_REPORT_REPORT_H
#define HANDGRAD_SRC_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/model.h"
#include "handgrad/run.h"
#include "host/runs/run.h"
#include "host/training/principal.h"
#include "src/command.h"
#include "src/output/html.h"

struct hg_report_settings {
    const char *data, *backend, *out;
    int threads;
};

/* Bytes of pixels, before they are compressed, that a page may have: with base64 and the worst data it stays below 2
 * MB. Each run has an equal part, and these percentages of it are for its sections; the rest is for those of fixed
 * size. */
enum { HG_REPORT_PIXELS = 1200000, HG_REPORT_CONFUSION_SHARE = 40, HG_REPORT_FEATURES_SHARE = 20 };

struct hg_report_run {
    const char *path; /* of its directory, as it was given */
    size_t number;    /* of the run on the page, from 0 */
    size_t budget;    /* its part of HG_REPORT_PIXELS */
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
    struct hg_principal principal;    /* of an autoencoder, on the training set */
    bool solved;                      /* not trained: written by handgrad optimum */
};

/* Reads the options and the metrics of the run in a directory. HG_NO_INPUT: there is no run. HG_BAD_DATA: a file of it
 * is malformed. The run is released by hg_report_run_close, on failure too. */
enum hg_status hg_report_run_open(struct hg_report_run *run, const char *path);
/* Loads its model and its data, and judges the one by the other. HG_BAD_DATA: a file of the run is malformed, or the
 * data that the settings name do not fit. */
enum hg_status hg_report_run_load(struct hg_report_run *run, const struct hg_report_settings *settings,
                                  const struct hg_command *command);
/* Releases the model and the data again, which is what needs memory. */
void hg_report_run_unload(struct hg_report_run *run);
void hg_report_run_close(struct hg_report_run *run);

/* The page on these runs, of which there is at least one; `page` is an empty one. Runs are loaded and unloaded one
 * after the other. */
enum hg_status hg_report_write(struct hg_html *page, struct hg_report_run *runs, size_t count,
                               const struct hg_report_settings *settings, const struct hg_command *command);

/* ---- sections of the page, and what several of them use ---- */

/* One sentence on what the run reached, as a paragraph; then what is to be said besides, as a list. */
enum hg_status hg_report_add_verdict(struct hg_html *page, const struct hg_report_run *run);
/* Plots of the metrics over the epochs: of one run each a plot of its parts, of several each a plot of the runs. */
enum hg_status hg_report_add_curves(struct hg_html *page, const struct hg_report_run *runs, size_t count);

/* One sentence on which of several runs is best, where they can be compared: models of one kind on the same data, and
 * never by the test set. Of runs that have been loaded. */
void hg_report_add_ranking(struct hg_html *page, const struct hg_report_run *runs, size_t count);
/* A table of several runs: options that differ, and metrics. */
enum hg_status hg_report_add_comparison(struct hg_html *page, const struct hg_report_run *runs, size_t count);
/* Of more classes than that, the most frequent confusions and the worst classes are read more easily than all of them.
 */
enum { HG_REPORT_MATRIX = 40 };
/* What is taken for what, with images of each cell. */
enum hg_status hg_report_add_confusion(struct hg_html *page, const struct hg_report_run *run);
/* Recall, precision and F1 of the classes. */
enum hg_status hg_report_add_scores(struct hg_html *page, const struct hg_report_run *run);
/* The mistakes that the classifier is surest of. */
enum hg_status hg_report_add_mistakes(struct hg_html *page, const struct hg_report_run *run);
/* The rows of the first layer, and an autoencoder's directions beside the principal components. */
enum hg_status hg_report_add_features(struct hg_html *page, const struct hg_report_run *run);
/* Samples and what an autoencoder makes of them. */
enum hg_status hg_report_add_reconstructions(struct hg_html *page, const struct hg_report_run *run);
/* gradcheck on the run's own data. */
enum hg_status hg_report_add_gradcheck(struct hg_html *page, const struct hg_report_run *run);
/* Time by phase: what is on record, and some steps taken again. */
enum hg_status hg_report_add_cost(struct hg_html *page, const struct hg_report_run *run);
/* How to get the same run again. */
enum hg_status hg_report_add_recipe(struct hg_html *page, const struct hg_report_run *run);

/* The command that trains the run again: every option that differs from its default. The caller frees *out. */
enum hg_status hg_report_command(char **out, const struct hg_report_run *run);

enum { HG_REPORT_NUMBER = 32, HG_REPORT_NAME = 80 };
/* "60,000" in out[HG_REPORT_NUMBER]. Returns `out`, as those below do. */
const char *hg_report_count(char *out, size_t count);
/* The name of a class, or its number, in out[HG_REPORT_NAME]. */
const char *hg_report_class(char *out, const struct hg_report_run *run, size_t class_index);
/* A heading over the numbers of a feature, in out[HG_REPORT_NAME]: '>', as tables have it, and its name. */
const char *hg_report_feature_heading(char *out, const struct hg_report_run *run, size_t feature);
/* "test images", "training samples": what the run's model is judged on. */
const char *hg_report_judged_name(const struct hg_report_run *run);

#endif
