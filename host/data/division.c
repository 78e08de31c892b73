#include "host/data/division.h"

#include <assert.h>
#include <stdlib.h>

#include "host/data/dataset.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

enum { LABELS = 256 };

/* What becomes of a sample. */
enum part { UNUSED, TRAIN, HELD_OUT };

void hg_dataset_count_labels(size_t counts[LABELS], const struct hg_dataset *dataset)
{
    const uint8_t *labels = hg_dataset_labels(dataset);
    for (size_t c = 0; c < LABELS; ++c)
        counts[c] = 0;
    for (size_t i = 0; i < hg_dataset_count(dataset); ++i)
        ++counts[labels[i]];
}

/* Shares of `total` in proportion to the counts, whose sum is `sum`: rounded down, and what is then left goes one by
 * one to the largest remainders. */
static void apportion(size_t shares[LABELS], const size_t counts[LABELS], size_t total, size_t sum)
{
    uint64_t remainders[LABELS];
    size_t left = total;
    for (size_t c = 0; c < LABELS; ++c) { /* counts and total are below 2^32, and so the product fits */
        shares[c] = (size_t)((uint64_t)counts[c] * total / sum);
        remainders[c] = (uint64_t)counts[c] * total % sum;
        left -= shares[c];
    }
    for (; left > 0; --left) {
        size_t largest = 0;
        for (size_t c = 1; c < LABELS; ++c)
            if (remainders[c] > remainders[largest])
                largest = c;
        ++shares[largest];
        remainders[largest] = 0;
    }
}

/* The part of each sample: in a random order, each label fills first what is held out of it, then what is trained on.
 */
static void choose(uint8_t *parts, const uint32_t *order, const struct hg_dataset *all,
                   const struct hg_division *division)
{
    const size_t count = hg_dataset_count(all);
    const uint8_t *labels = division->by_label ? hg_dataset_labels(all) : NULL;
    size_t counts[LABELS] = {count}, used[LABELS], held_out[LABELS];
    if (labels)
        hg_dataset_count_labels(counts, all);
    apportion(used, counts, division->used, count);
    apportion(held_out, used, division->held_out, division->used);
    for (size_t i = 0; i < count; ++i) {
        const size_t label = labels ? labels[order[i]] : 0;
        if (used[label] == 0)
            continue;
        --used[label];
        parts[order[i]] = held_out[label] > 0 ? HELD_OUT : TRAIN;
        held_out[label] -= held_out[label] > 0;
    }
}

static enum hg_status gather(struct hg_dataset **out, const struct hg_dataset *all, const uint8_t *parts,
                             enum part part, uint32_t *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < hg_dataset_count(all); ++i)
        if (parts[i] == part)
            rows[count++] = (uint32_t)i;
    return hg_dataset_gather(out, all, rows, count);
}

enum hg_status hg_dataset_divide(struct hg_dataset **train, struct hg_dataset **held_out, const struct hg_dataset *all,
                                 const struct hg_division *division)
{
    const size_t count = hg_dataset_count(all);
    assert(division->held_out < division->used && division->used <= count);
    *held_out = NULL;
    if (division->used == count && division->held_out == 0)
        return hg_dataset_slice(train, all, 0, count);

    struct hg_dataset *trained = NULL;
    uint32_t *order = NULL;
    uint8_t *parts = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate(&order, count, "the order of the samples"));
    HG_TRY_OR_CLEANUP(hg_allocate(&parts, count, "the division of the samples"));
    struct hg_random random = hg_random_stream(division->seed, HG_RANDOM_DIVISION, 0);
    hg_random_permutation(&random, order, count);
    choose(parts, order, all, division);
    HG_TRY_OR_CLEANUP(gather(&trained, all, parts, TRAIN, order));
    if (division->held_out > 0)
        HG_TRY_OR_CLEANUP(gather(held_out, all, parts, HELD_OUT, order));
    *train = trained;
    trained = NULL; /* the caller's */

cleanup:
    hg_dataset_free(trained);
    free(parts);
    free(order);
    return status;
}
