#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/choose.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/report/report.h"

#define AT(field) .name = #field, .offset = offsetof(struct hg_report_settings, field)

static const struct hg_option options[] = {
    {HG_OPTION_TEXT, AT(out), .argument = "FILE", .what = "a file", .help = "the page to write; it must be given",
     .preset = "none"},
    HG_DATA_OPTION(struct hg_report_settings, HG_GROUP_OPTIONS, "each run's own"),
    HG_BACKEND_OPTION(struct hg_report_settings, HG_GROUP_OPTIONS, hg_backend_choices, "where to compute"),
    HG_THREADS_OPTION(struct hg_report_settings, HG_GROUP_OPTIONS),
    {.name = NULL},
};

/* Far more than a page can show side by side. */
enum { MOST_RUNS = 64 };

static enum hg_status report(int argc, char **argv)
{
    struct hg_report_settings settings = {.backend = "auto"};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_report, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    if (!settings.out)
        return hg_fail(HG_USAGE, "--out: give the file to write, such as --out report.html");
    if (arguments.operand_count > MOST_RUNS)
        return hg_fail(HG_USAGE, "%zu runs are too many for a page; give at most %d", arguments.operand_count,
                       MOST_RUNS);

    const size_t count = arguments.operand_count;
    for (size_t i = 0; i < count; ++i)
        HG_TRY(hg_run_require_other(arguments.operands[i], settings.out));
    struct hg_report_run *runs = NULL;
    struct hg_html page = {0};
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&runs, count, "the runs"));
    for (size_t i = 0; i < count; ++i)
        HG_TRY_OR_CLEANUP(hg_report_run_open(&runs[i], arguments.operands[i]));
    HG_TRY_OR_CLEANUP(hg_report_write(&page, runs, count, &settings, &hg_command_report));
    status = hg_html_write(settings.out, &page);
cleanup:
    hg_html_free(&page);
    for (size_t i = 0; runs && i < count; ++i)
        hg_report_run_close(&runs[i]);
    free(runs);
    return status;
}

const struct hg_command hg_command_report = {
    .name = "report",
    .operands = {"RUN ..."},
    .summary = "a page on a run, or on several side by side: how it went, what the model does",
    .description =
        "One HTML file that needs nothing else, for any browser, on a screen or on paper: a verdict first, then\n"
        "curves, what is taken for what with images of it, the most confident mistakes, what the model has\n"
        "learned beside the principal components, gradcheck on the run's data, time by phase, and the command\n"
        "that trains the same again. Several runs are compared: what differs, and their curves on one plot.\n"
        "A run that is under way, or has no data or weights any more, has a page of what is there.\n\n"
        "Example:\n"
        "  handgrad report runs/mlp --out report.html\n"
        "  handgrad report runs/a runs/b runs/c --out compared.html\n\n"
        "Writes the file of --out, which is replaced as a whole.",
    .tables = {options},
    .run = report,
};
