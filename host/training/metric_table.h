/* The one table of metrics: what is known at the end of an epoch. metrics.jsonl, event files, the object that train
 * --json prints, and docs/FORMATS.md follow from its rows. */
#ifndef HANDGRAD_HOST_TRAINING_METRIC_TABLE_H
#define HANDGRAD_HOST_TRAINING_METRIC_TABLE_H

#include "handgrad/trainer.h"

struct hg_metric {
    const char *name;    /* of the field, and the key in metrics.jsonl */
    const char *summary; /* the key in the object of --json; NULL: it is not there */
    bool whole;          /* the field is a size_t, else a double */
    size_t offset;       /* of the field */
    const char *tag;     /* in event files for TensorBoard; NULL: it is not there */
    const char *unit;
    const char *applies; /* when it has a value */
    const char *help;
};

/* A row for each field of struct hg_metrics, in the order of metrics.jsonl; the last has no name. */
extern const struct hg_metric hg_metric_table[];

/* The value as a number; NAN where it does not apply. */
double hg_metric_value(const struct hg_metric *metric, const struct hg_metrics *metrics);

/* The row of a metric that there is. */
const struct hg_metric *hg_metric_find(const char *name);

enum { HG_METRIC_WORDS = 32 };
/* The name in words, "train loss", in out[HG_METRIC_WORDS]. Returns `out`. */
const char *hg_metric_words(char *out, const struct hg_metric *metric);

#endif
