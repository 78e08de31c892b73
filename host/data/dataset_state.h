/* What a dataset consists of, for the files that make one. */
#ifndef HANDGRAD_HOST_DATA_DATASET_STATE_H
#define HANDGRAD_HOST_DATA_DATASET_STATE_H

#include "host/data/dataset.h"

struct hg_dataset {
    struct hg_samples samples;
    struct hg_image_shape shape;
    size_t classes;
    char *name;
    enum hg_numbers numbers;
    const char *const *columns; /* names of the features; NULL: none */
    const char *const *class_names;
    const char *const *sample_names; /* [count] */
    char *note;                      /* NULL: nothing to say */
    /* What the dataset owns: nothing, where it borrows. */
    struct hg_block values, labels;
    char **own_columns, **own_class_names, **own_sample_names;
};

/* A dataset that owns nothing but a copy of `name`. HG_BAD_DATA: no samples or too many, or features; HG_INTERNAL. */
enum hg_status hg_dataset_create(struct hg_dataset **out, const char *name, struct hg_samples samples,
                                 struct hg_image_shape shape);

#endif
