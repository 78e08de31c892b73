/* The items of the largest scores among many that come one by one. */
#ifndef HANDGRAD_HOST_RUNS_RANKING_H
#define HANDGRAD_HOST_RUNS_RANKING_H

#include <stddef.h>

#include "handgrad/status.h"

struct hg_ranking {
    size_t most, count;
    size_t size;    /* of an item */
    void *items;    /* [most], the first `count` by falling score, equal ones as they came; the caller's */
    double *scores; /* [count] of them; owned */
};

/* A ranking of at most `most` items of `size` bytes in `items`. HG_INTERNAL: out of memory. */
enum hg_status hg_ranking_create(struct hg_ranking *ranking, size_t most, size_t size, void *items);
/* Copies the item to its place, if it has one. */
void hg_ranking_add(struct hg_ranking *ranking, double score, const void *item);
void hg_ranking_free(struct hg_ranking *ranking);

#endif
