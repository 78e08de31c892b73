/* Rows: those that are there twice, those that are blank, and whether the two splits are of one kind. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/data/division.h"
#include "host/data/input_scale.h"
#include "host/doctor/examine.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

struct hashed {
    uint64_t hash;
    uint32_t row;
};

/* The rows of a split by their hashes, equal hashes in the order of the rows. */
struct index {
    const struct hg_dataset *dataset;
    struct hashed *rows;
    size_t count;
};

/* Sample `row` as training sees it, so that bytes and floats compare; -0 is 0. */
static void read(const struct hg_dataset *dataset, size_t row, float *out)
{
    hg_dataset_sample(dataset, row, out);
    for (size_t d = 0; d < hg_dataset_features(dataset); ++d)
        out[d] += 0.0f;
}

/* FNV-1a over words of 32 bits, and a last mixing, since it is the high bits that its products reach. Rows with the
 * same hash are compared, so it need only be good, not perfect. */
static uint64_t hash_of(const float *x, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t d = 0; d < count; ++d) {
        uint32_t word;
        memcpy(&word, &x[d], sizeof word);
        hash = (hash ^ word) * 0x100000001b3;
        hash ^= hash >> 29;
    }
    return hash;
}

static int compare(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Also counts the numbers and the rows that are not zero. */
static enum hg_status make_index(struct index *index, struct hg_split_facts *facts, const struct hg_dataset *dataset,
                                 float *x)
{
    const size_t count = hg_dataset_count(dataset), features = hg_dataset_features(dataset);
    size_t nonzero = 0;
    HG_TRY(hg_allocate(&index->rows, count, "the hashes of the samples"));
    index->dataset = dataset;
    index->count = count;
    for (size_t row = 0; row < count; ++row) {
        size_t here = 0;
        read(dataset, row, x);
        for (size_t d = 0; d < features; ++d)
            here += x[d] != 0;
        nonzero += here;
        facts->blank += here == 0;
        index->rows[row] = (struct hashed){hash_of(x, features), (uint32_t)row};
    }
    facts->density = (double)nonzero / (double)count / (double)features;
    qsort(index->rows, count, sizeof *index->rows, compare);
    return HG_OK;
}

static bool same(const struct hg_dataset *a, size_t row_a, const struct hg_dataset *b, size_t row_b, float *x)
{
    const size_t features = hg_dataset_features(a);
    read(a, row_a, x);
    read(b, row_b, x + features);
    return memcmp(x, x + features, features * sizeof *x) == 0;
}

static void count_pair(struct hg_repeats *repeats, const struct hg_dataset *a, size_t row_a, const struct hg_dataset *b,
                       size_t row_b)
{
    const uint8_t *of_a = hg_dataset_labels(a), *of_b = hg_dataset_labels(b);
    if (repeats->count++ == 0 || row_b < repeats->second) {
        repeats->first = row_a;
        repeats->second = row_b;
    }
    repeats->conflicts += of_a && of_b && of_a[row_a] != of_b[row_b];
}

/* Of rows with the same hash each is compared with the first: others than equal ones are too rare to matter. */
static void find_repeats(struct hg_repeats *repeats, const struct index *index, float *x)
{
    for (size_t i = 0, first = 0; i < index->count; ++i) {
        if (index->rows[i].hash != index->rows[first].hash)
            first = i;
        else if (i > first && same(index->dataset, index->rows[first].row, index->dataset, index->rows[i].row, x))
            count_pair(repeats, index->dataset, index->rows[first].row, index->dataset, index->rows[i].row);
    }
}

static void find_across(struct hg_repeats *repeats, const struct index *train, const struct index *test, float *x)
{
    for (size_t i = 0, j = 0; i < test->count; ++i) {
        while (j < train->count && train->rows[j].hash < test->rows[i].hash)
            ++j;
        if (j < train->count && train->rows[j].hash == test->rows[i].hash &&
            same(train->dataset, train->rows[j].row, test->dataset, test->rows[i].row, x))
            count_pair(repeats, train->dataset, train->rows[j].row, test->dataset, test->rows[i].row);
    }
}

/* Few repeats are chance, or the nature of rounded measurements. */
static bool many(size_t repeats, size_t count)
{
    return repeats >= 3 && repeats * 100 > count;
}

static void judge_repeats(struct hg_diagnosis *g)
{
    const struct hg_repeats *train = &g->of_train.repeats, *across = &g->across;
    if (across->count)
        hg_find(
            g, many(across->count, g->of_test.count) ? HG_FINDING_WARNING : HG_FINDING_NOTE, "duplicates_across",
            "%zu of the %zu test samples are also training samples (test sample %zu is training sample %zu): the test "
            "set tells less about new data than it seems; remove them from one of the two, and split before "
            "samples are copied or changed",
            across->count, g->of_test.count, across->second, across->first);
    if (train->conflicts)
        hg_find(
            g, many(train->conflicts, g->of_train.count) ? HG_FINDING_WARNING : HG_FINDING_NOTE, "conflicting_labels",
            "%zu training samples are the same as an earlier one but have another label: no classifier can be right on "
            "both; look at these labels, or at columns that were left out",
            train->conflicts);
    if (train->count)
        hg_find(g, many(train->count, g->of_train.count) ? HG_FINDING_WARNING : HG_FINDING_NOTE, "duplicates",
                "%zu of the %zu training samples repeat an earlier one (sample %zu is sample %zu): what is held out of "
                "them "
                "for validation is then trained on, too; remove them unless they are separate measurements",
                train->count, g->of_train.count, train->second, train->first);
    if (g->of_train.blank)
        hg_find(g, g->of_train.blank * 100 > g->of_train.count ? HG_FINDING_WARNING : HG_FINDING_NOTE, "blank_samples",
                "%zu of the %zu training samples are all zero: they say nothing; see whether they were read or "
                "written as they should be",
                g->of_train.blank, g->of_train.count);
}

/* Many samples of one kind have much the same mean and spread. */
static void judge_splits(struct hg_diagnosis *g)
{
    enum { ENOUGH = 50 };
    const struct hg_input_scale *a = &g->of_train.scale, *b = &g->of_test.scale;
    const double wider = fmax(a->deviation, b->deviation), narrower = fmin(a->deviation, b->deviation);
    if (!g->test || g->of_train.count < ENOUGH || g->of_test.count < ENOUGH)
        return;
    if (fabs(a->mean - b->mean) > 0.5 * wider || wider > 2 * narrower)
        hg_find(
            g, HG_FINDING_WARNING, "splits_differ",
            "the test set looks like data of another kind: its numbers have mean %.4g and deviation %.4g, those of the "
            "training set %.4g and %.4g; prepare both in the same way, with the training set's own mean and "
            "deviation where they are standardised",
            b->mean, b->deviation, a->mean, a->deviation);
}

static void count_split(struct hg_split_facts *facts, const struct hg_dataset *dataset)
{
    facts->count = hg_dataset_count(dataset);
    hg_dataset_scale(dataset, &facts->scale);
    if (hg_dataset_labels(dataset))
        hg_dataset_count_labels(facts->labels, dataset);
}

enum hg_status hg_examine_rows(struct hg_diagnosis *g)
{
    struct index train = {.rows = NULL}, test = {.rows = NULL};
    float *x = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&x, hg_dataset_features(g->train), 2 * sizeof *x, "two samples"));
    count_split(&g->of_train, g->train);
    HG_TRY_OR_CLEANUP(make_index(&train, &g->of_train, g->train, x));
    find_repeats(&g->of_train.repeats, &train, x);
    if (g->test) {
        count_split(&g->of_test, g->test);
        HG_TRY_OR_CLEANUP(make_index(&test, &g->of_test, g->test, x));
        find_repeats(&g->of_test.repeats, &test, x);
        find_across(&g->across, &train, &test, x);
    }
    if (g->of_train.count < 2)
        hg_find(g, HG_FINDING_ERROR, "one_sample", "there is one training sample: nothing can be learnt of it");
    judge_repeats(g);
    judge_splits(g);
cleanup:
    free(x);
    free(test.rows);
    free(train.rows);
    return status;
}
