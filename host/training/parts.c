/* The parts of the data that a trainer works on, and what is amiss with the classes in them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/data/dataset.h"
#include "host/data/division.h"
#include "host/training/trainer.h"
#include "kernels/base/try.h"

enum { LABELS = 256 };

static void warn(struct hg_trainer *trainer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct hg_trainer *trainer, const char *format, ...)
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
        warn(trainer, "%s: labels up to %zu make %zu classes, but only %zu of them have samples; %zu has %zu",
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
        warn(trainer, "%s: none of the %zu samples %s is of class %s%s", hg_dataset_name(part->slice), part->count,
             what, list, missing > LISTED ? ", ..." : "");
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

enum hg_status hg_trainer_divide(struct hg_trainer *trainer, const struct hg_dataset *train,
                                 const struct hg_dataset *test)
{
    const struct hg_train_options *o = &trainer->options;
    const size_t all = hg_dataset_count(train);
    if (o->limit > all)
        return hg_fail(HG_USAGE, "limit: %zu is more than the %zu training samples of %s", o->limit, all,
                       hg_dataset_name(train));
    const size_t used = o->limit ? o->limit : all;
    const size_t held_out = (size_t)floor((double)used * o->validation_fraction);
    if (o->validation_fraction > 0 && (held_out == 0 || held_out == used))
        return hg_fail(HG_USAGE,
                       "validation_fraction: %g of %zu training samples leaves nothing to validate or train on",
                       o->validation_fraction, used);
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
