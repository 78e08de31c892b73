/* The page of a sweep: DIR/sweep.html. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "kernels/base/try.h"
#include "src/sweep/sweep.h"

enum {
    ROWS = 200, /* of the table: the best points */
    NUMBER = 48
};

/* "0.9812 ± 0.0003", in out[NUMBER]; "–" where no run has finished. */
static const char *format_spread(char *out, const struct hg_spread *spread)
{
    if (isnan(spread->mean))
        snprintf(out, NUMBER, "–");
    else if (isnan(spread->deviation))
        snprintf(out, NUMBER, "%.5g", spread->mean);
    else
        snprintf(out, NUMBER, "%.5g ± %.2g", spread->mean, spread->deviation);
    return out;
}

static void add_verdict(struct hg_html *page, const struct hg_sweep *sweep)
{
    bool descending;
    char words[NUMBER], value[NUMBER];
    const struct hg_metric *metric = hg_sweep_metric(sweep, &descending);
    const size_t failed = hg_sweep_failures(sweep), best = sweep->ranking[0];
    struct hg_spread spread, second;
    hg_sweep_spread(&spread, sweep, best, metric);
    hg_metric_words(words, metric);
    if (hg_sweep_is_complete(sweep, best))
        hg_html_element(page, "p class=\"verdict\"", "The best by %s, %s over %zu seed%s: %s.", words,
                        format_spread(value, &spread), sweep->settings->seeds, sweep->settings->seeds == 1 ? "" : "s",
                        hg_sweep_point_name(&sweep->points[best]));
    else
        hg_html_element(page, "p class=\"verdict\"", "Of every point a run has failed, so that none is the best.");
    hg_html_markup(page, "<ul class=\"remarks\">");
    if (failed)
        hg_html_element(page, "li", "%zu of %zu runs failed.", failed, sweep->run_count);
    if (sweep->point_count > 1 && hg_sweep_is_complete(sweep, sweep->ranking[1])) {
        hg_sweep_spread(&second, sweep, sweep->ranking[1], metric);
        if (spread.mean == second.mean)
            hg_html_element(page, "li", "The second, %s, is as good: it comes later in the grid.",
                            hg_sweep_point_name(&sweep->points[sweep->ranking[1]]));
        else if (fabs(spread.mean - second.mean) < fmax(spread.deviation, second.deviation))
            hg_html_element(page, "li",
                            "The second, %s, is nearer to it than seeds are to each other: chance may have put "
                            "one before the other.",
                            hg_sweep_point_name(&sweep->points[sweep->ranking[1]]));
    }
    hg_html_element(page, "li", "Points are compared by the samples held out; the test set chose nothing.");
    hg_html_markup(page, "</ul>\n");
}

static bool is_shown(const struct hg_metric *metric, const struct hg_sweep *sweep)
{
    static const char *const names[] = {"train_loss", "validation_loss", "validation_accuracy",
                                        "test_loss",  "test_accuracy",   "optimality_gap"};
    struct hg_spread spread;
    bool named = false, any = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        named |= strcmp(metric->name, names[i]) == 0;
    for (size_t i = 0; named && !any && i < sweep->point_count; ++i) {
        hg_sweep_spread(&spread, sweep, i, metric);
        any = !isnan(spread.mean);
    }
    return any;
}

enum { METRICS = 8 };

/* What points are compared by comes first: of a wide table a small window shows the first columns alone. */
static size_t choose_metrics(const struct hg_metric *out[METRICS], const struct hg_sweep *sweep)
{
    bool descending;
    size_t count = 0;
    out[count++] = hg_sweep_metric(sweep, &descending);
    for (const struct hg_metric *metric = hg_metric_table; metric->name && count < METRICS; ++metric)
        if (metric != out[0] && is_shown(metric, sweep))
            out[count++] = metric;
    return count;
}

static void add_table(struct hg_html *page, const struct hg_sweep *sweep)
{
    enum { COLUMNS = 3 + METRICS };
    const struct hg_metric *metrics[METRICS];
    char words[METRICS][NUMBER], values[METRICS][NUMBER];
    const char *headings[COLUMNS] = {"rank", "point", ">finished"}, *cells[COLUMNS];
    const size_t shown = choose_metrics(metrics, sweep);
    for (size_t m = 0; m < shown; ++m) {
        words[m][0] = '>';
        hg_metric_words(words[m] + 1, metrics[m]);
        headings[3 + m] = words[m];
    }
    hg_html_table_begin(page, "Mean and sample deviation over the seeds.", headings, 3 + shown);
    for (size_t rank = 0; rank < sweep->point_count && rank < ROWS; ++rank) {
        const struct hg_point *point = &sweep->points[sweep->ranking[rank]];
        char number[NUMBER], finished[NUMBER];
        snprintf(number, sizeof number, "%zu", rank + 1);
        snprintf(finished, sizeof finished, "%zu of %zu", point->finished, sweep->settings->seeds);
        cells[0] = number;
        cells[1] = hg_sweep_point_name(point);
        cells[2] = finished;
        for (size_t m = 0; m < shown; ++m) {
            struct hg_spread spread;
            hg_sweep_spread(&spread, sweep, sweep->ranking[rank], metrics[m]);
            cells[3 + m] = format_spread(values[m], &spread);
        }
        hg_html_table_row(page, headings, cells, 3 + shown);
    }
    hg_html_table_end(page);
    if (sweep->point_count > ROWS)
        hg_html_element(page, "p", "The best %d of %zu; results.csv has every run.", ROWS, sweep->point_count);
}

static enum hg_status add_next(struct hg_html *page, const struct hg_sweep *sweep)
{
    char *command;
    HG_TRY(hg_sweep_best_command(&command, sweep));
    if (command) {
        hg_html_element(page, "h2", "Next");
        hg_html_element(page, "p",
                        "To train the best with its options, on all samples if you add --validation-fraction 0:");
        hg_html_element(page, "pre", "%s", command);
    }
    free(command);
    return HG_OK;
}

enum hg_status hg_sweep_write_page(const struct hg_sweep *sweep)
{
    struct hg_html page = {0};
    char *path = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_path(&path, sweep->settings->out, "sweep.html"));
    hg_html_begin(&page, sweep->settings->out);
    hg_html_element(&page, "h1", "%s", sweep->settings->out);
    add_verdict(&page, sweep);
    add_table(&page, sweep);
    hg_html_markup(&page, "<div class=\"plots\">\n");
    HG_TRY_OR_CLEANUP(hg_sweep_add_plots(&page, sweep));
    hg_html_markup(&page, "</div>\n");
    HG_TRY_OR_CLEANUP(add_next(&page, sweep));
    hg_html_end(&page);
    status = hg_html_write(path, &page);
cleanup:
    hg_html_free(&page);
    free(path);
    return status;
}
