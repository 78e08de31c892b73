#include "host/training/metric_table.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(field) .name = #field, .offset = offsetof(struct hg_metrics, field)
#define SUMMARISED(field) AT(field), .summary = #field

static const char always[] = "always", nats[] = "nats (mlp)";

const struct hg_metric hg_metric_table[] = {
    {AT(epoch), .tag = "epoch", .whole = true, .unit = "epochs", .applies = always, .help = "epochs done"},
    {AT(step), .summary = "steps", .whole = true, .unit = "steps", .applies = always, .help = "steps done"},
    {AT(lr), .tag = "learning_rate", .unit = "", .applies = always,
     .help = "the learning rate of the epoch's last step"},
    {SUMMARISED(train_loss), .tag = "loss/train", .unit = nats, .applies = always,
     .help = "mlp: mean over the epoch's steps. autoencoder: of the epoch's final weights on the training set"},
    {SUMMARISED(train_accuracy), .tag = "accuracy/train", .unit = "0 to 1", .applies = "mlp",
     .help = "over the epoch's steps"},
    {SUMMARISED(validation_loss), .tag = "loss/validation", .unit = nats, .applies = "with validation_fraction",
     .help = "mean over the samples held out"},
    {SUMMARISED(validation_accuracy), .tag = "accuracy/validation", .unit = "0 to 1",
     .applies = "mlp, with validation_fraction", .help = "of the samples held out"},
    {SUMMARISED(test_loss), .tag = "loss/test", .unit = nats, .applies = "with a test set",
     .help = "mean over the test samples"},
    {SUMMARISED(test_accuracy), .tag = "accuracy/test", .unit = "0 to 1", .applies = "mlp, with a test set",
     .help = "of the test samples"},
    {SUMMARISED(optimality_gap), .tag = "optimum/gap", .unit = "of the optimum", .applies = "autoencoder, L\\* not 0",
     .help = "(train_loss − L\\*) / L\\*, L\\* the least possible loss on the training set ([MATH.md](MATH.md))"},
    {SUMMARISED(optimality_distance), .tag = "optimum/distance", .unit = "", .applies = "autoencoder",
     .help = "train_loss − L\\*"},
    {AT(seconds), .tag = "time/seconds", .unit = "s", .applies = always,
     .help = "of training alone, without evaluation"},
    {SUMMARISED(samples_per_second), .tag = "time/samples_per_second", .unit = "1/s", .applies = always,
     .help = "of training alone"},
    {.name = NULL},
};

double hg_metric_value(const struct hg_metric *metric, const struct hg_metrics *metrics)
{
    const void *field = (const char *)metrics + metric->offset;
    return metric->whole ? (double)*(const size_t *)field : *(const double *)field;
}

const struct hg_metric *hg_metric_find(const char *name)
{
    const struct hg_metric *metric = hg_metric_table;
    while (strcmp(metric->name, name) != 0) {
        ++metric;
        assert(metric->name);
    }
    return metric;
}

const char *hg_metric_words(char *out, const struct hg_metric *metric)
{
    snprintf(out, HG_METRIC_WORDS, "%s", metric->name);
    for (char *at = out; (at = strchr(at, '_'));)
        *at = ' ';
    return out;
}
