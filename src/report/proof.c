/* gradcheck on the run's own data. */
#include <math.h>
#include <stdio.h>

#include "handgrad/check.h"
#include "kernels/base/try.h"
#include "src/output/verdict.h"
#include "src/report/report.h"

static void add_row(struct hg_html *page, const char *const *headings, size_t columns,
                    const struct hg_gradcheck_row *row)
{
    char analytic[HG_REPORT_NUMBER], numeric[HG_REPORT_NUMBER], error[HG_REPORT_NUMBER], limit[HG_REPORT_NUMBER];
    char verdict[512];
    snprintf(analytic, sizeof analytic, "%+.8e", row->analytic);
    snprintf(numeric, sizeof numeric, "%+.8e", row->numeric);
    snprintf(error, sizeof error, "%.1e", row->error);
    snprintf(limit, sizeof limit, "%.0e", row->limit);
    snprintf(verdict, sizeof verdict, "%s%s", hg_verdicts[row->verdict].words, row->reason);
    hg_html_table_row(page, headings,
                      (const char *[]){row->equation, row->name, analytic, numeric, error, limit, verdict}, columns);
}

enum hg_status hg_report_add_gradcheck(struct hg_html *page, const struct hg_report_run *run)
{
    static const char *const headings[] = {"",       "equation", ">by the equation", ">by differences",
                                           ">error", ">limit",   "verdict"};
    const struct hg_dataset *dataset = run->train ? run->train : run->judged;
    const enum hg_model_kind model = run->config.options.model;
    struct hg_gradcheck_report report;
    if (!dataset || (model == HG_MLP && !hg_dataset_labels(dataset)))
        return HG_OK;
    const enum hg_status status = hg_gradcheck(&report, model, dataset, &(struct hg_gradcheck_options){.seed = 1});
    if (status == HG_BAD_DATA || status == HG_USAGE)
        return HG_OK; /* data that the gradients cannot be checked on */
    if (status != HG_CHECK_FAILED)
        HG_TRY(status);
    hg_html_element(page, "h2", "Are the gradients right?");
    hg_html_element(page, "p",
                    "%s The derivative of the loss along a direction, by each equation of docs/MATH.md and by central "
                    "differences, on %zu of its samples with %zu %s units and random weights, in double precision.",
                    report.failed       ? "No: an equation does not hold on this run's data."
                    : report.not_judged ? "Not every equation can be judged on this run's data."
                                        : "Yes, on this run's data.",
                    report.samples, report.hidden, model == HG_MLP ? "hidden" : "latent");
    hg_html_table_begin(page, NULL, headings, sizeof headings / sizeof *headings);
    for (size_t i = 0; i < report.count; ++i)
        add_row(page, headings, sizeof headings / sizeof *headings, &report.rows[i]);
    hg_html_table_end(page);
    return HG_OK;
}
