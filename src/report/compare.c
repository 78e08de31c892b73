/* Several runs side by side: what differs between them, and what came of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/metric_table.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/report/report.h"

/* A table under way: a column for each run. */
struct comparison {
    struct hg_html *page;
    const struct hg_report_run *runs;
    size_t count;
    const char **headings, **cells; /* [1 + count] */
    char (*texts)[HG_OPTION_WORDS]; /* [count] */
};

static const char no_value[] = "–";

static void comparison_free(struct comparison *c)
{
    free(c->texts);
    free(c->cells);
    free(c->headings);
}

/* Adds the row of the cells where two of them differ, or `always`. */
static void add_row(struct comparison *c, const char *name, bool always)
{
    bool differ = always;
    c->cells[0] = name;
    for (size_t i = 0; i < c->count; ++i)
        differ |= strcmp(c->cells[1 + i], c->cells[1]) != 0;
    if (differ)
        hg_html_table_row(c->page, c->headings, c->cells, 1 + c->count);
}

enum { OPTION_NAMES = 2 * HG_OPTION_WORD + 8 };

/* "--epochs"; "--latent, --hidden" where the models of the runs have different names for it. */
static const char *name_option(char *out, const struct comparison *c, const struct hg_option *row)
{
    char first[HG_OPTION_WORD], other[HG_OPTION_WORD] = "";
    size_t same = 1;
    hg_option_flag(first, row, c->runs[0].config.options.model);
    while (same < c->count && strcmp(hg_option_flag(other, row, c->runs[same].config.options.model), first) == 0)
        ++same;
    if (same < c->count)
        snprintf(out, OPTION_NAMES, "--%s, --%s", first, other);
    else
        snprintf(out, OPTION_NAMES, "%s%s", row->applies ? "--" : "", first);
    return out;
}

static void add_option(struct comparison *c, const struct hg_option *row)
{
    char name[OPTION_NAMES];
    for (size_t i = 0; i < c->count; ++i) {
        const struct hg_train_options *o = &c->runs[i].config.options;
        const bool applies = row->applies == 0 || row->applies & 1U << o->model;
        const char *value = applies ? hg_option_exact(c->texts[i], row, o) : no_value;
        c->cells[1 + i] = *value ? value : no_value;
    }
    add_row(c, name_option(name, c, row), false);
}

/* What belongs to one epoch alone compares nothing. */
static bool is_result(const struct hg_metric *metric)
{
    static const char *const others[] = {"step", "lr", "seconds", "samples_per_second"};
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i)
        if (strcmp(metric->name, others[i]) == 0)
            return false;
    return true;
}

static void add_metric(struct comparison *c, const struct hg_metric *metric)
{
    char name[HG_METRIC_WORDS];
    bool any = false;
    for (size_t i = 0; i < c->count; ++i) {
        const double value = c->runs[i].kept ? hg_metric_value(metric, c->runs[i].kept) : (double)NAN;
        any |= isfinite(value);
        snprintf(c->texts[i], sizeof *c->texts, metric->whole ? "%.0f" : "%.5g", value);
        c->cells[1 + i] = isfinite(value) ? c->texts[i] : no_value;
    }
    if (any)
        add_row(c, hg_metric_words(name, metric), true);
}

enum hg_status hg_report_add_comparison(struct hg_html *page, const struct hg_report_run *runs, size_t count)
{
    struct comparison c = {.page = page, .runs = runs, .count = count};
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&c.headings, 1 + count, "a table of the page"));
    HG_TRY_OR_CLEANUP(hg_allocate(&c.cells, 1 + count, "a table of the page"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&c.texts, count, sizeof *c.texts, "a table of the page"));
    c.headings[0] = "";
    for (size_t i = 0; i < count; ++i)
        c.headings[1 + i] = runs[i].path;
    hg_html_table_begin(page, "Options that differ, and the metrics of the epoch whose weights are kept.", c.headings,
                        1 + count);
    for (const struct hg_option *row = hg_train_option_table; row->name; ++row)
        add_option(&c, row);
    for (size_t i = 0; i < count; ++i)
        c.cells[1 + i] = runs[i].config.data ? runs[i].config.data : no_value;
    add_row(&c, "data", false);
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric)
        if (is_result(metric))
            add_metric(&c, metric);
    hg_html_table_end(page);
cleanup:
    comparison_free(&c);
    return status;
}

/* What a run is ranked by, the least first; NAN: nothing. */
static double rank_of(const struct hg_report_run *run)
{
    if (run->config.options.model == HG_MLP)
        return run->kept ? -run->kept->validation_accuracy : (double)NAN;
    return run->train_optimum > 0 ? run->train_loss / run->train_optimum - 1 : (double)NAN;
}

/* What it is ranked by, as it is told: samples right, or loss above the least, in percent. */
static double percent_of(const struct hg_report_run *run)
{
    const double rank = 100 * rank_of(run);
    return run->config.options.model == HG_MLP ? -rank : fmax(rank, 0); /* rounding may lead below the least loss */
}

static bool is_comparable(const struct hg_report_run *run, const struct hg_report_run *first)
{
    const char *data = run->config.data, *other = first->config.data;
    return isfinite(rank_of(run)) && run->config.options.model == first->config.options.model && data && other &&
           strcmp(data, other) == 0;
}

void hg_report_add_ranking(struct hg_html *page, const struct hg_report_run *runs, size_t count)
{
    const struct hg_report_run *best = runs, *worst = runs;
    for (size_t i = 0; i < count; ++i) {
        if (!is_comparable(&runs[i], runs))
            return;
        best = rank_of(&runs[i]) < rank_of(best) ? &runs[i] : best;
        worst = rank_of(&runs[i]) > rank_of(worst) ? &runs[i] : worst;
    }
    const bool classify = runs[0].config.options.model == HG_MLP;
    const double of_best = percent_of(best), of_worst = percent_of(worst);
    hg_html_markup(page, "<p class=\"verdict\">");
    if (of_best == of_worst && classify)
        hg_html_text(page, "By the samples held out none is better than another: each is right on %.2f %%.", of_best);
    else if (of_best == of_worst)
        hg_html_text(page, "Each is as near to the least possible loss as another, %.2f %% above it.", of_best);
    else if (classify)
        hg_html_text(page,
                     "By the samples held out the best is %s, right on %.2f %% of them; the last is %s, right on "
                     "%.2f %%.",
                     best->path, of_best, worst->path, of_worst);
    else
        hg_html_text(page,
                     "Nearest to the least possible loss is %s, %.2f %% above it; farthest is %s, %.2f %% above it.",
                     best->path, of_best, worst->path, of_worst);
    hg_html_markup(page, "</p>\n");
}
