/* What a sweep tells: a table, one JSON object, and results.csv. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "host/training/option_table.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/json.h"
#include "src/sweep/sweep.h"

static const char *const state_names[] = {
    [HG_RUN_WAITS] = "waiting", [HG_RUN_RUNS] = "running", [HG_RUN_FINISHED] = "finished", [HG_RUN_FAILED] = "failed"};

const char *hg_sweep_point_name(const struct hg_point *point)
{
    return *point->name ? point->name : "these options";
}

static const char *first_reason(const struct hg_sweep *sweep, size_t point)
{
    for (size_t k = 0; k < sweep->settings->seeds; ++k)
        if (sweep->runs[point * sweep->settings->seeds + k].reason)
            return sweep->runs[point * sweep->settings->seeds + k].reason;
    return "";
}

static bool is_part(const struct hg_metric *metric)
{
    return metric->summary && (strncmp(metric->name, "validation", strlen("validation")) == 0 ||
                               strncmp(metric->name, "test", strlen("test")) == 0);
}

/* Accuracies and losses of a point as "name mean ± deviation (least to most)". */
static void print_point(const struct hg_sweep *sweep, size_t rank)
{
    const size_t index = sweep->ranking[rank], seeds = sweep->settings->seeds;
    const struct hg_point *point = &sweep->points[index];
    printf("%3zu  %s\n", rank + 1, hg_sweep_point_name(point));
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        struct hg_spread spread;
        hg_sweep_spread(&spread, sweep, index, metric);
        if (!is_part(metric) || isnan(spread.mean))
            continue;
        printf("       %-20s %.5g", metric->name, spread.mean);
        if (!isnan(spread.deviation))
            printf(" ± %.2g  (%.5g to %.5g)", spread.deviation, spread.least, spread.most);
        putchar('\n');
    }
    if (point->failed)
        printf("       %zu of %zu failed: %s\n", point->failed, seeds, first_reason(sweep, index));
}

/* As many as the spread leaves a meaning, and two more. */
static int digits_for(double value, double deviation)
{
    if (!(deviation > 0) || value == 0)
        return 5;
    return (int)fmin(fmax(3 + log10(fabs(value) / deviation), 3), 9);
}

/* A value with its unit, as wide as a column of the table of seeds. */
static void print_cell(const struct hg_metric *metric, double value, double deviation)
{
    char text[32];
    if (isnan(value))
        snprintf(text, sizeof text, "-");
    else if (strcmp(metric->unit, "0 to 1") == 0)
        snprintf(text, sizeof text, "%.2f %%", 100 * value);
    else
        snprintf(text, sizeof text, "%.*g", digits_for(value, deviation), value);
    printf("  %12s", text);
}

static void print_seeds(const struct hg_sweep *sweep)
{
    const size_t seeds = sweep->settings->seeds;
    const struct hg_point *point = &sweep->points[0];
    printf("%-20s  %12s  %12s  %12s  %12s\n", "", "mean", "deviation", "least", "most");
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        struct hg_spread spread;
        hg_sweep_spread(&spread, sweep, 0, metric);
        if (!metric->summary || metric->whole || isnan(spread.mean))
            continue;
        printf("%-20s", metric->name);
        print_cell(metric, spread.mean, spread.deviation);
        print_cell(metric, spread.deviation, spread.deviation);
        print_cell(metric, spread.least, spread.deviation);
        print_cell(metric, spread.most, spread.deviation);
        putchar('\n');
    }
    printf("\nOver %zu of %zu seeds, from %llu on; the deviation is the sample deviation.\n", point->finished, seeds,
           (unsigned long long)point->options.seed);
    if (point->failed)
        printf("%zu failed: %s\n", point->failed, first_reason(sweep, 0));
    printf("Every run: %s/results.csv\n", sweep->settings->out);
}

static enum hg_status print_next(const struct hg_sweep *sweep)
{
    char *command;
    HG_TRY(hg_sweep_best_command(&command, sweep));
    if (command)
        printf("\nNext, the best by validation:\n  %s\n", command);
    free(command);
    return HG_OK;
}

enum hg_status hg_sweep_print(const struct hg_sweep *sweep)
{
    bool descending;
    if (!sweep->compares) {
        print_seeds(sweep);
        return HG_OK;
    }
    const struct hg_metric *metric = hg_sweep_metric(sweep, &descending);
    printf("By %s, the %s first; mean ± sample deviation over %zu seed%s. The test set chose nothing.\n", metric->name,
           descending ? "largest" : "least", sweep->settings->seeds, sweep->settings->seeds == 1 ? "" : "s");
    for (size_t rank = 0; rank < sweep->point_count; ++rank)
        print_point(sweep, rank);
    printf("\nEvery run: %s/results.csv\nThe page:  %s/sweep.html\n", sweep->settings->out, sweep->settings->out);
    return print_next(sweep);
}

