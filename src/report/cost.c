/* Where the time of training goes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/training/rehearsal.h"
#include "host/training/trainer.h"
#include "kernels/base/try.h"
#include "src/report/report.h"

/* Long enough for shares within a few percent. */
static const double measured_seconds = 0.4;

static double recorded_seconds(const struct hg_history *history)
{
    double sum = 0;
    for (size_t i = 0; i < history->count; ++i)
        sum += isfinite(history->epochs[i].seconds) ? history->epochs[i].seconds : 0;
    return sum;
}

static void add_phases(struct hg_html *page, const struct hg_phase_time *times, size_t count)
{
    static const char *const headings[] = {"phase", ">ms", ">share, %", ">GFLOP/s"};
    double total = 0;
    for (size_t i = 0; i < count; ++i)
        total += times[i].seconds;
    hg_html_table_begin(page, NULL, headings, 4);
    for (size_t i = 0; i < count; ++i) {
        char milliseconds[HG_REPORT_NUMBER], share[HG_REPORT_NUMBER], speed[HG_REPORT_NUMBER] = "";
        snprintf(milliseconds, sizeof milliseconds, "%.4g", 1e3 * times[i].seconds);
        snprintf(share, sizeof share, "%.1f", total > 0 ? 100 * times[i].seconds / total : 0);
        if (times[i].flops > 0 && times[i].seconds > 0)
            snprintf(speed, sizeof speed, "%.1f", 1e-9 * times[i].flops / times[i].seconds);
        hg_html_table_row(page, headings, (const char *[]){times[i].phase, milliseconds, share, speed}, 4);
    }
    hg_html_table_end(page);
}

/* Takes some steps of the run again, with a clock for each phase. */
static enum hg_status measure(struct hg_html *page, const struct hg_report_run *run)
{
    struct hg_train_options options = run->config.options;
    struct hg_trainer *trainer = NULL;
    struct hg_rehearsal rehearsal;
    struct hg_phase_time times[HG_PHASE_TIMES];
    size_t count;
    enum hg_status status;
    options.timings = true;
    options.init = NULL; /* its file may be gone; the time does not depend on it */
    options.backend = "auto";
    HG_TRY_OR_CLEANUP(hg_trainer_create(&trainer, &options, run->train, NULL));
    HG_TRY_OR_CLEANUP(hg_trainer_rehearse(trainer, measured_seconds, &rehearsal));
    HG_TRY_OR_CLEANUP(hg_trainer_timings(trainer, times, &count));
    hg_html_element(page, "p", "%zu steps, taken again for this page on %s:", rehearsal.steps,
                    hg_trainer_device(trainer));
    add_phases(page, times, count);
cleanup:
    hg_trainer_free(trainer);
    return status;
}

enum hg_status hg_report_add_cost(struct hg_html *page, const struct hg_report_run *run)
{
    const double seconds = recorded_seconds(&run->history);
    size_t epoch;
    const bool trained = run->history.count > 0 || (run->model && hg_model_epoch(run->model, &epoch));
    if (!trained)
        return HG_OK;
    hg_html_element(page, "h2", "Where the time goes");
    if (seconds > 0)
        hg_html_element(page, "p", "By its record the training took %.3g s, without evaluation: %.3g s an epoch.",
                        seconds, seconds / (double)run->history.count);
    if (!run->train)
        return HG_OK;
    const enum hg_status status = measure(page, run);
    if (status == HG_BAD_DATA || status == HG_USAGE || status == HG_CHECK_FAILED || status == HG_UNAVAILABLE)
        hg_html_element(page, "p", "Its steps could not be taken again: %s", hg_message());
    else
        HG_TRY(status);
    return HG_OK;
}
