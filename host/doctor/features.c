/* Features: those that are constant, those that give the label away, and those that are too large beside the others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/data/input_scale.h"
#include "host/doctor/examine.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { CLASSES = 256 };

/* Of each feature, its numbers as stored. */
struct columns {
    size_t features, classes;
    double *least, *largest, *sum, *squares, *shift; /* [features]; shift: the first row, which sums are taken about */
    bool *counts_up;                                 /* each number is one more than the last */
    bool *varies_within;                             /* [features]: in some class it has several values */
    double *of_class; /* [classes][features], its value in the first sample of the class */
    size_t *coded;    /* [features], numbers such as -999, which stand for a missing one */
};

static void columns_free(struct columns *c)
{
    free(c->least);
    free(c->counts_up);
    free(c->of_class);
    free(c->coded);
}

static enum hg_status columns_allocate(struct columns *c, const struct hg_dataset *dataset)
{
    *c = (struct columns){.features = hg_dataset_features(dataset), .classes = hg_dataset_classes(dataset)};
    HG_TRY(hg_allocate_bytes(&c->least, c->features, 5 * sizeof *c->least, "the statistics of the features"));
    c->largest = c->least + c->features;
    c->sum = c->largest + c->features;
    c->squares = c->sum + c->features;
    c->shift = c->squares + c->features;
    HG_TRY(hg_allocate_bytes(&c->counts_up, c->features, 2 * sizeof *c->counts_up, "the statistics of the features"));
    c->varies_within = c->counts_up + c->features;
    HG_TRY(hg_allocate(&c->coded, c->features, "the statistics of the features"));
    if (c->classes)
        HG_TRY(hg_allocate_bytes(&c->of_class, c->features, c->classes * sizeof *c->of_class,
                                 "the features of the classes"));
    return HG_OK;
}

static bool stands_for_missing(double value)
{
    return value == -999 || value == -9999 || value == -99999;
}

static void take_row(struct columns *c, const struct hg_samples *samples, size_t row, bool *seen)
{
    double *of_class = samples->labels ? c->of_class + samples->labels[row] * c->features : NULL;
    const bool first_of_class = of_class && !seen[samples->labels[row]];
    for (size_t d = 0; d < c->features; ++d) {
        const double value = hg_samples_number(samples, row, d);
        if (row == 0) {
            c->shift[d] = c->least[d] = c->largest[d] = value;
            c->counts_up[d] = true;
        } else
            c->counts_up[d] &= value == c->shift[d] + (double)row;
        const double away = value - c->shift[d];
        c->least[d] = value < c->least[d] ? value : c->least[d];
        c->largest[d] = value > c->largest[d] ? value : c->largest[d];
        c->sum[d] += away;
        c->squares[d] += away * away;
        if (first_of_class)
            of_class[d] = value;
        else if (of_class && of_class[d] != value)
            c->varies_within[d] = true;
    }
    if (of_class)
        seen[samples->labels[row]] = true;
}

static void count_coded(struct columns *c, const struct hg_samples *samples)
{
    for (size_t row = 0; row < samples->count; ++row)
        for (size_t d = 0; d < c->features; ++d)
            c->coded[d] += stands_for_missing(hg_samples_number(samples, row, d));
}

static double variance(const struct columns *c, size_t count, size_t d)
{
    const double mean = c->sum[d] / (double)count;
    return fmax(0, c->squares[d] / (double)count - mean * mean);
}

/* ---- judgements ---- */

/* The names of the first features of which `flags` is true, in list[size]. */
static size_t list_features(char *list, size_t size, const struct hg_diagnosis *g, const bool *flags)
{
    enum { LISTED = 4 };
    const size_t features = hg_dataset_features(g->train);
    size_t count = 0, used = 0;
    char name[128];
    *list = '\0';
    for (size_t d = 0; d < features; ++d) {
        if (!flags[d] || ++count > LISTED)
            continue;
        hg_feature_name(name, sizeof name, g->train, d);
        used += (size_t)snprintf(list + used, size - used, "%s%s", count > 1 ? ", " : "", name);
        used = used < size ? used : size - 1;
    }
    if (count > LISTED)
        snprintf(list + used, size - used, ", ...");
    return count;
}

static void judge_constants(struct hg_diagnosis *g, const struct columns *c, bool *flags)
{
    char list[256];
    for (size_t d = 0; d < c->features; ++d)
        flags[d] = c->least[d] == c->largest[d];
    g->constant_features = list_features(list, sizeof list, g, flags);
    if (g->of_train.count < 2 || g->constant_features == 0)
        return;
    if (g->constant_features == c->features)
        hg_find(g, HG_FINDING_ERROR, "all_constant",
                "every feature is constant: all samples are the same, and there is nothing to learn from");
    else
        hg_find(g, hg_dataset_columns(g->train) ? HG_FINDING_WARNING : HG_FINDING_NOTE, "constant_features",
                "%zu of %zu features are constant and say nothing (%s)%s", g->constant_features, c->features, list,
                hg_dataset_columns(g->train) ? "; leave them out with skip_columns, or see why they are"
                                             : "; in images that is usual at the border");
}

/* A feature with one value in each class, and not the same in all, is a function of the label. Each class must have
 * some samples for that to be no accident. */
