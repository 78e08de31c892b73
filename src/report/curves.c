/* How training went: metrics over epochs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/metric_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/plot.h"
#include "src/report/report.h"

enum { PARTS = 3 };

/* A plot of one run: metrics that are read together. */
static const struct kind {
    const char *title, *y_label;
    const char *metrics[PARTS], *names[PARTS];
    double factor;
    enum hg_axis_kind axis;
} kinds[] = {
    {"Loss",
     "loss, logarithmic",
     {"train_loss", "validation_loss", "test_loss"},
     {"training", "validation", "test"},
     1,
     HG_AXIS_LOG},
    {"Accuracy",
     "% of the samples right",
     {"train_accuracy", "validation_accuracy", "test_accuracy"},
     {"training", "validation", "test"},
     100,
     HG_AXIS_LINEAR},
    {"Loss above the best possible",
     "% above the optimum, logarithmic",
     {"optimality_gap"},
     {"training"},
     100,
     HG_AXIS_LOG},
    {"Distance to the optimum",
     "training loss − optimum, logarithmic",
     {"optimality_distance"},
     {"training"},
     1,
     HG_AXIS_LOG},
    {"Learning rate", "rate of the epoch's last step", {"lr"}, {"rate"}, 1, HG_AXIS_LINEAR},
};
enum { KINDS = sizeof kinds / sizeof *kinds, GAP = 2, DISTANCE = 3, RATE = 4 };

static bool has_metric(const struct hg_report_run *run, const char *name)
{
    const struct hg_metric *metric = hg_metric_find(name);
    for (size_t i = 0; i < run->history.count; ++i)
        if (isfinite(hg_metric_value(metric, &run->history.epochs[i])))
            return true;
    return false;
}

/* The numbers of a series, and the words at its ring; "": a ring alone. */
struct curve {
    double *numbers;
    char note[64];
};

static bool is_last(const struct hg_report_run *run)
{
    return run->kept == &run->history.epochs[run->history.count - 1];
}

static void note_kept(struct hg_series *series, struct curve *curve, const struct hg_report_run *run, const char *word)
{
    if (!run->kept)
        return;
    series->noted = (size_t)(run->kept - run->history.epochs);
    series->note = curve->note;
    if (word)
        snprintf(curve->note, sizeof curve->note, "%sepoch %zu", word, run->kept->epoch);
}

static enum hg_status fill(struct hg_series *series, struct curve *curve, const struct hg_report_run *run,
                           const char *name, double factor)
{
    const struct hg_metric *metric = hg_metric_find(name);
    const size_t count = run->history.count;
    HG_TRY(hg_allocate(&curve->numbers, 2 * count, "the points of a plot"));
    for (size_t i = 0; i < count; ++i) {
        curve->numbers[i] = (double)run->history.epochs[i].epoch;
        curve->numbers[count + i] = factor * hg_metric_value(metric, &run->history.epochs[i]);
    }
    series->count = count;
    series->x = curve->numbers;
    series->y = curve->numbers + count;
    return HG_OK;
}

static void add_plot(struct hg_html *page, const struct kind *kind, const char *title, const struct hg_series *series,
                     size_t count)
{
    if (count > 0)
        hg_plot_add(page, &(struct hg_plot){.title = title,
                                            .x_label = "epoch",
                                            .y_label = kind->y_label,
                                            .x_kind = HG_AXIS_WHOLE,
                                            .y_kind = kind->axis,
                                            .series = series,
                                            .count = count});
}

/* Training, validation and test of one run in one plot. The ring is where the epoch was chosen: on the validation
 * curve. */
static enum hg_status add_parts(struct hg_html *page, const struct hg_report_run *run, const struct kind *kind)
{
    struct hg_series series[PARTS] = {{0}};
    struct curve curves[PARTS] = {{0}};
    size_t count = 0;
    const bool held_out = has_metric(run, "validation_loss");
    enum hg_status status = HG_OK;
    for (size_t p = 0; p < PARTS && kind->metrics[p]; ++p) {
        if (!has_metric(run, kind->metrics[p]))
            continue;
        series[count].name = kind->names[p];
        HG_TRY_OR_CLEANUP(fill(&series[count], &curves[count], run, kind->metrics[p], kind->factor));
        const bool chosen = strncmp(kind->metrics[p], "validation", strlen("validation")) == 0;
        if (held_out ? chosen : p == 0 && kind != &kinds[RATE])
            note_kept(&series[count], &curves[count], run, held_out ? "best: " : "kept: ");
        ++count;
    }
    add_plot(page, kind, kind->title, series, count);
cleanup:
    for (size_t p = 0; p < PARTS; ++p)
        free(curves[p].numbers);
    return status;
}

/* One metric of every run that has it, each run with the same colour in every plot. */
static enum hg_status add_runs(struct hg_html *page, const struct hg_report_run *runs, size_t run_count,
                               const struct kind *kind, size_t part)
{
    struct hg_series *series = NULL;
    struct curve *curves = NULL;
    char title[96];
    bool any = false;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&series, run_count, "the lines of a plot"));
    HG_TRY_OR_CLEANUP(hg_allocate(&curves, run_count, "the lines of a plot"));
    for (size_t i = 0; i < run_count; ++i) {
        if (!has_metric(&runs[i], kind->metrics[part]))
            continue;
        series[i].name = runs[i].path;
        HG_TRY_OR_CLEANUP(fill(&series[i], &curves[i], &runs[i], kind->metrics[part], kind->factor));
        if (kind != &kinds[RATE])
            note_kept(&series[i], &curves[i], &runs[i], is_last(&runs[i]) ? NULL : "");
        any = true;
    }
    if (kind->metrics[1])
        snprintf(title, sizeof title, "%s, %s", kind->title, kind->names[part]);
    else
        snprintf(title, sizeof title, "%s", kind->title);
    add_plot(page, kind, title, series, any ? run_count : 0);
cleanup:
    for (size_t i = 0; curves && i < run_count; ++i)
        free(curves[i].numbers);
    free(curves);
    free(series);
    return status;
}

/* An optimum of zero has a distance, and no percentage. */
static bool is_wanted(size_t kind, const struct hg_report_run *runs, size_t count)
{
    bool every_gap = true;
    for (size_t i = 0; i < count; ++i)
        every_gap &= has_metric(&runs[i], "optimality_gap") || !has_metric(&runs[i], "optimality_distance");
    return kind == GAP ? every_gap : kind == DISTANCE ? !every_gap : true;
}

enum hg_status hg_report_add_curves(struct hg_html *page, const struct hg_report_run *runs, size_t count)
{
    size_t epochs = 0;
    for (size_t i = 0; i < count; ++i)
        epochs += runs[i].history.count;
    if (epochs == 0)
        return HG_OK;
    hg_html_markup(page, "<h2 id=\"training\">Training</h2>\n");
    if (count > 1)
        hg_html_element(page, "p",
                        "A ring marks the epoch whose weights a run keeps; it is named where it is not the last.");
    hg_html_markup(page, "<div class=\"plots\">\n");
    for (size_t k = 0; k < KINDS; ++k) {
        if (!is_wanted(k, runs, count))
            continue;
        if (count == 1)
            HG_TRY(add_parts(page, runs, &kinds[k]));
        for (size_t p = 0; count > 1 && p < PARTS && kinds[k].metrics[p]; ++p)
            HG_TRY(add_runs(page, runs, count, &kinds[k], p));
    }
    hg_html_markup(page, "</div>\n");
    return HG_OK;
}
