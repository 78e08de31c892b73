#include <stdio.h>

#include "handgrad/check.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/output/json.h"
#include "src/output/table.h"

enum { WITHOUT_AUTO = 1 };

struct crosscheck_settings {
    const char *backend;
    int threads;
    bool json;
};

static const struct hg_option options[] = {
    HG_BACKEND_OPTION(struct crosscheck_settings, HG_GROUP_OPTIONS, hg_backend_choices + WITHOUT_AUTO,
                      "which backend to check"),
    HG_THREADS_OPTION(struct crosscheck_settings, HG_GROUP_OPTIONS),
    HG_JSON_OPTION(struct crosscheck_settings, HG_GROUP_OPTIONS, "table"),
    {.name = NULL},
};

static void print_table(const struct hg_crosscheck_report *report)
{
    hg_table_cell("op", 22);
    hg_table_cell("size", 30);
    printf("%12s %10s\n", "worst error", "limit");
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_crosscheck_row *row = &report->rows[i];
        hg_table_cell(row->op, 22);
        hg_table_cell(row->size, 30);
        printf("%12.2e %10.2e  %s\n", row->error, row->limit, row->passed ? "passed" : "FAILED");
        if (!row->passed)
            printf("%22s%s\n", "", row->where);
    }
    printf("\n%zu claims, %zu failed\n", report->count, report->failed);
}

static enum hg_status print_json(const struct crosscheck_settings *settings, const struct hg_crosscheck_report *report)
{
    struct hg_json *json = hg_json_create();
    hg_json_text(json, "backend", settings->backend);
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_crosscheck_row *row = &report->rows[i];
        struct hg_json *item = hg_json_append(json, "rows");
        hg_json_text(item, "op", row->op);
        hg_json_text(item, "size", row->size);
        hg_json_number(item, "error", row->error);
        hg_json_number(item, "limit", row->limit);
        hg_json_bool(item, "passed", row->passed);
        hg_json_text(item, "where", row->where);
    }
    hg_json_number(json, "failed", (double)report->failed);
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

static enum hg_status crosscheck(int argc, char **argv)
{
    struct crosscheck_settings settings = {.backend = "cpu"};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_crosscheck, argc, argv, &settings, &done));
    if (done)
        return HG_OK;

    struct hg_crosscheck_report report = {.rows = NULL};
    enum hg_status status = HG_OK;
    const enum hg_status checked = hg_crosscheck(&report, settings.backend, settings.threads);
    if (checked != HG_CHECK_FAILED) /* else the report is complete, and is shown first */
        HG_TRY_OR_CLEANUP(checked);
    if (settings.json)
        HG_TRY_OR_CLEANUP(print_json(&settings, &report));
    else
        print_table(&report);
    if (report.failed)
        status = hg_fail(HG_CHECK_FAILED, "%zu claims did not hold", report.failed);

cleanup:
    hg_crosscheck_report_free(&report);
    return status;
}

const struct hg_command hg_command_crosscheck = {
    .name = "crosscheck",
    .summary = "check a backend against the reference in double precision",
    .description =
        "Every op at ragged sizes, then whole training steps, with the worst error of each and the limit it\n"
        "must keep (docs/NUMERICS.md). Exit code 1 if one does not.\n\n"
        "Example:\n"
        "  handgrad crosscheck --backend cpu --threads 1\n\n"
        "Writes no files.",
    .tables = {options},
    .run = crosscheck,
};
