/* What the host knows about a dataset beyond its public face (handgrad/dataset.h). */
#ifndef HANDGRAD_HOST_DATA_DATASET_H
#define HANDGRAD_HOST_DATA_DATASET_H

#include "handgrad/dataset.h"
#include "host/formats/format.h"
#include "kernels/backend.h"

/* The samples as backends take them. Lives as long as the dataset. */
const struct hg_samples *hg_dataset_samples(const struct hg_dataset *dataset);

/* A dataset of what was read from the file of that name, and from that of the labels; it takes the table over, on
 * failure too. Status: HG_BAD_DATA where it does not make a dataset, HG_INTERNAL. */
enum hg_status hg_dataset_from_table(struct hg_dataset **out, const char *samples_path, const char *labels_path,
                                     struct hg_table *table);

/* A copy of `count` of its samples, `rows`, in that order; it keeps the classes, and the names of these and of the
 * columns, which must outlive it. HG_INTERNAL: out of memory. */
enum hg_status hg_dataset_gather(struct hg_dataset **out, const struct hg_dataset *dataset, const uint32_t *rows,
                                 size_t count);

/* HG_BAD_DATA, naming the dataset, unless its labels mean the classes of these names, NULL: they are plain numbers. */
enum hg_status hg_dataset_require_classes(const struct hg_dataset *dataset, const char *const *names);

/* What the numbers of its files stand for. */
void hg_dataset_set_numbers(struct hg_dataset *dataset, enum hg_numbers numbers);
/* Adds a copy of `note` to what hg_dataset_note says. HG_INTERNAL: out of memory. */
enum hg_status hg_dataset_add_note(struct hg_dataset *dataset, const char *note);

#endif
