#include "src/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/runs/run.h"
#include "host/training/trainer.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/output/progress.h"
#include "src/output/rates.h"
#include "src/output/summary.h"
#include "src/signals.h"

/* `text` is the library's; "": nothing. */
static void show_text(const struct hg_session *s, struct hg_progress *progress, const char *heading, const char *text)
{
    char words[1024];
    if (*text)
        hg_progress_note(progress, "%-8s %s", heading, hg_command_message(words, sizeof words, s->command, text));
}

static void introduce(const struct hg_session *s, struct hg_progress *progress)
{
    const struct hg_train_options *o = hg_trainer_options(s->trainer);
    const size_t features = hg_dataset_features(s->train), samples = hg_dataset_count(s->train);
    const char *reason = hg_trainer_backend_reason(s->trainer);
    char words[HG_RATES_WORDS], shape[96], part[64] = "", held_out[64] = "";
    if (o->model == HG_MLP)
        snprintf(shape, sizeof shape, "MLP %zu-%zu-%zu", features, o->hidden, hg_dataset_classes(s->train));
    else
        snprintf(shape, sizeof shape, "autoencoder %zu-%zu-%zu", features, o->hidden, features);
    hg_progress_note(progress, "model    %s, %zu parameters", shape, hg_trainer_parameter_count(s->trainer));
    if (o->limit && o->limit < samples)
        snprintf(part, sizeof part, o->split_order == HG_SPLIT_FILE ? ", the first %zu of them" : ", %zu of them drawn",
                 o->limit);
    if (o->validation_fraction > 0)
        snprintf(held_out, sizeof held_out, ", %g %% held out", 100 * o->validation_fraction);
    hg_progress_note(progress, "data     %s: %zu samples%s%s; %zu steps an epoch", hg_dataset_name(s->train), samples,
                     part, held_out, hg_trainer_steps_per_epoch(s->trainer));
    hg_progress_note(progress, "backend  %s: %s%s%s", o->backend, hg_trainer_device(s->trainer), *reason ? "; " : "",
                     reason);
    if (isfinite(hg_trainer_optimum(s->trainer)))
        hg_progress_note(progress, "optimum  %.7g, the least loss that %zu latent units can reach",
                         hg_trainer_optimum(s->trainer), o->hidden);
    show_text(s, progress, "note", hg_dataset_note(s->train));
    show_text(s, progress, "note", s->test ? hg_dataset_note(s->test) : "");
    for (size_t i = 0; hg_trainer_warning(s->trainer, i); ++i)
        show_text(s, progress, "warning", hg_trainer_warning(s->trainer, i));
    if (hg_rates_words(words, s->trainer))
        hg_progress_note(progress, "rate     %g, found by a range test: %s", o->lr, words);
    show_text(s, progress, "init", hg_trainer_note(s->trainer));
    hg_progress_note(progress, "run      %s", hg_run_directory(s->run));
}

/* The state of a session. */
struct sitting {
    const struct hg_session *session;
    struct hg_progress progress;
    struct hg_metrics last; /* of the last epoch; epoch 0: none has ended */
    struct hg_metrics best; /* of the best epoch; epoch 0: it was not in this session, or there is none */
    bool saved;             /* the checkpoint holds trained weights, of saved_epoch */
    size_t saved_epoch;     /* epochs done at that checkpoint */
    double saved_at;        /* hg_progress_now at the last save */
};

static enum hg_status save(struct sitting *s)
{
    HG_TRY(hg_run_save(s->session->run, s->session->trainer));
    s->saved = true;
    s->saved_epoch = hg_trainer_epochs_done(s->session->trainer);
    s->saved_at = hg_progress_now();
    return HG_OK;
}

/* Within an epoch, between two chunks of steps. */
static void on_progress(void *context, size_t done, size_t total)
{
    struct sitting *s = context;
    const size_t seconds = hg_trainer_options(s->session->trainer)->checkpoint_seconds;
    hg_progress_update(&s->progress, done, total);
    if (seconds && hg_progress_now() - s->saved_at >= (double)seconds)
        hg_trainer_stop(s->session->trainer);
}

