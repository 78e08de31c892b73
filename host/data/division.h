/* Dividing a dataset: samples to train on, and samples to hold out. */
#ifndef HANDGRAD_HOST_DATA_DIVISION_H
#define HANDGRAD_HOST_DATA_DIVISION_H

#include <stdbool.h>

#include "handgrad/dataset.h"

struct hg_division {
    size_t used;     /* samples of both parts, at most all there are */
    size_t held_out; /* of these; less than `used` */
    bool by_label;   /* each label's share of both parts is its share of the dataset, to within one sample */
    uint64_t seed;
};

/* Draws both parts by the seed; the samples of each keep their order. They are copies, and need `all` no longer, except
 * for the names of its columns and classes; where everything is trained on there is nothing to draw, and *train is a
 * slice of `all`. *held_out is NULL where nothing is held out. HG_INTERNAL: out of memory. */
enum hg_status hg_dataset_divide(struct hg_dataset **train, struct hg_dataset **held_out, const struct hg_dataset *all,
                                 const struct hg_division *division);

/* The number of samples of each label. */
void hg_dataset_count_labels(size_t counts[256], const struct hg_dataset *dataset);

#endif
