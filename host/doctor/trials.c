/* Both models, tried for a moment: where they start, what they could reach, and whether they learn a few samples by
 * heart. */
#include <math.h>
#include <stdlib.h>

#include "handgrad/trainer.h"
#include "host/data/dataset.h"
#include "host/doctor/examine.h"
#include "host/training/optimum.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/second_moment.h"

enum { FIRST_LOSS_SAMPLES = 2048, TRIAL_SAMPLES = 64, TRIAL_STEPS = 200, TRIAL_LATENT = 8 };

/* Beyond this the eigenvalues, and this many multiplications for the second moment, take too long for a look. */
enum { MOST_FEATURES = 3000 };
static const double most_products = 1.5e11;

/* At most `most` samples, evenly spread. */
static enum hg_status gather(struct hg_dataset **out, const struct hg_dataset *dataset, size_t most)
{
    const size_t count = hg_dataset_count(dataset) < most ? hg_dataset_count(dataset) : most;
    uint32_t *rows;
    HG_TRY(hg_allocate(&rows, count, "some of the samples"));
    for (size_t k = 0; k < count; ++k)
        rows[k] = (uint32_t)hg_samples_spread(hg_dataset_samples(dataset), k, count);
    const enum hg_status status = hg_dataset_gather(out, dataset, rows, count);
    free(rows);
    return status;
}

/* Steps of all samples at once, at the rate by the data. */
static void set_options(struct hg_train_options *options, enum hg_model_kind model, size_t steps, int threads)
{
    hg_train_options_default(options, model);
    options->epochs = steps;
    options->batch_size = 0;
    options->warmup_epochs = 0;
    options->weight_decay = 0;
    options->test = false;
    options->backend = "cpu";
    options->threads = threads;
}

static enum hg_status run_epochs(struct hg_trial *trial, struct hg_trainer *trainer, enum hg_model_kind model)
{
    struct hg_metrics metrics = {.epoch = 0};
    while (!hg_trainer_finished(trainer)) {
        const enum hg_status status = hg_trainer_epoch(trainer, NULL, NULL, &metrics);
        trial->diverged = status == HG_CHECK_FAILED;
        if (trial->diverged)
            return HG_OK;
        HG_TRY(status);
        trial->last_loss = metrics.train_loss;
        trial->accuracy = metrics.train_accuracy;
        if (trial->steps++ == 0) /* the MLP's is that of the first weights, the autoencoder's of those after a step */
            trial->first_loss = metrics.train_loss;
    }
    trial->least_loss = model == HG_MLP ? 0 : hg_trainer_optimum(trainer);
    return HG_OK;
}

static enum hg_status try_model(struct hg_trial *trial, const struct hg_dataset *dataset, size_t samples,
                                const struct hg_train_options *options)
{
    struct hg_dataset *few = NULL;
    struct hg_trainer *trainer = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(gather(&few, dataset, samples));
    *trial = (struct hg_trial){.samples = hg_dataset_count(few), .hidden = options->hidden, .accuracy = NAN};
    HG_TRY_OR_CLEANUP(hg_trainer_create(&trainer, options, few, NULL));
    status = run_epochs(trial, trainer, options->model);
cleanup:
    hg_trainer_free(trainer);
    hg_dataset_free(few);
    return status;
}

static void judge_trial(struct hg_diagnosis *g, const struct hg_trial *trial, const char *name, const char *model)
{
    if (trial->diverged)
        hg_find(g, HG_FINDING_WARNING, name,
                "%s diverges on %zu of the samples: numbers are far too large beside the others, or all of them too "
                "large or "
                "too small for arithmetic in 32 bits; give the features a deviation of about one",
                model, trial->samples);
    else if (trial->last_loss - trial->least_loss > 0.5 * (trial->first_loss - trial->least_loss))
        hg_find(g, HG_FINDING_WARNING, name,
                "%s does not learn even %zu of the samples by heart: in %zu steps the loss went from %.4g to %.4g; are "
                "they "
                "the same with different labels, or on very different scales?",
                model, trial->samples, trial->steps, trial->first_loss, trial->last_loss);
}

