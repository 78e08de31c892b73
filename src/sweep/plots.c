/* The plots of a sweep's page. */
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/plot.h"
#include "src/sweep/sweep.h"

enum {
    LINES = 12, /* of a plot */
    CURVES = 6  /* points whose training is drawn */
};

/* The lines of a plot: their numbers and names are its own. */
struct lines {
    struct hg_series series[LINES];
    double *numbers[LINES]; /* [2 count]: x, then y */
    char *names[LINES];
    size_t count;
};

static void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < LINES; ++i) {
        free(lines->numbers[i]);
        free(lines->names[i]);
    }
}

/* Makes room for another line of `points` points. */
static enum hg_status add_line(struct lines *lines, size_t points, const char *name)
{
    const size_t i = lines->count;
    HG_TRY(hg_allocate(&lines->numbers[i], 2 * points, "the points of a plot"));
    HG_TRY(hg_string_copy(&lines->names[i], name));
    lines->series[i] = (struct hg_series){
        .name = lines->names[i], .count = points, .x = lines->numbers[i], .y = lines->numbers[i] + points};
    ++lines->count;
    return HG_OK;
}

static bool is_numeric(const struct hg_option *option)
{
    return option->kind == HG_OPTION_SIZE || option->kind == HG_OPTION_INT || option->kind == HG_OPTION_REAL;
}

static double number_of(const struct hg_option *option, const struct hg_train_options *options)
{
    const void *field = (const char *)options + option->offset;
    if (option->kind == HG_OPTION_REAL)
        return *(const double *)field;
    return option->kind == HG_OPTION_INT ? (double)*(const int *)field : (double)*(const size_t *)field;
}

/* From one value of the axis to the next, in the order of points: the last axis changes fastest. */
static size_t stride_of(const struct hg_sweep *sweep, size_t axis)
{
    size_t stride = 1;
    for (size_t a = axis + 1; a < sweep->axis_count; ++a)
        stride *= sweep->axes[a].count;
    return stride;
}

/* The values that the other axes have at a point: "hidden=128, momentum=0.9". */
static enum hg_status name_of_others(char **out, const struct hg_sweep *sweep, size_t axis, size_t point)
{
    HG_TRY(hg_string_copy(out, ""));
    for (size_t a = 0; a < sweep->axis_count; ++a) {
        char flag[HG_OPTION_WORD], *before = *out;
        const struct hg_sweep_axis *other = &sweep->axes[a];
        if (a == axis)
            continue;
        const enum hg_status status =
            hg_string_format(out, "%s%s%s=%s", before, *before ? ", " : "",
                             hg_option_flag(flag, other->option, hg_command_model(sweep->command)),
                             other->values[point / stride_of(sweep, a) % other->count]);
        free(before);
        HG_TRY(status);
    }
    return HG_OK;
}

/* The points in ascending order of x, which users need not keep to. */
static void fill_line(const struct hg_sweep *sweep, size_t axis, size_t first, const struct hg_metric *metric,
                      double *numbers)
{
    const size_t count = sweep->axes[axis].count, stride = stride_of(sweep, axis);
    for (size_t k = 0; k < count; ++k) {
        struct hg_spread spread;
        const double x = number_of(sweep->axes[axis].option, &sweep->points[first + k * stride].options);
        size_t at = k;
        hg_sweep_spread(&spread, sweep, first + k * stride, metric);
        for (; at > 0 && numbers[at - 1] > x; --at) {
            numbers[at] = numbers[at - 1];
            numbers[count + at] = numbers[count + at - 1];
        }
        numbers[at] = x;
        numbers[count + at] = spread.mean;
    }
}

static enum hg_axis_kind axis_kind(const struct hg_option *option, const struct lines *lines)
{
    const struct hg_series *s = &lines->series[0];
    if (s->x[0] > 0 && s->x[s->count - 1] >= 8 * s->x[0])
        return HG_AXIS_LOG;
    return option->kind == HG_OPTION_REAL ? HG_AXIS_LINEAR : HG_AXIS_WHOLE;
}

