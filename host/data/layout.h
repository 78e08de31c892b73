/* Directories whose files make a dataset by their names, as MNIST's do: docs/FORMATS.md. */
#ifndef HANDGRAD_HOST_DATA_LAYOUT_H
#define HANDGRAD_HOST_DATA_LAYOUT_H

#include "host/formats/format.h"

struct hg_layout;

/* The layout of a directory, and the file of its samples of that split, which the caller frees; both are NULL where it
 * has none that is known. HG_BAD_DATA: of EMNIST's datasets several. HG_INTERNAL. */
enum hg_status hg_layout_find(const struct hg_layout **out, char **samples_path, const char *directory,
                              enum hg_split split);

/* Reads that file and the labels. *labels_path is their file, which the caller frees, on failure too; NULL: they are in
 * the file of the samples. HG_NO_INPUT: there are no labels; else as the readers of the formats. */
enum hg_status hg_layout_read(struct hg_table *table, char **labels_path, const struct hg_layout *layout,
                              enum hg_split split, const char *directory, const char *samples_path,
                              const struct hg_data_options *given);

bool hg_layout_is_emnist(const struct hg_layout *layout);

/* The failure where there is no layout: HG_NO_INPUT, or HG_BAD_DATA where files of another kind lie there. */
enum hg_status hg_layout_missing(const char *directory, enum hg_split split);

#endif