/* What a trainer warns of; it is made of everything, as training would make it. */
static enum hg_status take_warnings(struct hg_diagnosis *g, const struct hg_train_options *usual)
{
    struct hg_trainer *trainer;
    HG_TRY(hg_trainer_create(&trainer, usual, g->train, g->test));
    for (size_t i = 0; hg_trainer_warning(trainer, i); ++i)
        hg_find(g, HG_FINDING_WARNING, "classes", "%s", hg_trainer_warning(trainer, i));
    hg_trainer_free(trainer);
    return HG_OK;
}

enum hg_status hg_examine_mlp(struct hg_diagnosis *g, int threads)
{
    struct hg_train_options options;
    struct hg_trial start;
    const double classes = (double)hg_dataset_classes(g->train);
    set_options(&options, HG_MLP, 1, threads);
    HG_TRY(take_warnings(g, &options));
    HG_TRY(try_model(&start, g->train, FIRST_LOSS_SAMPLES, &options));
    g->first_loss = start.diverged ? INFINITY : start.first_loss;
    if (!(g->first_loss < 3 * log(classes) + 1))
        hg_find(g, HG_FINDING_WARNING, "first_loss",
                "the loss at the first weights is %.4g, where ln %.0f = %.4g is to be expected of a network that knows "
                "nothing: single samples are far larger than most; look for outliers, or scale the features",
                g->first_loss, classes, log(classes));
    set_options(&options, HG_MLP, TRIAL_STEPS, threads);
    HG_TRY(try_model(&g->mlp, g->train, TRIAL_SAMPLES, &options));
    judge_trial(g, &g->mlp, "mlp_does_not_learn", "the classifier");
    return HG_OK;
}

static enum hg_status find_optima(struct hg_diagnosis *g, int threads)
{
    const size_t features = hg_dataset_features(g->train);
    const double most_rows = most_products / ((double)features * (double)features);
    struct hg_dataset *part = NULL;
    double *moment = NULL, *values = NULL, square_sum;
    enum hg_status status = HG_OK;
    if ((double)hg_dataset_count(g->train) > most_rows)
        HG_TRY_OR_CLEANUP(gather(&part, g->train, (size_t)most_rows));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&moment, features, features * sizeof *moment, "the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate(&values, features, "the eigenvalues"));
    HG_TRY_OR_CLEANUP(hg_second_moment(hg_dataset_samples(part ? part : g->train), threads, moment, &square_sum));
    HG_TRY_OR_CLEANUP(hg_eigen(moment, features, values, 0, NULL));
    for (size_t m = 1; m <= features; m = m < features && m * 2 > features ? features : m * 2) {
        g->optima[g->optimum_count].latent = m;
        g->optima[g->optimum_count++].loss = hg_optimum_loss(values, features, m);
    }
cleanup:
    free(values);
    free(moment);
    hg_dataset_free(part);
    return status;
}

enum hg_status hg_examine_autoencoder(struct hg_diagnosis *g, int threads)
{
    const size_t features = hg_dataset_features(g->train);
    struct hg_train_options options;
    if (features > MOST_FEATURES) {
        hg_find(g, HG_FINDING_NOTE, "no_optimum",
                "with %zu features the least possible losses take long; handgrad optimum has them", features);
        return HG_OK;
    }
    HG_TRY(find_optima(g, threads));
    if (!(g->loss_of_zero > 0))
        return HG_OK; /* all is zero, which is said elsewhere */
    set_options(&options, HG_AUTOENCODER, TRIAL_STEPS, threads);
    options.hidden = features < TRIAL_LATENT ? features : TRIAL_LATENT;
    HG_TRY(try_model(&g->autoencoder, g->train, TRIAL_LATENT, &options));
    judge_trial(g, &g->autoencoder, "autoencoder_does_not_learn", "the autoencoder");
    return HG_OK;
}
