#include "host/runs/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_ranking_create(struct hg_ranking *ranking, size_t most, size_t size, void *items)
{
    *ranking = (struct hg_ranking){.most = most, .size = size, .items = items};
    return hg_allocate(&ranking->scores, most, "the scores of the ranked samples");
}

void hg_ranking_free(struct hg_ranking *ranking)
{
    free(ranking->scores);
}

/* The first place with a smaller score. */
static size_t place_of(const struct hg_ranking *ranking, double score)
{
    size_t low = 0, high = ranking->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ranking->scores[middle] >= score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void hg_ranking_add(struct hg_ranking *ranking, double score, const void *item)
{
    const size_t place = place_of(ranking, score);
    if (place == ranking->most)
        return;
    if (ranking->count < ranking->most)
        ++ranking->count;
    const size_t behind = ranking->count - 1 - place, size = ranking->size;
    unsigned char *at = (unsigned char *)ranking->items + place * size;
    memmove(at + size, at, behind * size);
    memcpy(at, item, size);
    memmove(ranking->scores + place + 1, ranking->scores + place, behind * sizeof score);
    ranking->scores[place] = score;
}