static void add_spread(struct hg_json *json, const struct hg_spread *spread, const char *name)
{
    const char *const ends[] = {"mean", "deviation", "least", "most"};
    const double values[] = {spread->mean, spread->deviation, spread->least, spread->most};
    char key[64];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; ++i) {
        snprintf(key, sizeof key, "%s_%s", name, ends[i]);
        hg_json_number(json, key, values[i]);
    }
}

static void add_point(struct hg_json *object, const struct hg_sweep *sweep, size_t index)
{
    const struct hg_point *point = &sweep->points[index];
    hg_json_text(object, "config", point->config);
    hg_json_number(object, "finished", (double)point->finished);
    hg_json_number(object, "failed", (double)point->failed);
    if (*first_reason(sweep, index))
        hg_json_text(object, "reason", first_reason(sweep, index));
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        struct hg_spread spread;
        hg_sweep_spread(&spread, sweep, index, metric);
        if (metric->summary)
            add_spread(object, &spread, metric->summary);
    }
}

static void add_points(struct hg_json *json, const struct hg_sweep *sweep)
{
    hg_json_array(json, "points");
    for (size_t rank = 0; rank < sweep->point_count; ++rank) {
        struct hg_json *object = hg_json_append(json, "points");
        hg_json_text(object, "name", sweep->points[sweep->ranking[rank]].name);
        add_point(object, sweep, sweep->ranking[rank]);
    }
}

static void add_runs(struct hg_json *json, const struct hg_sweep *sweep)
{
    hg_json_array(json, "runs");
    for (size_t i = 0; i < sweep->run_count; ++i) {
        struct hg_json *object = hg_json_append(json, "runs");
        hg_json_number(object, "seed", (double)sweep->runs[i].seed);
        hg_json_text(object, "state", state_names[sweep->runs[i].state]);
        hg_json_text(object, "run", sweep->runs[i].directory);
    }
}

enum hg_status hg_sweep_print_json(const struct hg_sweep *sweep)
{
    bool descending;
    struct hg_json *json = hg_json_create();
    hg_json_text(json, "model", hg_model_names[sweep->settings->options.model]);
    hg_json_number(json, "seeds", (double)sweep->settings->seeds);
    if (sweep->compares) {
        hg_json_text(json, "chosen_by", hg_sweep_metric(sweep, &descending)->name);
        add_points(json, sweep);
    } else {
        add_point(json, sweep, 0);
        add_runs(json, sweep);
    }
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

static void write_field(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; ++text)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

static void write_rows(FILE *to, const struct hg_sweep *sweep)
{
    char word[HG_OPTION_WORDS];
    for (size_t a = 0; a < sweep->axis_count; ++a)
        fprintf(to, "%s,", sweep->axes[a].option->name);
    fputs("seed,state,run,reason", to);
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric)
        fprintf(to, ",%s%s", strcmp(metric->name, "lr") == 0 ? "last_" : "", metric->name);
    fputc('\n', to);
    for (size_t i = 0; i < sweep->run_count; ++i) {
        const struct hg_sweep_run *run = &sweep->runs[i];
        for (size_t a = 0; a < sweep->axis_count; ++a, fputc(',', to))
            write_field(to, hg_option_exact(word, sweep->axes[a].option, &sweep->points[run->point].options));
        fprintf(to, "%llu,%s,", (unsigned long long)run->seed, state_names[run->state]);
        write_field(to, run->directory);
        fputc(',', to);
        write_field(to, run->reason ? run->reason : "");
        for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
            const double value = hg_metric_value(metric, &run->metrics);
            if (run->state == HG_RUN_FINISHED && isfinite(value))
                fprintf(to, ",%.17g", value);
            else
                fputc(',', to);
        }
        fputc('\n', to);
    }
}

enum hg_status hg_sweep_write_csv(const struct hg_sweep *sweep)
{
    char *path = NULL, *text = NULL;
    size_t size;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_path(&path, sweep->settings->out, "results.csv"));
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        status = hg_fail_out_of_memory(path);
        goto cleanup;
    }
    write_rows(to, sweep);
    status = fclose(to) == 0 ? hg_file_replace_text(path, text) : hg_fail_out_of_memory(path);
cleanup:
    free(text);
    free(path);
    return status;
}
