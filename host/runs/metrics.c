/* metrics.jsonl: a line an epoch. */
#include "host/runs/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/formats/json.h"
#include "host/training/metric_table.h"
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

static enum hg_status judge_line(bool *kept, const char *path, const char *line, uint64_t epochs_done)
{
    cJSON *object;
    HG_TRY(hg_json_parse(&object, line, strlen(line), NULL, path));
    const cJSON *epoch = cJSON_GetObjectItemCaseSensitive(object, "epoch");
    *kept = cJSON_IsNumber(epoch) && epoch->valuedouble <= (double)epochs_done;
    cJSON_Delete(object);
    return HG_OK;
}

enum hg_status hg_run_trim_metrics(struct hg_run *run, uint64_t epochs_done)
{
    char *path = NULL, *text = NULL, *kept = NULL;
    size_t size, kept_size = 0;
    HG_TRY(hg_run_path(&path, hg_run_directory(run), "metrics.jsonl"));
    enum hg_status status = HG_OK;
    if (access(path, F_OK) != 0)
        goto cleanup; /* interrupted in its first epoch: no line yet */
    HG_TRY_OR_CLEANUP(hg_file_read(&text, &size, path, METRICS_LIMIT));
    HG_TRY_OR_CLEANUP(hg_allocate(&kept, size + 1, path));
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        bool keeps;
        HG_TRY_OR_CLEANUP(judge_line(&keeps, path, line, epochs_done));
        if (keeps)
            kept_size += (size_t)sprintf(kept + kept_size, "%s\n", line);
    }
    if (kept_size != size)
        HG_TRY_OR_CLEANUP(hg_file_replace_text(path, kept));

cleanup:
    free(kept);
    free(text);
    free(path);
    return status;
}

static enum hg_status read_line(struct hg_metrics *out, const char *path, const char *line)
{
    cJSON *object;
    HG_TRY(hg_json_parse(&object, line, strlen(line), NULL, path));
    for (const struct hg_metric *metric = hg_metric_table; metric->name; ++metric) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, metric->name);
        void *field = (char *)out + metric->offset;
        if (metric->whole)
            *(size_t *)field = cJSON_IsNumber(item) ? (size_t)item->valuedouble : 0;
        else
            *(double *)field = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
    }
    cJSON_Delete(object);
    return HG_OK;
}

enum hg_status hg_run_kept_metrics(struct hg_metrics *out, const char *directory, enum hg_keep keep)
{
    char *path = NULL, *text = NULL;
    enum hg_status status = HG_OK;
    *out = (struct hg_metrics){.epoch = 0};
    HG_TRY(hg_run_path(&path, directory, "metrics.jsonl"));
    HG_TRY_OR_CLEANUP(hg_file_read(&text, NULL, path, METRICS_LIMIT));
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        struct hg_metrics metrics = {.epoch = 0};
        *end = '\0';
        HG_TRY_OR_CLEANUP(read_line(&metrics, path, line));
        /* As training chooses: the first of the least losses; the last epoch where nothing is held out. */
        if (keep == HG_KEEP_LAST || out->epoch == 0 || !(metrics.validation_loss >= out->validation_loss))
            *out = metrics;
    }
    if (out->epoch == 0)
        status = hg_fail(HG_BAD_DATA, "%s: has no epoch", path);
cleanup:
    free(text);
    free(path);
    return status;
}
