/* The points of a sweep: which options have several values, and every combination of these. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/runs/run.h"
#include "host/training/option_table.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/sweep/sweep.h"

/* A comma is a part of the value of skip_columns, and seeds have an option of their own. */
static bool may_be_list(const struct hg_option *row)
{
    return row->applies && strcmp(row->name, "skip_columns") != 0 &&
           (row->kind != HG_OPTION_FLAG || row->choices != NULL);
}

/* Up to the next comma that is not within brackets, as in the formula ones(3, 1). */
static size_t value_length(const char *text)
{
    const char *at = text;
    for (int depth = 0; *at && (*at != ',' || depth > 0); ++at)
        depth += (*at == '(') - (*at == ')');
    return (size_t)(at - text);
}

static enum hg_status read_axis(struct hg_sweep_axis *axis, const struct hg_option *row, size_t index, const char *text)
{
    *axis = (struct hg_sweep_axis){.option = row, .index = index, .count = 1};
    for (const char *at = text; *(at += value_length(at)); ++at)
        ++axis->count;
    HG_TRY(hg_string_copy(&axis->text, text));
    HG_TRY(hg_allocate(&axis->values, axis->count, "the values of an option"));
    char *at = axis->text;
    for (size_t i = 0; i < axis->count; ++i) {
        axis->values[i] = at;
        at += value_length(at);
        *at++ = '\0';
    }
    return HG_OK;
}

enum hg_status hg_sweep_read_axes(struct hg_sweep *sweep, struct hg_arguments *arguments)
{
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(sweep->command, i)); ++i) {
        const char *text = arguments->values[i];
        if (!text || !text[value_length(text)] || !may_be_list(row))
            continue;
        if (strcmp(row->name, "seed") == 0)
            return hg_fail(HG_USAGE, "seed: %s is a list; give the first one, and their number with --seeds", text);
        if (sweep->axis_count == HG_SWEEP_AXES)
            return hg_fail(HG_USAGE, "%s: is one list too many; give at most %d", row->name, HG_SWEEP_AXES);
        HG_TRY(read_axis(&sweep->axes[sweep->axis_count++], row, i, text));
        arguments->values[i] = NULL;
    }
    return HG_OK;
}

/* The options of the `number`-th combination of values, the last axis changing fastest. */
static enum hg_status set_options(struct hg_point *point, const struct hg_sweep *sweep, size_t number)
{
    struct hg_train_settings settings = *sweep->settings;
    struct hg_arguments values = {.help = false};
    for (size_t a = sweep->axis_count; a-- > 0; number /= sweep->axes[a].count)
        values.values[sweep->axes[a].index] = sweep->axes[a].values[number % sweep->axes[a].count];
    HG_TRY(hg_arguments_apply(&values, sweep->command, &settings));
    HG_TRY(hg_train_options_check(&settings.options));
    if (sweep->compares && settings.options.validation_fraction == 0)
        return hg_fail(HG_USAGE, "validation_fraction: 0 holds nothing out, by which a sweep compares its points; give "
                                 "validation_fraction=0.1, for example");
    point->options = settings.options;
    return HG_OK;
}

/* The value of an axis as a part of a file's name: other characters than these become '_', and what is left of a text
 * that has such, a path or a formula, is followed by its place in the list, since it may look like another. */
static void value_name(char out[HG_OPTION_WORDS], const struct hg_sweep_axis *axis,
                       const struct hg_train_options *options)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";
    enum { LONGEST = 40 };
    char word[HG_OPTION_WORDS];
    const char *value = hg_option_exact(word, axis->option, options);
    size_t place = 0;
    snprintf(out, HG_OPTION_WORDS, "%.*s", LONGEST, value);
    if (strspn(value, plain) == strlen(value) && strlen(value) <= LONGEST)
        return;
    for (char *at = out; *at; ++at)
        *at = strchr(plain, *at) ? *at : '_';
    while (place < axis->count && strcmp(axis->values[place], value) != 0)
        ++place;
    snprintf(out + strlen(out), HG_OPTION_WORDS - strlen(out), "_%zu", place + 1);
}

/* "hidden=128,lr=0.1", the name of a directory. */
static enum hg_status set_name(struct hg_point *point, const struct hg_sweep *sweep)
{
    HG_TRY(hg_string_copy(&point->name, ""));
    for (size_t a = 0; a < sweep->axis_count; ++a) {
        char flag[HG_OPTION_WORD], value[HG_OPTION_WORDS];
        const struct hg_option *option = sweep->axes[a].option;
        char *before = point->name;
        value_name(value, &sweep->axes[a], &point->options);
        const enum hg_status status =
            hg_string_format(&point->name, "%s%s%s=%s", before, a ? "," : "",
                             hg_option_flag(flag, option, hg_command_model(sweep->command)), value);
        free(before);
        HG_TRY(status);
    }
    if (strlen(point->name) > 240)
        return hg_fail(HG_USAGE, "%s: is too long for the name of a directory; give fewer lists", point->name);
    return HG_OK;
}

static enum hg_status set_run(struct hg_sweep_run *run, const struct hg_sweep *sweep, const char *parent, uint64_t seed)
{
    run->seed = seed;
    if (seed > (uint64_t)HG_LARGEST_WHOLE)
        return hg_fail(HG_USAGE, "seed: with %zu of them the last is too large", sweep->settings->seeds);
    HG_TRY(hg_string_format(&run->directory, "%s/seed-%llu", parent, (unsigned long long)seed));
    HG_TRY(hg_string_format(&run->log, "%s.log", run->directory));
    return hg_string_format(&run->mark, "%s.finished", run->directory);
}

