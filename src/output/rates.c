#include "src/output/rates.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/plot.h"

const char *hg_rates_words(char *out, const struct hg_trainer *trainer)
{
    static const char *const ends[] = {[HG_RANGE_ENDED] = "",
                                       [HG_RANGE_BROKE_OUT] = ", then it broke out",
                                       [HG_RANGE_LEARNT] = ", where nearly all is learnt"};
    const struct hg_range_test *test = &trainer->range_test;
    if (test->count == 0)
        return NULL;
    snprintf(out, HG_RATES_WORDS, "%zu steps from %.3g to %.3g: least loss at %.3g%s; by the data the rate is %.3g",
             test->count, test->steps[0].rate, test->steps[test->count - 1].rate, test->steps[test->least].rate,
             ends[test->end], test->by_data);
    return out;
}

/* The loss of each step, its smoothed course, and the rate that was chosen. */
static enum hg_status draw(const char *file, const struct hg_range_test *test, double *rate, double *loss,
                           double *smoothed)
{
    char note[64];
    size_t chosen = 0;
    for (size_t k = 0; k < test->count; ++k) {
        rate[k] = test->steps[k].rate;
        loss[k] = test->steps[k].loss;
        smoothed[k] = test->steps[k].smoothed;
        if (rate[k] <= test->chosen)
            chosen = k;
    }
    snprintf(note, sizeof note, "chosen: %.2g", test->chosen);
    const struct hg_series series[] = {
        {.name = "loss of a batch", .count = test->count, .x = rate, .y = loss},
        {.name = "smoothed", .count = test->count, .x = rate, .y = smoothed, .noted = chosen, .note = note}};
    return hg_plot_write(file, &(struct hg_plot){.title = "Loss while the learning rate rises",
                                                 .x_label = "learning rate",
                                                 .y_label = "loss",
                                                 .x_kind = HG_AXIS_LOG,
                                                 .y_kind = HG_AXIS_LOG,
                                                 .series = series,
                                                 .count = sizeof series / sizeof *series});
}

enum hg_status hg_rates_write(struct hg_run *run, const struct hg_trainer *trainer)
{
    const struct hg_range_test *test = &trainer->range_test;
    char *file = NULL;
    double *values = NULL;
    enum hg_status status;
    if (test->count == 0)
        return HG_OK;
    HG_TRY_OR_CLEANUP(hg_run_write_rates(run, test));
    HG_TRY_OR_CLEANUP(hg_run_path(&file, hg_run_directory(run), "lr-find.svg"));
    HG_TRY_OR_CLEANUP(hg_allocate(&values, 3 * test->count, "a plot"));
    status = draw(file, test, values, values + test->count, values + 2 * test->count);
cleanup:
    free(values);
    free(file);
    return status;
}
