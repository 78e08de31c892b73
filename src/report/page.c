/* The order of the page. */
#include <string.h>

#include "kernels/base/try.h"
#include "src/report/report.h"

/* What the model does and how it came about, of each run by itself. */
static enum hg_status add_details(struct hg_html *page, const struct hg_report_run *run, bool checked)
{
    HG_TRY(hg_report_add_confusion(page, run));
    HG_TRY(hg_report_add_mistakes(page, run));
    HG_TRY(hg_report_add_reconstructions(page, run));
    HG_TRY(hg_report_add_features(page, run));
    if (!checked)
        HG_TRY(hg_report_add_gradcheck(page, run));
    HG_TRY(hg_report_add_cost(page, run));
    return hg_report_add_recipe(page, run);
}

/* Whether an earlier run has the same equations on the same data. */
static bool is_checked(const struct hg_report_run *runs, size_t index)
{
    const struct hg_run_config *config = &runs[index].config;
    for (size_t i = 0; i < index; ++i) {
        const struct hg_run_config *other = &runs[i].config;
        if (other->options.model == config->options.model && other->data && config->data &&
            strcmp(other->data, config->data) == 0)
            return true;
    }
    return false;
}

/* Loads a run, adds what is said of it first to `top` and the rest to `details`, and unloads it again. */
static enum hg_status add_run(struct hg_html *top, struct hg_html *details, struct hg_report_run *run, bool checked,
                              const struct hg_report_settings *settings, const struct hg_command *command)
{
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_report_run_load(run, settings, command));
    HG_TRY_OR_CLEANUP(hg_report_add_verdict(top, run));
    HG_TRY_OR_CLEANUP(add_details(details, run, checked));
cleanup:
    hg_report_run_unload(run);
    return status;
}

/* What stands before the curves goes to `verdicts`, everything after them to `details`. */
static enum hg_status add_runs(struct hg_html *verdicts, struct hg_html *details, struct hg_report_run *runs,
                               size_t count, const struct hg_report_settings *settings,
                               const struct hg_command *command)
{
    for (size_t i = 0; i < count; ++i) {
        runs[i].number = i;
        runs[i].budget = HG_REPORT_PIXELS / count;
        if (count > 1) {
            hg_html_element(verdicts, "h3", "%s", runs[i].path);
            hg_html_element(details, "h1 class=\"run\"", "%s", runs[i].path);
        }
        HG_TRY(add_run(verdicts, details, &runs[i], is_checked(runs, i), settings, command));
    }
    return HG_OK;
}

enum hg_status hg_report_write(struct hg_html *page, struct hg_report_run *runs, size_t count,
                               const struct hg_report_settings *settings, const struct hg_command *command)
{
    struct hg_html verdicts = {0}, details = {0};
    enum hg_status status;
    hg_html_begin(page, count == 1 ? runs[0].path : "handgrad: runs compared");
    if (count == 1)
        hg_html_element(page, "h1", "%s", runs[0].path);
    else
        hg_html_element(page, "h1", "%zu runs compared", count);
    HG_TRY_OR_CLEANUP(add_runs(&verdicts, &details, runs, count, settings, command));
    if (count > 1)
        hg_report_add_ranking(page, runs, count);
    hg_html_append(page, &verdicts);
    if (count > 1)
        HG_TRY_OR_CLEANUP(hg_report_add_comparison(page, runs, count));
    HG_TRY_OR_CLEANUP(hg_report_add_curves(page, runs, count));
    hg_html_append(page, &details);
    hg_html_end(page);
    status = page->status;
cleanup:
    hg_html_free(&details);
    hg_html_free(&verdicts);
    return status;
}