/* Adds a plot of what points are compared by. */
static void add_plot(struct hg_html *page, const struct hg_sweep *sweep, const struct lines *lines, const char *title,
                     const char *x_label, enum hg_axis_kind x_kind)
{
    bool descending;
    char words[HG_METRIC_WORDS];
    hg_metric_words(words, hg_sweep_metric(sweep, &descending));
    hg_plot_add(page, &(struct hg_plot){.title = title,
                                        .x_label = x_label,
                                        .y_label = words,
                                        .x_kind = x_kind,
                                        .y_kind = descending ? HG_AXIS_LINEAR : HG_AXIS_LOG,
                                        .series = lines->series,
                                        .count = lines->count});
}

/* What points are compared by, over the values of one option; a line for each combination of the others. */
static enum hg_status add_axis(struct hg_html *page, const struct hg_sweep *sweep, size_t axis)
{
    bool descending;
    char flag[HG_OPTION_WORD], label[HG_OPTION_WORD + 2], title[HG_OPTION_WORD + 8];
    const struct hg_option *option = sweep->axes[axis].option;
    const struct hg_metric *metric = hg_sweep_metric(sweep, &descending);
    const size_t count = sweep->axes[axis].count, stride = stride_of(sweep, axis);
    struct lines lines = {.count = 0};
    enum hg_status status = HG_OK;
    if (!is_numeric(option) || sweep->point_count / count > LINES)
        return HG_OK;
    for (size_t first = 0; first < sweep->point_count; ++first) {
        char *name;
        if (first / stride % count != 0)
            continue;
        HG_TRY_OR_CLEANUP(name_of_others(&name, sweep, axis, first));
        status = add_line(&lines, count, *name ? name : "mean of the seeds");
        free(name);
        HG_TRY_OR_CLEANUP(status);
        fill_line(sweep, axis, first, metric, lines.numbers[lines.count - 1]);
    }
    snprintf(label, sizeof label, "--%s", hg_option_flag(flag, option, hg_command_model(sweep->command)));
    snprintf(title, sizeof title, "By %s", label);
    if (lines.count > 0)
        add_plot(page, sweep, &lines, title, label, axis_kind(option, &lines));
cleanup:
    lines_free(&lines);
    return status;
}

/* Adds the line of a run's metric over its epochs, unless it has none. */
static enum hg_status add_curve(struct lines *lines, const struct hg_sweep *sweep, size_t point,
                                const struct hg_metric *metric)
{
    struct hg_history history;
    HG_TRY(hg_history_read(&history, sweep->runs[point * sweep->settings->seeds].directory));
    const size_t count = history.count;
    const enum hg_status status = count ? add_line(lines, count, hg_sweep_point_name(&sweep->points[point])) : HG_OK;
    for (size_t i = 0; status == HG_OK && i < count; ++i) {
        double *numbers = lines->numbers[lines->count - 1];
        numbers[i] = (double)history.epochs[i].epoch;
        numbers[count + i] = hg_metric_value(metric, &history.epochs[i]);
    }
    hg_history_free(&history);
    return status;
}

static enum hg_status add_curves(struct hg_html *page, const struct hg_sweep *sweep)
{
    bool descending;
    const struct hg_metric *metric = hg_sweep_metric(sweep, &descending);
    struct lines lines = {.count = 0};
    enum hg_status status = HG_OK;
    for (size_t rank = 0; rank < sweep->point_count && rank < CURVES; ++rank)
        HG_TRY_OR_CLEANUP(add_curve(&lines, sweep, sweep->ranking[rank], metric));
    if (lines.count > 0)
        add_plot(page, sweep, &lines, "The best points, their first seeds", "epoch", HG_AXIS_WHOLE);
cleanup:
    lines_free(&lines);
    return status;
}

enum hg_status hg_sweep_add_plots(struct hg_html *page, const struct hg_sweep *sweep)
{
    for (size_t a = 0; a < sweep->axis_count; ++a)
        HG_TRY(add_axis(page, sweep, a));
    return add_curves(page, sweep);
}