static void judge_leaks(struct hg_diagnosis *g, const struct columns *c, bool *flags)
{
    enum { SOME = 3 };
    char list[256];
    if (c->classes < 2)
        return;
    for (size_t k = 0; k < c->classes; ++k)
        if (g->of_train.labels[k] > 0 && g->of_train.labels[k] < SOME)
            return;
    for (size_t d = 0; d < c->features; ++d)
        flags[d] = !c->varies_within[d] && c->least[d] < c->largest[d];
    const size_t count = list_features(list, sizeof list, g, flags);
    if (count)
        hg_find(
            g, HG_FINDING_WARNING, "label_leaks",
            "%zu feature%s the label away, having one and the same value in all samples of a class (%s): a classifier "
            "will look perfect and know nothing; leave %s out, in a table with skip_columns, unless that is known "
            "of new samples, too",
            count, count == 1 ? " gives" : "s give", list, count == 1 ? "it" : "them");
}

static void judge_index(struct hg_diagnosis *g, const struct columns *c)
{
    char list[256];
    if (g->of_train.count < 10)
        return;
    const size_t count = list_features(list, sizeof list, g, c->counts_up);
    if (count)
        hg_find(g, HG_FINDING_WARNING, "index_feature",
                "%s counts the samples: it is an index and no measurement; leave it out, in a table with skip_columns",
                list);
}

static void judge_coded(struct hg_diagnosis *g, const struct columns *c, bool *flags)
{
    char list[256];
    size_t all = 0;
    for (size_t d = 0; d < c->features; ++d) {
        flags[d] = c->coded[d] > 0 && stands_for_missing(c->least[d]) && c->least[d] < c->largest[d];
        all += flags[d] ? c->coded[d] : 0;
    }
    if (list_features(list, sizeof list, g, flags))
        hg_find(g, HG_FINDING_WARNING, "coded_missing",
                "%zu numbers are -999, -9999 or -99999 and the least of their feature (%s): do they stand for missing "
                "ones? "
                "They are taken for numbers; replace them, by the mean of the feature for example",
                all, list);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One feature far larger than the others is all that a gradient sees. Pixels at the border of images vary little, so
 * the smallest say nothing. */
static enum hg_status judge_scales(struct hg_diagnosis *g, const struct columns *c)
{
    double *variances, all = 0;
    size_t largest = 0, kept = 0;
    char name[128];
    if (c->features < 2 || g->of_train.count < 2)
        return HG_OK;
    HG_TRY(hg_allocate(&variances, c->features, "the variances of the features"));
    for (size_t d = 0; d < c->features; ++d) {
        const double v = variance(c, g->of_train.count, d);
        all += v;
        largest = v > variance(c, g->of_train.count, largest) ? d : largest;
        if (v > 0)
            variances[kept++] = v;
    }
    qsort(variances, kept, sizeof *variances, compare);
    const double typical = kept ? sqrt(variances[(kept - 1) / 2]) : 0, most = kept ? sqrt(variances[kept - 1]) : 0;
    if (kept > 1 && most * most > 0.95 * all && most > 100 * typical)
        hg_find(
            g, HG_FINDING_WARNING, "scales_differ",
            "%s has deviation %.3g, the typical feature %.3g: to the models the large ones are everything; give all "
            "features a deviation of about one before training, the test set by the training set's figures",
            hg_feature_name(name, sizeof name, g->train, largest), most, typical);
    free(variances);
    return HG_OK;
}

static void judge_numbers(struct hg_diagnosis *g, const struct columns *c)
{
    const struct hg_input_scale *scale = &g->of_train.scale;
    const bool bytes = hg_dataset_samples(g->train)->element == HG_U8;
    double mean_square = 0, spread = 0;
    for (size_t d = 0; d < c->features; ++d) {
        const double unit = bytes ? 1 / 255.0 : 1, mean = (c->shift[d] + c->sum[d] / (double)g->of_train.count) * unit;
        mean_square += mean * mean;
        spread += variance(c, g->of_train.count, d) * unit * unit;
    }
    g->loss_of_mean = spread / 2;
    g->loss_of_zero = (spread + mean_square) / 2;
    if (mean_square > 10 * spread && spread > 0)
        hg_find(
            g, HG_FINDING_NOTE, "far_from_zero",
            "the samples lie far from zero beside their spread: %.1f %% of ||x||^2 is their mean. The classifier takes "
            "it off by itself; the autoencoder spends its first latent unit on it, unless you take it off before",
            100 * mean_square / (mean_square + spread));
    if (bytes)
        hg_find(g, HG_FINDING_NOTE, "bytes", "the numbers are bytes; the models see them divided by 255");
    else if (scale->least >= 0 && scale->largest > 1 && scale->largest <= 255 && hg_dataset_height(g->train))
        hg_find(g, HG_FINDING_NOTE, "unscaled_pixels",
                "the pixels are floats from %.4g to %.4g, and taken as they are; as bytes they would need a quarter of "
                "the memory and train faster",
                scale->least, scale->largest);
    else if (fabs(scale->mean) < 0.1 && fabs(scale->deviation - 1) < 0.1)
        hg_find(g, HG_FINDING_NOTE, "standardised", "the numbers are standardised already");
}

enum hg_status hg_examine_features(struct hg_diagnosis *g)
{
    const struct hg_samples *samples = hg_dataset_samples(g->train);
    bool seen[CLASSES] = {false}, *flags = NULL;
    struct columns c;
    enum hg_status status = columns_allocate(&c, g->train);
    if (status != HG_OK)
        goto cleanup;
    HG_TRY_OR_CLEANUP(hg_allocate(&flags, c.features, "the statistics of the features"));
    for (size_t row = 0; row < samples->count; ++row)
        take_row(&c, samples, row, seen);
    if (samples->element == HG_F32)
        count_coded(&c, samples);
    judge_leaks(g, &c, flags);
    judge_index(g, &c);
    judge_coded(g, &c, flags);
    HG_TRY_OR_CLEANUP(judge_scales(g, &c));
    judge_constants(g, &c, flags);
    judge_numbers(g, &c);
cleanup:
    free(flags);
    columns_free(&c);
    return status;
}
