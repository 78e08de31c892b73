/* What is known at the end of an epoch: losses, accuracies, and whether the weights are still good for anything. */
#include <math.h>
#include <stdlib.h>

#include "host/models/tensors.h"
#include "host/training/optimum.h"
#include "host/training/schedule.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/second_moment.h"

uint64_t hg_trainer_steps_done(const struct hg_trainer *trainer)
{
    return trainer->position.epochs_done * trainer->epoch_steps + trainer->position.step_in_epoch;
}

enum hg_status hg_trainer_require_finite(const struct hg_trainer *trainer, double loss, const char *of)
{
    if (isfinite((float)loss)) /* weights and outputs are floats */
        return HG_OK;
    return hg_fail(HG_CHECK_FAILED,
                   "training diverged in epoch %llu: the loss %s is not finite with lr=%g; try a smaller one%s",
                   (unsigned long long)trainer->position.epochs_done + 1, of, trainer->options.lr,
                   trainer->typed_gradient ? ", and a formula that is the mean over the batch, as with /N" : "");
}

/* Checks that the weights still give finite outputs, where no other evaluation follows the last update. */
static enum hg_status try_weights(struct hg_trainer *trainer)
{
    enum { ENOUGH = 1024 };
    const size_t count = trainer->train.count < ENOUGH ? trainer->train.count : ENOUGH;
    struct hg_totals sums;
    HG_TRY(trainer->network->functions->evaluate(trainer->network, trainer->train.data, count, &sums));
    return hg_trainer_require_finite(trainer, sums.loss, "after its last step");
}

static enum hg_status evaluate_part(struct hg_trainer *trainer, const struct hg_part *part, double *loss,
                                    double *accuracy)
{
    *loss = *accuracy = NAN;
    if (!part->slice)
        return HG_OK;
    struct hg_totals sums;
    HG_TRY(trainer->network->functions->evaluate(trainer->network, part->data, part->count, &sums));
    HG_TRY(hg_trainer_require_finite(trainer, sums.loss, "of an evaluation"));
    *loss = sums.loss / (double)sums.samples;
    if (trainer->options.model == HG_MLP)
        *accuracy = (double)sums.correct / (double)sums.samples;
    return HG_OK;
}

/* The autoencoder's loss over the whole training set at its present weights, computed exactly from the second moment.
 */
static enum hg_status training_set_loss(struct hg_trainer *trainer, double *loss)
{
    const struct hg_network_spec *spec = &trainer->spec;
    double *w;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&w, hg_trainer_values(spec), "the weights"));
    HG_TRY_OR_CLEANUP(hg_network_get_all(trainer->network, spec, HG_PARAMETER, w));
    HG_TRY_OR_CLEANUP(hg_second_moment_loss(trainer->second_moment, spec->features, w, spec->hidden, loss));

cleanup:
    free(w);
    return status;
}

enum hg_status hg_trainer_measure(struct hg_trainer *trainer, struct hg_metrics *metrics)
{
    const struct hg_position *position = &trainer->position;
    const double samples = (double)position->totals.samples;
    *metrics = (struct hg_metrics){
        .epoch = position->epochs_done + 1,
        .step = hg_trainer_steps_done(trainer),
        .lr = hg_schedule_rate(&trainer->options, trainer->epoch_steps, hg_trainer_steps_done(trainer) - 1),
        .train_loss = position->totals.loss / samples,
        .train_accuracy = NAN,
        .optimality_gap = NAN,
        .optimality_distance = NAN,
        .seconds = position->seconds,
        .samples_per_second = samples / position->seconds,
    };
    if (trainer->options.model == HG_MLP) {
        if (!trainer->validation.slice && !trainer->test.slice)
            HG_TRY(try_weights(trainer));
        metrics->train_accuracy = (double)position->totals.correct / samples;
    } else {
        HG_TRY(training_set_loss(trainer, &metrics->train_loss));
        HG_TRY(hg_trainer_require_finite(trainer, metrics->train_loss, "of the training set"));
        metrics->optimality_gap = hg_optimality_gap(metrics->train_loss, trainer->optimum);
        metrics->optimality_distance = metrics->train_loss - trainer->optimum;
    }
    HG_TRY(evaluate_part(trainer, &trainer->validation, &metrics->validation_loss, &metrics->validation_accuracy));
    return evaluate_part(trainer, &trainer->test, &metrics->test_loss, &metrics->test_accuracy);
}
