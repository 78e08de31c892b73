/* metrics.jsonl: a line an epoch. */
#include "host/runs/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/formats/json.h"
#include "host/training/metric_table.h"
#include "host/training/option.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* A line has about 300 bytes; handgrad writes no file larger than this. */
enum { METRICS_LIMIT = 1 << 30 };

/* A value that does not apply is left out. */
static bool add(cJSON *object, const char *name, double value)
{
    return !isfinite(value) || cJSON_AddNumberToObject(object, name, value);
}

enum hg_status hg_run_append_metrics(struct hg_run *run, const struct hg_metrics *m)
{
    char *path = NULL, *line = NULL;
    HG_TRY(hg_run_path(&path, hg_run_directory(run), "metrics.jsonl"));
    cJSON *object = cJSON_CreateObject();
    bool complete = object != NULL;
    for (const struct hg_metric *metric = hg_metric_table; complete && metric->name; ++metric)
        complete = add(object, metric->name, hg_metric_value(metric, m));
    if (complete)
        line = cJSON_PrintUnformatted(object);
    const enum hg_status status = line ? hg_file_append_line(path, line) : hg_fail_out_of_memory("a line of metrics");
    free(line);
    cJSON_Delete(object);
    free(path);
    return status;
}

/* Every metric of a line; epoch 0: the line is damaged. */
static enum hg_status read_line(struct hg_metrics *out, const char *path, const char *line, size_t length)
{
    cJSON *object;
    const char *stop;
    HG_TRY(hg_json_parse(&object, line, length, &stop, path));
    *out = (struct hg_metrics){.epoch = 0};
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, metric->name);
        const double value = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
        void *field = (char *)out + metric->offset;
        if (!metric->whole)
            *(double *)field = value;
        else
            *(size_t *)field = value >= 0 && value <= HG_LARGEST_WHOLE ? (size_t)value : 0;
    }
    cJSON_Delete(object);
    return HG_OK;
}

static enum hg_status read_text(char **out, size_t *size, char **path, const char *directory)
{
    *out = NULL;
    *size = 0;
    HG_TRY(hg_run_path(path, directory, "metrics.jsonl"));
    if (access(*path, F_OK) != 0) /* interrupted in its first epoch, or nothing was trained */
        return hg_string_copy(out, "");
    return hg_file_read(out, size, *path, METRICS_LIMIT);
}

enum hg_status hg_run_trim_metrics(struct hg_run *run, uint64_t epochs_done)
{
    char *path = NULL, *text = NULL, *kept = NULL;
    size_t size, kept_size = 0;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(read_text(&text, &size, &path, hg_run_directory(run)));
    HG_TRY_OR_CLEANUP(hg_allocate(&kept, size + 1, path));
    for (char *line = text, *end; (end = memchr(line, '\n', size - (size_t)(line - text))); line = end + 1) {
        const size_t length = (size_t)(end - line);
        struct hg_metrics metrics;
        HG_TRY_OR_CLEANUP(read_line(&metrics, path, line, length));
        if (metrics.epoch == 0 || metrics.epoch > epochs_done)
            continue;
        memcpy(kept + kept_size, line, length + 1);
        kept_size += length + 1;
    }
    if (kept_size != size)
        status = hg_file_replace_text(path, kept);

cleanup:
    free(kept);
    free(text);
    free(path);
    return status;
}

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = size > 0 && text[size - 1] != '\n';
    for (size_t i = 0; i < size; ++i)
        lines += text[i] == '\n';
    return lines;
}

enum hg_status hg_history_read(struct hg_history *out, const char *directory)
{
    char *path = NULL, *text = NULL;
    size_t size;
    struct hg_history history = {0};
    enum hg_status status;
    HG_TRY_OR_CLEANUP(read_text(&text, &size, &path, directory));
    history.lines = count_lines(text, size);
    HG_TRY_OR_CLEANUP(hg_allocate(&history.epochs, history.lines, path));
    const char *line = text;
    for (size_t i = 0; i < history.lines; ++i) {
        const size_t left = size - (size_t)(line - text);
        const char *end = memchr(line, '\n', left);
        const size_t length = end ? (size_t)(end - line) : left;
        struct hg_metrics *metrics = &history.epochs[history.count];
        HG_TRY_OR_CLEANUP(read_line(metrics, path, line, length));
        history.count += metrics->epoch > 0;
        line += length + 1;
    }
    history.damaged = history.lines - history.count;
    *out = history;
    history = (struct hg_history){0}; /* the caller's */
cleanup:
    hg_history_free(&history);
    free(text);
    free(path);
    return status;
}

void hg_history_free(struct hg_history *history)
{
    free(history->epochs);
    *history = (struct hg_history){0};
}

const struct hg_metrics *hg_history_kept(const struct hg_history *history, enum hg_keep keep)
{
    const struct hg_metrics *kept = NULL;
    for (size_t i = 0; i < history->count; ++i)
        if (keep == HG_KEEP_LAST || !kept || !(history->epochs[i].validation_loss >= kept->validation_loss))
            kept = &history->epochs[i];
    return kept;
}