static enum hg_status set_point(struct hg_sweep *sweep, size_t number)
{
    struct hg_point *point = &sweep->points[number];
    const size_t seeds = sweep->settings->seeds;
    HG_TRY(set_options(point, sweep, number));
    HG_TRY(set_name(point, sweep));
    for (size_t other = 0; other < number; ++other)
        if (strcmp(sweep->points[other].name, point->name) == 0)
            return hg_fail(HG_USAGE, "%s: is given twice; leave one out", point->name);
    char *parent = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_string_format(&parent, "%s%s%s", sweep->settings->out, *point->name ? "/" : "", point->name));
    HG_TRY_OR_CLEANUP(hg_run_path(&point->config, parent, "config.json"));
    for (size_t k = 0; k < seeds; ++k) {
        struct hg_sweep_run *run = &sweep->runs[number * seeds + k];
        run->point = number;
        HG_TRY_OR_CLEANUP(set_run(run, sweep, parent, sweep->settings->options.seed + k));
    }
cleanup:
    free(parent);
    return status;
}

enum hg_status hg_sweep_fill(struct hg_sweep *sweep)
{
    size_t points = 1;
    for (size_t a = 0; a < sweep->axis_count; ++a) {
        points *= sweep->axes[a].count;
        if (points * sweep->settings->seeds > HG_MOST_RUNS)
            break;
    }
    if (points * sweep->settings->seeds > HG_MOST_RUNS)
        return hg_fail(HG_USAGE, "these lists make more than %d runs; give fewer values or seeds", HG_MOST_RUNS);
    sweep->point_count = points;
    sweep->run_count = points * sweep->settings->seeds;
    HG_TRY(hg_allocate(&sweep->points, sweep->point_count, "the points of the sweep"));
    HG_TRY(hg_allocate(&sweep->runs, sweep->run_count, "the runs of the sweep"));
    HG_TRY(hg_allocate(&sweep->ranking, sweep->point_count, "the ranking of the points"));
    for (size_t number = 0; number < points; ++number)
        HG_TRY(set_point(sweep, number));
    return HG_OK;
}

static enum hg_status require_same(const char *file, const struct hg_train_options *options, const char *data)
{
    struct hg_run_config there;
    char was[HG_OPTION_WORDS], is[HG_OPTION_WORDS];
    enum hg_status status = HG_OK;
    HG_TRY(hg_run_config_read(&there, file));
    if (!there.data || strcmp(there.data, data) != 0)
        status = hg_fail(HG_CANNOT_CREATE, "%s: is of a sweep on other data, %s; give another directory with --out",
                         file, there.data ? there.data : "none");
    for (const struct hg_option *o = hg_train_option_table; status == HG_OK && o->name; ++o) {
        if (o->unsaved || strcmp(hg_option_exact(was, o, &there.options), hg_option_exact(is, o, options)) == 0)
            continue;
        status = hg_fail(HG_CANNOT_CREATE, "%s: is of a sweep with %s=%s, not %s; give another directory with --out",
                         file, o->name, was, is);
    }
    hg_run_config_free(&there);
    return status;
}

/* The directory of a point holds those of its runs, and none of its own. */
static enum hg_status require_no_run(const struct hg_point *point)
{
    static const char *const files[] = {"checkpoint.safetensors", "model.safetensors"};
    const int length = (int)(strrchr(point->config, '/') - point->config);
    for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
        char *path;
        HG_TRY(hg_string_format(&path, "%.*s/%s", length, point->config, files[i]));
        const bool there = access(path, F_OK) == 0;
        free(path);
        if (there)
            return hg_fail(HG_CANNOT_CREATE, "%.*s: holds a run of its own (%s); give another directory with --out",
                           length, point->config, files[i]);
    }
    return HG_OK;
}

static enum hg_status write_point(const struct hg_point *point, const char *data)
{
    char *text = NULL, *parent = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_string_copy(&parent, point->config));
    *strrchr(parent, '/') = '\0';
    HG_TRY_OR_CLEANUP(hg_directory_create(parent, NULL));
    HG_TRY_OR_CLEANUP(hg_run_config_text(&text, &point->options, data));
    HG_TRY_OR_CLEANUP(hg_file_replace_text(point->config, text));
cleanup:
    free(text);
    free(parent);
    return status;
}

static bool is_written(const struct hg_point *point)
{
    return access(point->config, F_OK) == 0;
}

enum hg_status hg_sweep_write_points(struct hg_sweep *sweep)
{
    for (size_t i = 0; i < sweep->point_count; ++i) { /* all are checked before one is written */
        HG_TRY(require_no_run(&sweep->points[i]));
        if (is_written(&sweep->points[i]))
            HG_TRY(require_same(sweep->points[i].config, &sweep->points[i].options, sweep->data));
    }
    for (size_t i = 0; i < sweep->point_count; ++i)
        if (!is_written(&sweep->points[i]))
            HG_TRY(write_point(&sweep->points[i], sweep->data));
    return HG_OK;
}

void hg_sweep_free(struct hg_sweep *sweep)
{
    for (size_t i = 0; sweep->runs && i < sweep->run_count; ++i) {
        free(sweep->runs[i].directory);
        free(sweep->runs[i].log);
        free(sweep->runs[i].mark);
        free(sweep->runs[i].reason);
    }
    for (size_t i = 0; sweep->points && i < sweep->point_count; ++i) {
        free(sweep->points[i].name);
        free(sweep->points[i].config);
    }
    for (size_t a = 0; a < sweep->axis_count; ++a) {
        free(sweep->axes[a].values);
        free(sweep->axes[a].text);
    }
    free(sweep->ranking);
    free(sweep->runs);
    free(sweep->points);
    free(sweep->data);
}
