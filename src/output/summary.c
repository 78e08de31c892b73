#include "src/output/summary.h"

#include <math.h>
#include <stdio.h>

#include "host/runs/run.h"
#include "host/training/metric_table.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "src/output/json.h"
#include "src/output/progress.h"

void hg_summary_gap(char *out, size_t size, double gap, double optimum)
{
    snprintf(out, size, "%.*f %% above the best possible, %.6f", gap < 1e-4 ? 4 : 2, 100 * gap, optimum);
}

static enum hg_status print_json(const struct hg_session *s, const struct hg_metrics *m, const char *state)
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
    printf("%-14s %.6f", name, loss);
    if (isfinite(accuracy))
        printf(", accuracy %.2f %%", 100 * accuracy);
    putchar('\n');
}

static void print_next(const struct hg_session *s)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    printf("\nNext:  handgrad eval %s\n", hg_run_directory(s->run));
    if (o->model == HG_MLP)
        printf("       handgrad predict %s %s\n", hg_run_directory(s->run), s->data);
    else
        printf("       handgrad reconstruct %s %s --out sheet.png\n", hg_run_directory(s->run), s->data);
    printf("       handgrad resume %s --epochs %zu\n", hg_run_directory(s->run), 2 * o->epochs);
}

enum hg_status hg_summary_print(const struct hg_session *s, const struct hg_metrics *m, const char *state)
{
    if (s->json)
        return print_json(s, m, state);
    if (s->quiet)
        return HG_OK;
    const double seconds = hg_progress_now() - s->began;
    if (m->epoch == 0) {
        printf("Nothing to do in %s: %s. Give a larger number with --epochs to go on.\n", hg_run_directory(s->run),
               hg_trainer_finish_reason(s->trainer));
        return HG_OK;
    }
    char rate[16], gap[96];
    printf("%-14s %s\n", "finished", hg_trainer_finish_reason(s->trainer));
    print_result("training loss", m->train_loss, m->train_accuracy);
    if (isfinite(m->optimality_gap)) {
        hg_summary_gap(gap, sizeof gap, m->optimality_gap, hg_trainer_optimum(s->trainer));
        printf("%-14s %s\n", "", gap);
    }
    print_result("validation", m->validation_loss, m->validation_accuracy);
    print_result("test loss", m->test_loss, m->test_accuracy);
    printf("%-14s %.1f s in all, %s samples/s in the last epoch\n", "time", seconds,
           hg_progress_rate(rate, m->samples_per_second));
    printf("%-14s %s\n", "run", hg_run_directory(s->run));
    if (hg_trainer_options(s->trainer)->timings)
        HG_TRY(print_timings(s));
    print_next(s);
    return HG_OK;
}