/* Runs all epochs that are left. */
static enum hg_status train(struct sitting *s)
{
    struct hg_trainer *trainer = s->session->trainer;
    const size_t every = hg_trainer_options(trainer)->checkpoint_every;
    const bool tensorboard = hg_trainer_options(trainer)->tensorboard;
    if (tensorboard)
        HG_TRY(hg_run_start_events(s->session->run, trainer));
    while (!hg_trainer_finished(trainer)) {
        const enum hg_status status = hg_trainer_epoch(trainer, on_progress, s, &s->last);
        if (status == HG_INTERRUPTED) {
            HG_TRY(save(s));
            if (!hg_signals_received())
                continue; /* on_progress stopped it only for a checkpoint */
            return hg_signals_status(hg_signals_received());
        }
        HG_TRY(status);
        hg_progress_epoch(&s->progress, &s->last);
        HG_TRY(hg_run_append_metrics(s->session->run, &s->last));
        if (tensorboard)
            HG_TRY(hg_run_append_events(s->session->run, trainer, &s->last));
        if (hg_trainer_is_best(trainer))
            s->best = s->last;
        if (hg_trainer_finished(trainer) || (every && s->last.epoch % every == 0))
            HG_TRY(save(s));
    }
    return HG_OK;
}

static enum hg_status report_stop(enum hg_status status, const char *directory)
{
    char *run;
    HG_TRY(hg_shell_quote(&run, directory));
    status = hg_fail(status, "stopped by a signal; the run is saved. Go on with: handgrad resume %s", run);
    free(run);
    return status;
}

/* Weights that were trained are on disk, even where the checkpoint to go with them could not be written. */
static bool has_weights(const struct hg_run *run)
{
    bool model, best;
    return hg_run_has(&model, run, "model.safetensors") != HG_OK ||
           hg_run_has(&best, run, "best.safetensors") != HG_OK || model || best;
}

/* Closes the run of a training that failed: what it has learnt stays, and a new run that has learnt nothing goes. */
static enum hg_status close_failed(const struct sitting *s, enum hg_status status)
{
    struct hg_run *run = s->session->run;
    if (!s->saved && !has_weights(run)) {
        hg_run_discard(run);
        return status;
    }
    status = s->saved ? hg_fail_within(status, "%s; the checkpoint after epoch %zu is kept in %s", hg_message(),
                                       s->saved_epoch, hg_run_directory(run))
                      : hg_fail_within(status,
                                       "%s; the trained weights are kept in %s, but no checkpoint of them, so handgrad "
                                       "resume would train them again",
                                       hg_message(), hg_run_directory(run));
    hg_run_close(run);
    return status;
}

enum hg_status hg_session_run(const struct hg_session *session)
{
    struct sitting s = {.session = session,
                        .saved = hg_trainer_steps_done(session->trainer) > 0,
                        .saved_epoch = hg_trainer_epochs_done(session->trainer),
                        .saved_at = hg_progress_now()};
    const char *directory = hg_run_directory(session->run);
    hg_progress_start(&s.progress, session->trainer, session->quiet);
    introduce(session, &s.progress);

    enum hg_status status = train(&s);
    hg_signals_forget();
    hg_progress_clear(&s.progress);
    if (status == HG_OK)
        status = hg_summary_print(session, &s.last, &s.best, "finished");
    else if (hg_signals_received() && status == hg_signals_status(hg_signals_received())) {
        const enum hg_status stopped = status;
        status = session->json ? hg_summary_print(session, &s.last, &s.best, "interrupted") : HG_OK;
        if (status == HG_OK)
            status = report_stop(stopped, directory);
    } else {
        return close_failed(&s, status);
    }
    hg_run_close(session->run);
    return status;
}
