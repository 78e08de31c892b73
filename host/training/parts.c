/* The parts of the data that a trainer works on, and what is amiss with the classes in them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/data/dataset.h"
#include "host/data/division.h"
#include "host/training/trainer.h"
#include "kernels/base/try.h"

enum { LABELS = 256 };

void hg_trainer_warn(struct hg_trainer *trainer, const char *format, ...)
{
    va_list arguments;
    if (trainer->warning_count == HG_TRAINER_WARNINGS)
        return;
    va_start(arguments, format);
    vsnprintf(trainer->warnings[trainer->warning_count++], HG_TRAINER_WARNING_SIZE, format, arguments);
    va_end(arguments);
}

/* A stray label makes classes that nothing can be learnt of. */
static void warn_of_holes(struct hg_trainer *trainer, const struct hg_dataset *all, const size_t counts[LABELS])
{
    const size_t classes = hg_dataset_classes(all);
    size_t filled = 0;
    for (size_t c = 0; c < classes; ++c)
        filled += counts[c] > 0;
    if (filled < classes)
        hg_trainer_warn(trainer,
                        "%s: labels up to %zu make %zu classes, but only %zu of them have samples; %zu has %zu",
                        hg_dataset_name(all), classes - 1, classes, filled, classes - 1, counts[classes - 1]);
}

/* Of classes that have samples, those that have none in a part of the data. `what` says which part. */
static void warn_of_missing(struct hg_trainer *trainer, const struct hg_part *part, const char *what,
                            const size_t counts[LABELS])
{
    enum { LISTED = 4 };
    size_t here[LABELS], missing = 0, used = 0;
    char list[128] = "";
    if (!part->slice)
        return;
    hg_dataset_count_labels(here, part->slice);
    for (size_t c = 0; c < LABELS; ++c) {
        if (counts[c] == 0 || here[c] > 0)
            continue;
        if (++missing <= LISTED)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%zu (%zu in all)", used ? ", " : "", c, counts[c]);
    }
    if (missing > 0)
        hg_trainer_warn(trainer, "%s: none of the %zu samples %s is of class %s%s", hg_dataset_name(part->slice),
                        part->count, what, list, missing > LISTED ? ", ..." : "");
}

static enum hg_status divide_training_set(struct hg_trainer *trainer, const struct hg_dataset *all, size_t used,
                                          size_t held_out)
{
    const struct hg_train_options *o = &trainer->options;
    const struct hg_division division = {
        .used = used, .held_out = held_out, .by_label = o->model == HG_MLP, .seed = o->seed};
    if (o->split_order == HG_SPLIT_STRATIFIED)
        return hg_dataset_divide(&trainer->train.slice, &trainer->validation.slice, all, &division);
    HG_TRY(hg_dataset_slice(&trainer->train.slice, all, 0, used - held_out));
    return held_out ? hg_dataset_slice(&trainer->validation.slice, all, used - held_out, held_out) : HG_OK;
}

static enum hg_status require_features(const struct hg_train_options *o, const struct hg_dataset *train,
                                       const struct hg_dataset *test)
{
    const size_t features = hg_dataset_features(train);
    if (test && hg_dataset_features(test) != features)
        return hg_fail(HG_BAD_DATA, "%s has %zu features a sample, but the training set %s has %zu",
                       hg_dataset_name(test), hg_dataset_features(test), hg_dataset_name(train), features);
    if (o->model == HG_AUTOENCODER && o->hidden > features)
        return hg_fail(HG_USAGE, "hidden: %zu is more than the %zu features of a sample; give at most that", o->hidden,
                       features);
    return HG_OK;
}

static enum hg_status require_labels(const struct hg_dataset *train, const struct hg_dataset *test)
{
    if (!hg_dataset_labels(train))
        return hg_fail(HG_BAD_DATA, "%s: has no labels, which a classifier is trained with", hg_dataset_name(train));
    if (hg_dataset_classes(train) < 2)
        return hg_fail(HG_BAD_DATA, "%s has fewer than two classes of labels; a classifier needs two",
                       hg_dataset_name(train));
    if (test && !hg_dataset_labels(test))
        return hg_fail(HG_BAD_DATA, "%s has no labels to test a classifier with", hg_dataset_name(test));
    if (test && hg_dataset_classes(test) > hg_dataset_classes(train))
        return hg_fail(HG_BAD_DATA, "%s has a label %zu, but the training set %s has none above %zu",
                       hg_dataset_name(test), hg_dataset_classes(test) - 1, hg_dataset_name(train),
                       hg_dataset_classes(train) - 1);
    return test ? hg_dataset_require_classes(test, hg_dataset_class_names(train)) : HG_OK;
}

/* How many of the training samples are in use, and how many of these are held out. */
static size_t count_used(const struct hg_train_options *o, const struct hg_dataset *train)
{
    return o->limit ? o->limit : hg_dataset_count(train);
}

static size_t count_held_out(const struct hg_train_options *o, const struct hg_dataset *train)
{
    return (size_t)floor((double)count_used(o, train) * o->validation_fraction);
}

enum hg_status hg_trainer_require_fit(const struct hg_train_options *o, const struct hg_dataset *train,
                                      const struct hg_dataset *test)
{
    const size_t all = hg_dataset_count(train), used = count_used(o, train), held_out = count_held_out(o, train);
    HG_TRY(require_features(o, train, test));
    if (o->model == HG_MLP)
        HG_TRY(require_labels(train, test));
    if (used > all)
        return hg_fail(HG_USAGE, "limit: %zu is more than the %zu training samples of %s", o->limit, all,
                       hg_dataset_name(train));
    if (o->validation_fraction > 0 && (held_out == 0 || held_out == used))
        return hg_fail(HG_USAGE,
                       "validation_fraction: %g of %zu training samples leaves nothing to validate or train on",
                       o->validation_fraction, used);
    return HG_OK;
}

enum hg_status hg_trainer_divide(struct hg_trainer *trainer, const struct hg_dataset *train,
                                 const struct hg_dataset *test)
{
    const struct hg_train_options *o = &trainer->options;
    const size_t used = count_used(o, train), held_out = count_held_out(o, train);
    HG_TRY(divide_training_set(trainer, train, used, held_out));
    trainer->train.count = used - held_out;
    trainer->validation.count = held_out;
    if (test && o->test) {
        trainer->test.count = hg_dataset_count(test);
        HG_TRY(hg_dataset_slice(&trainer->test.slice, test, 0, trainer->test.count));
    }
    if (o->model == HG_MLP) {
        size_t counts[LABELS];
        hg_dataset_count_labels(counts, train);
        warn_of_holes(trainer, train, counts);
        warn_of_missing(trainer, &trainer->train, "to train on", counts);
        warn_of_missing(trainer, &trainer->validation, "held out", counts);
    }
    return HG_OK;
}
