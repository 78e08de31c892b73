/* How the points of a sweep compare. */
#include <math.h>
#include <stdlib.h>

#include "host/models/model_file.h"
#include "host/training/metric_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/sweep/sweep.h"

const struct hg_metric *hg_sweep_metric(const struct hg_sweep *sweep, bool *descending)
{
    *descending = sweep->settings->options.model == HG_MLP;
    return hg_metric_find(*descending ? "validation_accuracy" : "validation_loss");
}

void hg_sweep_spread(struct hg_spread *out, const struct hg_sweep *sweep, size_t point, const struct hg_metric *metric)
{
    const size_t seeds = sweep->settings->seeds;
    const struct hg_sweep_run *runs = &sweep->runs[point * seeds];
    double sum = 0, squares = 0, count = 0;
    *out = (struct hg_spread){NAN, NAN, NAN, NAN};
    for (size_t k = 0; k < seeds; ++k) {
        const double value = hg_metric_value(metric, &runs[k].metrics);
        if (runs[k].state != HG_RUN_FINISHED || isnan(value))
            continue;
        sum += value;
        ++count;
        out->least = fmin(out->least, value); /* of NAN and a number: the number */
        out->most = fmax(out->most, value);
    }
    if (count == 0)
        return;
    out->mean = sum / count;
    for (size_t k = 0; k < seeds; ++k) {
        const double value = hg_metric_value(metric, &runs[k].metrics);
        if (runs[k].state == HG_RUN_FINISHED && !isnan(value))
            squares += (value - out->mean) * (value - out->mean);
    }
    if (count > 1)
        out->deviation = sqrt(squares / (count - 1));
}

bool hg_sweep_is_complete(const struct hg_sweep *sweep, size_t point)
{
    return sweep->points[point].finished == sweep->settings->seeds;
}

size_t hg_sweep_failures(const struct hg_sweep *sweep)
{
    size_t failed = 0;
    for (size_t i = 0; i < sweep->point_count; ++i)
        failed += sweep->points[i].failed;
    return failed;
}

/* Whether `a` comes before `b`. */
static bool better(const struct hg_sweep *sweep, size_t a, size_t b)
{
    bool descending;
    struct hg_spread of_a, of_b;
    const struct hg_metric *metric = hg_sweep_metric(sweep, &descending);
    const bool a_complete = hg_sweep_is_complete(sweep, a);
    if (a_complete != hg_sweep_is_complete(sweep, b))
        return a_complete;
    hg_sweep_spread(&of_a, sweep, a, metric);
    hg_sweep_spread(&of_b, sweep, b, metric);
    if (isnan(of_a.mean) || isnan(of_b.mean))
        return !isnan(of_a.mean) && isnan(of_b.mean);
    return descending ? of_a.mean > of_b.mean : of_a.mean < of_b.mean;
}

void hg_sweep_rank(struct hg_sweep *sweep)
{
    for (size_t i = 0; i < sweep->point_count; ++i)
        sweep->points[i].finished = sweep->points[i].failed = 0;
    for (size_t i = 0; i < sweep->run_count; ++i) {
        sweep->points[sweep->runs[i].point].finished += sweep->runs[i].state == HG_RUN_FINISHED;
        sweep->points[sweep->runs[i].point].failed += sweep->runs[i].state == HG_RUN_FAILED;
    }
    for (size_t i = 0; i < sweep->point_count; ++i) { /* insertion: equal points stay in the order of the grid */
        size_t at = i;
        for (; at > 0 && better(sweep, i, sweep->ranking[at - 1]); --at)
            sweep->ranking[at] = sweep->ranking[at - 1];
        sweep->ranking[at] = i;
    }
}

enum hg_status hg_sweep_best_command(char **out, const struct hg_sweep *sweep)
{
    const struct hg_point *best = &sweep->points[sweep->ranking[0]];
    char *config;
    *out = NULL;
    if (!hg_sweep_is_complete(sweep, sweep->ranking[0]))
        return HG_OK;
    HG_TRY(hg_shell_quote(&config, best->config));
    const enum hg_status status =
        hg_string_format(out, "handgrad train %s --config %s", hg_model_names[best->options.model], config);
    free(config);
    return status;
}
