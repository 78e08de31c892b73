/* What the host knows about a dataset beyond its public face (handgrad/dataset.h). */
#ifndef HANDGRAD_HOST_DATA_DATASET_H
#define HANDGRAD_HOST_DATA_DATASET_H

#include "handgrad/dataset.h"
#include "host/formats/array.h"
#include "kernels/backend.h"

/* The samples as backends take them. Lives as long as the dataset. */
const struct hg_samples *hg_dataset_samples(const struct hg_dataset *dataset);

/* A dataset of arrays that were read from the files of those names; it takes them over, on failure too. `labels` may be
 * NULL, or hold none. Status: HG_BAD_DATA where they do not make a dataset, HG_INTERNAL. */
enum hg_status hg_dataset_from_arrays(struct hg_dataset **out, const char *samples_path, struct hg_array *samples,
                                      const char *labels_path, struct hg_array *labels);

/* Says what the numbers of the files stand for and how they were read; takes over `note`, which may be NULL. */
void hg_dataset_describe(struct hg_dataset *dataset, enum hg_numbers numbers, char *note);

#endif
