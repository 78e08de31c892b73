/* Labels: how often each class is there, in which order, and whether they are classes at all. */
#include <math.h>
#include <stdio.h>

#include "host/data/dataset.h"
#include "host/doctor/examine.h"

static size_t count_filled(const struct hg_diagnosis *g)
{
    size_t filled = 0;
    for (size_t c = 0; c < hg_dataset_classes(g->train); ++c)
        filled += g->of_train.labels[c] > 0;
    return filled;
}

/* Classes are few beside the samples. Numbers of a quantity (an age, a price, a count) are many, and none has a name.
 */
static void judge_kind(struct hg_diagnosis *g, size_t filled)
{
    const size_t count = g->of_train.count;
    if (count >= 10 && filled * 2 > count)
        hg_find(g, HG_FINDING_WARNING, "labels_are_an_index",
                "%zu samples have %zu different labels: these look like numbers of the samples and not like classes; "
                "choose "
                "the column of the labels with label=NAME, or label=none for the autoencoder",
                count, filled);
    else if (filled > 20 && count < 50 * filled && !hg_dataset_class_names(g->train) && !hg_dataset_height(g->train))
        hg_find(
            g, HG_FINDING_WARNING, "labels_are_a_quantity",
            "%zu samples have %zu different numbers for labels: these look like a quantity, whose numbers a classifier "
            "does not know to be near one another or far; put it into a few classes, such as low, middle and high",
            count, filled);
}

static void judge_balance(struct hg_diagnosis *g, size_t filled)
{
    enum { FEW = 5 };
    const size_t *labels = g->of_train.labels, classes = hg_dataset_classes(g->train);
    size_t tiny = 0, least = g->majority;
    char name[128], most[128];
    for (size_t c = 0; c < classes; ++c) {
        if (labels[c] == 0)
            continue;
        tiny += labels[c] < FEW;
        least = labels[c] < labels[least] ? c : least;
    }
    if (filled < 2)
        return;
    hg_class_name(name, sizeof name, g->train, least);
    hg_class_name(most, sizeof most, g->train, g->majority);
    if (tiny)
        hg_find(
            g, HG_FINDING_WARNING, "tiny_classes",
            "%zu of %zu classes have fewer than %d training samples, class %s has %zu: too few to be learnt or to be "
            "held out; collect more of them, or join them with others",
            tiny, filled, FEW, name, labels[least]);
    else if (labels[g->majority] > 10 * labels[least])
        hg_find(g, HG_FINDING_WARNING, "unbalanced_classes",
                "class %s has %zu training samples, class %s has %zu: the accuracy says little about the rare ones; "
                "look at "
                "each class's recall (handgrad eval), and collect more of them or leave some of the others out",
                most, labels[g->majority], name, labels[least]);
}

static bool is_sorted(const struct hg_dataset *dataset)
{
    const uint8_t *labels = hg_dataset_labels(dataset);
    for (size_t i = 1; i < hg_dataset_count(dataset); ++i)
        if (labels[i] < labels[i - 1])
            return false;
    return true;
}

/* Half of the sum of the differences of the shares: 0 where they are equal, 1 where no class is in both. */
static double distance_of_shares(const struct hg_diagnosis *g)
{
    double sum = 0;
    for (size_t c = 0; c < 256; ++c)
        sum += fabs((double)g->of_train.labels[c] / (double)g->of_train.count -
                    (double)g->of_test.labels[c] / (double)g->of_test.count);
    return sum / 2;
}

static void judge_order(struct hg_diagnosis *g, size_t filled)
{
    enum { ENOUGH = 30 };
    if (filled > 1 && g->of_train.count >= 10 && is_sorted(g->train))
        hg_find(g, HG_FINDING_NOTE, "sorted_labels",
                "the training samples are sorted by class: training draws its order and its parts by itself, so that "
                "does no "
                "harm, unless it is told to keep the order of the file");
    if (g->test && hg_dataset_labels(g->test) && g->of_train.count >= ENOUGH && g->of_test.count >= ENOUGH &&
        distance_of_shares(g) > 0.25)
        hg_find(g, HG_FINDING_WARNING, "other_shares",
                "the classes have other shares in the test set than in the training set (%.0f %% of it would have to "
                "change "
                "class): was the test set cut off the end of sorted samples? Draw it at random",
                100 * distance_of_shares(g));
}

void hg_examine_labels(struct hg_diagnosis *g)
{
    const size_t filled = count_filled(g);
    for (size_t c = 0; c < 256; ++c) {
        const double share = (double)g->of_train.labels[c] / (double)g->of_train.count;
        g->majority = g->of_train.labels[c] > g->of_train.labels[g->majority] ? c : g->majority;
        g->majority_loss -= share > 0 ? share * log(share) : 0;
    }
    judge_kind(g, filled);
    judge_balance(g, filled);
    judge_order(g, filled);
}
