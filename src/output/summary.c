#include "src/output/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/output/json.h"
#include "src/output/progress.h"

void hg_summary_gap(char *out, size_t size, double loss, double optimum)
{
    const double gap = (loss - optimum) / optimum;
    if (optimum == 0)
        snprintf(out, size, "%.3g above the best possible, 0", loss);
    else if (gap < 10)
        snprintf(out, size, "%.*f %% above the best possible, %.7g", gap < 1e-4 ? 4 : 2, 100 * gap, optimum);
    else
        snprintf(out, size, "%.3g times the best possible, %.7g", loss / optimum, optimum);
}

/* Whether model.safetensors holds the weights of another epoch than the last: those of *epoch. */
static bool keeps_earlier(const struct hg_session *s, size_t *epoch, double *validation_loss)
{
    return hg_trainer_options(s->trainer)->keep == HG_KEEP_BEST &&
           hg_trainer_best(s->trainer, epoch, validation_loss) && *epoch != hg_trainer_epochs_done(s->trainer);
}

static void add_kept(struct hg_json *json, const struct hg_session *s, const struct hg_metrics *best)
{
    size_t epoch;
    double validation_loss;
    if (!keeps_earlier(s, &epoch, &validation_loss))
        return;
    hg_json_number(json, "kept_epoch", (double)epoch);
    hg_json_number(json, "kept_validation_loss", validation_loss);
    if (best->epoch) {
        hg_json_number(json, "kept_validation_accuracy", best->validation_accuracy);
        hg_json_number(json, "kept_test_loss", best->test_loss);
        hg_json_number(json, "kept_test_accuracy", best->test_accuracy);
    }
}

static enum hg_status print_json(const struct hg_session *s, const struct hg_metrics *m, const struct hg_metrics *best,
                                 const char *state)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    struct hg_json *json = hg_json_create();
    hg_json_text(json, "state", state);
    if (hg_trainer_finished(s->trainer))
        hg_json_text(json, "reason", hg_trainer_finish_reason(s->trainer));
    hg_json_text(json, "run", hg_run_directory(s->run));
    hg_json_text(json, "model", hg_model_names[o->model]);
    hg_json_number(json, "parameters", (double)hg_trainer_parameter_count(s->trainer));
    hg_json_text(json, "backend", o->backend);
    hg_json_text(json, "device", hg_trainer_device(s->trainer));
    hg_json_number(json, "epochs", (double)hg_trainer_epochs_done(s->trainer));
    for (const struct hg_metric *metric = hg_metric_table; m->epoch && metric->name; ++metric)
        if (metric->summary)
            hg_json_number(json, metric->summary, hg_metric_value(metric, m));
    add_kept(json, s, best);
    hg_json_number(json, "optimum", hg_trainer_optimum(s->trainer));
    hg_json_number(json, "seconds_in_all", hg_progress_now() - s->began);
    if (o->timings) {
        struct hg_phase_time times[HG_PHASE_TIMES];
        size_t count;
        HG_TRY(hg_trainer_timings(s->trainer, times, &count));
        for (size_t i = 0; i < count; ++i) {
            struct hg_json *phase = hg_json_append(json, "timings");
            hg_json_text(phase, "phase", times[i].phase);
            hg_json_number(phase, "seconds", times[i].seconds);
            hg_json_number(phase, "count", (double)times[i].count);
            hg_json_number(phase, "flops", times[i].flops);
        }
    }
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

static enum hg_status print_timings(const struct hg_session *s)
{
    struct hg_phase_time times[HG_PHASE_TIMES];
    size_t count;
    double total = 0;
    HG_TRY(hg_trainer_timings(s->trainer, times, &count));
    for (size_t i = 0; i < count; ++i)
        total += times[i].seconds;
    printf("\n%-12s %10s %8s %10s %10s\n", "phase", "seconds", "share", "times", "GFLOP/s");
    for (size_t i = 0; i < count; ++i) {
        printf("%-12s %10.3f %6.1f %% %10llu", times[i].phase, times[i].seconds, 100 * times[i].seconds / total,
               (unsigned long long)times[i].count);
        if (times[i].flops > 0 && times[i].seconds > 0)
            printf(" %10.1f", 1e-9 * times[i].flops / times[i].seconds);
        putchar('\n');
    }
    return HG_OK;
}

