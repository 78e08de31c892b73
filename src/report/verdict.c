/* What a run reached, in words. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/training/gradient.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/output/summary.h"
#include "src/report/report.h"

/* A change that is worth a remark, beside the noise of one epoch. */
static const double NOTABLE = 0.01;

/* Of the samples that a classifier is judged on, the part of their most frequent class. */
static double largest_class(const struct hg_confusion *confusion)
{
    size_t largest = 0;
    for (size_t c = 0; c < confusion->classes; ++c)
        largest = confusion->scores[c].support > largest ? confusion->scores[c].support : largest;
    return (double)largest / (double)confusion->samples;
}

static void add_accuracy(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_confusion *c = &run->confusion;
    char samples[HG_REPORT_NUMBER], wrong[HG_REPORT_NUMBER];
    hg_report_count(samples, c->samples);
    hg_report_count(wrong, c->samples - c->correct);
    const double accuracy = (double)c->correct / (double)c->samples, constant = largest_class(c);
    if (c->correct == c->samples)
        hg_html_text(page, "Right on all %s %s.", samples, hg_report_judged_name(run));
    else
        hg_html_text(page, "Right on %.2f %% of %s %s, wrong on %s.", 100 * accuracy, samples,
                     hg_report_judged_name(run), wrong);
    if (constant < 1 && accuracy <= constant)
        hg_html_text(page,
                     " Always answering the most frequent class would be right on %.2f %%: it has learned nothing.",
                     100 * constant);
}

/* By the record of the run alone. */
static void add_recorded_accuracy(struct hg_html *page, const struct hg_metrics *m)
{
    const double accuracies[] = {m->test_accuracy, m->validation_accuracy, m->train_accuracy};
    static const char *const names[] = {"test", "validation", "training"};
    for (size_t i = 0; i < 3; ++i) {
        if (isfinite(accuracies[i])) {
            hg_html_text(page, "By its own record right on %.2f %% of the %s samples.", 100 * accuracies[i], names[i]);
            return;
        }
    }
    hg_html_text(page, "Its record has no accuracy.");
}

/* subject: "Its training loss" */
static void add_gap(struct hg_html *page, const char *subject, double loss, double optimum)
{
    char gap[96];
    /* float32 weights cannot come closer than some 1e-7 of the optimum */
    if (optimum > 0 && loss - optimum <= 1e-6 * optimum) {
        hg_html_text(page, "%s is the best possible, %.7g.", subject, optimum);
        return;
    }
    hg_summary_gap(gap, sizeof gap, loss, optimum);
    hg_html_text(page, "%s, %.4g, is %s.", subject, loss, gap);
}

static void add_sentence(struct hg_html *page, const struct hg_report_run *run)
{
    static const char training_loss[] = "Its training loss";
    const struct hg_metrics *kept = run->kept;
    if (run->confusion.samples > 0)
        add_accuracy(page, run);
    else if (isfinite(run->train_loss))
        add_gap(page, training_loss, run->train_loss, run->train_optimum);
    else if (run->judged) /* an autoencoder whose training set is gone */
        add_gap(page, "Its loss on the test set", run->evaluation.loss, run->evaluation.optimum);
    else if (!kept)
        hg_html_text(page, "No epoch of its training has ended.");
    else if (run->config.options.model == HG_MLP)
        add_recorded_accuracy(page, kept);
    else if (isfinite(kept->optimality_distance))
        add_gap(page, training_loss, kept->train_loss, kept->train_loss - kept->optimality_distance);
    else
        hg_html_text(page, "By its own record its training loss is %.4g.", kept->train_loss);
}

static void remark(struct hg_html *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct hg_html *page, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    hg_html_element(page, "li", "%s", text);
}

/* Whether it ended where its options say. */
static enum hg_status remark_on_end(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_train_options *o = &run->config.options;
    const struct hg_history *h = &run->history;
    const size_t done = h->count ? h->epochs[h->count - 1].epoch : 0;
    if (done >= o->epochs || (o->steps && done && h->epochs[h->count - 1].step >= o->steps))
        return HG_OK;
    if (run->solved) {
        remark(page, "Nothing was trained: these weights are the exact solution, of handgrad optimum.");
        return HG_OK;
    }
    if (o->early_stopping && done) {
        remark(page, "It ended after epoch %zu of at most %zu.", done, o->epochs);
        return HG_OK;
    }
    char *path;
    HG_TRY(hg_shell_quote(&path, run->path));
    remark(page, "It stands after epoch %zu of %zu. Go on with: handgrad resume %s", done, o->epochs, path);
    free(path);
    return HG_OK;
}

/* Whether more epochs could make it better: a classifier that is held against other samples than those it learns from
 * is best at its last epoch, an autoencoder is away from its optimum. */
static bool is_unfinished(const struct hg_report_run *run, const struct hg_metrics *last)
{
    if (isfinite(last->validation_loss))
        return run->kept == last;
    return last->optimality_gap > NOTABLE;
}

