#include "src/session.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/try.h"
#include "src/output/progress.h"
#include "src/output/summary.h"
#include "src/paths.h"

/* What the handler of signals needs to know. */
static struct hg_trainer *volatile signalled_trainer;
static volatile sig_atomic_t signal_number;

static void on_signal(int number)
{
    signal_number = number;
    hg_trainer_stop(signalled_trainer);
}

/* The first signal ends training in order; a second one kills, as if there were no handler. */
static void answer_signals(struct hg_trainer *trainer)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    signalled_trainer = trainer;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void restore_signals(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

enum hg_status hg_session_load(struct hg_dataset **train, struct hg_dataset **test, const char *data, bool want_test)
{
    HG_TRY(hg_dataset_load(train, data, HG_TRAIN));
    return want_test ? hg_dataset_load(test, data, HG_TEST) : HG_OK;
}

static void introduce(const struct hg_session *s, struct hg_progress *progress)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    const size_t features = hg_dataset_features(s->train), samples = hg_dataset_count(s->train);
    const char *reason = hg_trainer_backend_reason(s->trainer);
    char shape[96], part[64] = "", held_out[64] = "";
    if (o->model == HG_MLP)
        snprintf(shape, sizeof shape, "MLP %zu-%zu-%zu", features, o->hidden, hg_dataset_classes(s->train));
    else
        snprintf(shape, sizeof shape, "autoencoder %zu-%zu-%zu", features, o->hidden, features);
    hg_progress_note(progress, "model    %s, %zu parameters", shape, hg_trainer_parameter_count(s->trainer));
    if (o->limit && o->limit < samples)
        snprintf(part, sizeof part, ", the first %zu of them", o->limit);
    if (o->validation_fraction > 0)
        snprintf(held_out, sizeof held_out, ", %g %% held out", 100 * o->validation_fraction);
    hg_progress_note(progress, "data     %s: %zu samples%s%s; %zu steps an epoch", hg_dataset_name(s->train), samples,
                     part, held_out, hg_trainer_steps_per_epoch(s->trainer));
    hg_progress_note(progress, "backend  %s: %s%s%s", o->backend, hg_trainer_device(s->trainer), *reason ? "; " : "",
                     reason);
    if (isfinite(hg_trainer_optimum(s->trainer)))
        hg_progress_note(progress, "optimum  %.6f, the least loss that %zu latent units can reach",
                         hg_trainer_optimum(s->trainer), o->hidden);
    hg_progress_note(progress, "run      %s", s->run);
}

static enum hg_status save(const struct hg_session *s, size_t *saved_epoch)
{
    HG_TRY(hg_run_save(s->run, s->trainer));
    *saved_epoch = hg_trainer_epochs_done(s->trainer);
    return HG_OK;
}

/* All epochs that are left. *last is the last epoch's; its epoch is 0 where none ended. */
static enum hg_status train(const struct hg_session *s, struct hg_progress *progress, struct hg_metrics *last,
                            size_t *saved_epoch)
{
    const size_t every = hg_trainer_options(s->trainer)->checkpoint_every;
    while (!hg_trainer_finished(s->trainer)) {
        const enum hg_status status = hg_trainer_epoch(s->trainer, hg_progress_update, progress, last);
        if (status == HG_INTERRUPTED) {
            HG_TRY(save(s, saved_epoch));
            return signal_number == SIGTERM ? HG_TERMINATED : HG_INTERRUPTED;
        }
        if (status != HG_OK)
            return status;
        hg_progress_epoch(progress, last);
        HG_TRY(hg_run_append_metrics(s->run, last));
        if (hg_trainer_finished(s->trainer) || (every && last->epoch % every == 0))
            HG_TRY(save(s, saved_epoch));
    }
    return HG_OK;
}

enum hg_status hg_session_run(const struct hg_session *s)
{
    struct hg_progress progress;
    struct hg_metrics last = {.epoch = 0};
    size_t saved_epoch = hg_trainer_epochs_done(s->trainer);
    signal_number = 0;
    answer_signals(s->trainer);
    hg_progress_start(&progress, s->trainer, s->quiet);
    introduce(s, &progress);

    enum hg_status status = train(s, &progress, &last, &saved_epoch);
    restore_signals();
    hg_progress_clear(&progress);
    if (status == HG_OK)
        return hg_summary_print(s, &last, "finished");
    if (status == HG_INTERRUPTED || status == HG_TERMINATED) {
        HG_TRY(s->json ? hg_summary_print(s, &last, "interrupted") : HG_OK);
        return hg_fail(status, "stopped by a signal; the run is saved. Go on with: handgrad resume %s", s->run);
    }
    if (saved_epoch)
        return hg_fail_within(status, "%s; the checkpoint of epoch %zu is kept in %s", hg_message(), saved_epoch,
                              s->run);
    hg_paths_discard_run(s->run);
    return status;
}