/* "0.0712, accuracy 97.91 %" */
static void print_result(const char *name, double loss, double accuracy)
{
    if (!isfinite(loss))
        return;
    printf("%-14s %.7g", name, loss);
    if (isfinite(accuracy))
        printf(", accuracy %.2f %%", 100 * accuracy);
    putchar('\n');
}

/* The epoch whose weights the run keeps, where that is not the last. */
static void print_kept(const struct hg_session *s, const struct hg_metrics *best)
{
    size_t epoch;
    double validation_loss;
    if (!keeps_earlier(s, &epoch, &validation_loss))
        return;
    printf("%-14s the weights of epoch %zu, the best validation loss (--keep last: those of the last epoch)\n", "kept",
           epoch);
    print_result("  validation", validation_loss, best->epoch ? best->validation_accuracy : NAN);
    if (best->epoch)
        print_result("  test loss", best->test_loss, best->test_accuracy);
}

/* The options with which resume goes on from here. */
static void print_resume_options(const struct hg_session *s)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    switch (hg_trainer_finish(s->trainer)) {
    case HG_FINISHED_EARLY:
        printf(" --early-stopping 0\n");
        break;
    case HG_FINISHED_STEPS:
        printf(" --steps %zu\n", 2 * o->steps);
        break;
    case HG_FINISHED_EPOCHS:
    case HG_NOT_FINISHED:
        printf(" --epochs %zu\n", 2 * o->epochs);
    }
}

static enum hg_status print_next(const struct hg_session *s, const char *directory)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    char *run = NULL, *data = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_shell_quote(&run, directory));
    HG_TRY_OR_CLEANUP(hg_shell_quote(&data, s->data));
    printf("\nNext:  handgrad eval %s\n", run);
    if (o->model == HG_MLP)
        printf("       handgrad predict %s %s\n", run, data);
    else
        printf("       handgrad reconstruct %s %s --out sheet.png\n", run, data);
    printf("       handgrad resume %s", run);
    print_resume_options(s);
cleanup:
    free(data);
    free(run);
    return status;
}

static enum hg_status print_nothing_to_do(const struct hg_session *s, const char *directory)
{
    char *run;
    HG_TRY(hg_shell_quote(&run, directory));
    printf("Nothing to do in %s: %s. To go on: handgrad resume %s", directory, hg_trainer_finish_reason(s->trainer),
           run);
    print_resume_options(s);
    free(run);
    return HG_OK;
}

enum hg_status hg_summary_print(const struct hg_session *s, const struct hg_metrics *m, const struct hg_metrics *best,
                                const char *state)
{
    const char *directory = hg_run_directory(s->run);
    if (s->json)
        return print_json(s, m, best, state);
    if (s->quiet)
        return HG_OK;
    const double seconds = hg_progress_now() - s->began;
    if (m->epoch == 0)
        return print_nothing_to_do(s, directory);
    char rate[16], gap[96];
    printf("%-14s %s\n", "finished", hg_trainer_finish_reason(s->trainer));
    print_result("training loss", m->train_loss, m->train_accuracy);
    if (isfinite(hg_trainer_optimum(s->trainer))) {
        hg_summary_gap(gap, sizeof gap, m->train_loss, hg_trainer_optimum(s->trainer));
        printf("%-14s %s\n", "", gap);
    }
    print_result("validation", m->validation_loss, m->validation_accuracy);
    print_result("test loss", m->test_loss, m->test_accuracy);
    print_kept(s, best);
    printf("%-14s %.1f s in all, %s samples/s in the last epoch\n", "time", seconds,
           hg_progress_rate(rate, m->samples_per_second));
    printf("%-14s %s\n", "run", directory);
    if (hg_trainer_options(s->trainer)->timings)
        HG_TRY(print_timings(s));
    return print_next(s, directory);
}