static void remark_on_course(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_history *h = &run->history;
    if (h->count == 0)
        return;
    const struct hg_metrics *last = &h->epochs[h->count - 1];
    double least = INFINITY;
    for (size_t i = 0; i < h->count; ++i)
        least = fmin(least, h->epochs[i].train_loss);
    if (last->train_loss > 1.5 * least)
        remark(page, "Its training loss rose, from %.4g to %.4g in the end: the rate (--lr, %.3g) may be too high.",
               least, last->train_loss, run->config.options.lr);
    else if (h->count >= 3 && is_unfinished(run, last) &&
             h->epochs[h->count - 2].train_loss > (1 + NOTABLE) * last->train_loss)
        remark(page, "In its last epoch the training loss still fell by %.2g %%: more epochs (--epochs) may help.",
               100 * (h->epochs[h->count - 2].train_loss / last->train_loss - 1));
    if (run->kept && run->kept->epoch < last->epoch &&
        last->validation_loss > (1 + NOTABLE) * run->kept->validation_loss)
        remark(
            page,
            "The validation loss was least after epoch %zu, and %.3g %% above that in the end: the epochs in between "
            "fitted the training samples alone. The weights are those of epoch %zu.",
            run->kept->epoch, 100 * (last->validation_loss / run->kept->validation_loss - 1), run->kept->epoch);
    else if (run->kept && run->kept->epoch < last->epoch)
        remark(page, "The weights are those of epoch %zu of %zu, kept for the best validation loss.", run->kept->epoch,
               last->epoch);
}

static enum hg_status remark_on_formula(struct hg_html *page, const char *gradient)
{
    float encoder, decoder;
    if (!hg_gradient_paths(gradient, &encoder, &decoder)) {
        char *quoted;
        HG_TRY(hg_shell_quote(&quoted, gradient));
        remark(page,
               "It descended along a formula of its user. Whether that is the gradient of the loss: handgrad check "
               "--formula %s",
               quoted);
        free(quoted);
    } else if (decoder == 0) {
        remark(page,
               "It descended along 2E = 2W(WᵀW − I)XXᵀ, which is not the gradient of the loss: it takes the "
               "decoder's path for the encoder's, and stops where the rows of W are orthonormal, whatever the data.");
    } else if (encoder == 0) {
        remark(page,
               "It descended along 2D, Oja's subspace rule: not the gradient of the loss, but it leads to the same "
               "optimum.");
    }
    return HG_OK;
}

static void remark_on_classes(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_confusion *c = &run->confusion;
    size_t never = 0, first = 0;
    for (size_t i = c->classes; i > 0; --i) {
        if (c->scores[i - 1].support > 0 && c->scores[i - 1].predicted == 0) {
            ++never;
            first = i - 1;
        }
    }
    char name[HG_REPORT_NAME];
    if (never == 1)
        remark(page, "It never answers %s.", hg_report_class(name, run, first));
    else if (never > 1)
        remark(page, "%zu of its %zu classes are never its answer.", never, c->classes);
}

/* By the statistics that the model has on record, of the samples that it was trained on: of all, or of a part that is
 * about like them. */
static bool data_have_changed(const struct hg_report_run *run)
{
    const struct hg_train_options *o = &run->config.options;
    const struct hg_input_scale *then = &run->scale;
    struct hg_input_scale now;
    if (!run->train || then->numbers == HG_NUMBERS_UNKNOWN)
        return false;
    const bool whole = o->limit == 0 && o->validation_fraction == 0;
    const double slack = whole ? 0 : 0.1 * then->deviation;
    hg_dataset_scale(run->train, &now);
    return fabs(now.mean - then->mean) > slack || fabs(now.deviation - then->deviation) > slack;
}

static void remark_on_sources(struct hg_html *page, const struct hg_report_run *run)
{
    if (!run->model)
        remark(page, "No weights were saved, so the page has its record alone.");
    if (data_have_changed(run))
        remark(page, "Its training data have changed since: what follows is of the data as they are now.");
    if (run->no_data)
        remark(page, "The page has nothing of its data, which could not be used: %s", run->no_data);
    else if (run->judged && run->judged == run->train && run->config.options.model == HG_MLP)
        remark(page, "There is no test set, so it is judged on the samples that it was trained on, which flatters it.");
    if (run->history.damaged)
        remark(page, "%zu of %zu lines of its metrics.jsonl are damaged and left out.", run->history.damaged,
               run->history.lines);
}

enum hg_status hg_report_add_verdict(struct hg_html *page, const struct hg_report_run *run)
{
    hg_html_markup(page, "<p class=\"verdict\">");
    add_sentence(page, run);
    hg_html_markup(page, "</p>\n<ul class=\"remarks\">");
    if (run->config.options.model == HG_AUTOENCODER)
        HG_TRY(remark_on_formula(page, run->config.options.gradient));
    HG_TRY(remark_on_end(page, run));
    remark_on_course(page, run);
    remark_on_classes(page, run);
    remark_on_sources(page, run);
    hg_html_markup(page, "</ul>\n");
    return HG_OK;
}
