/* How the numbers of a file are read for a model that was trained on others: docs/FORMATS.md, "What a number means". */
#ifndef HANDGRAD_HOST_DATA_READING_H
#define HANDGRAD_HOST_DATA_READING_H

#include "handgrad/dataset.h"
#include "host/formats/array.h"
#include "kernels/backend.h"

/* Converts samples that were read from the file `path` to what training saw, `like`, where they can be that in one way
 * only. *note, to be freed by the caller, is one line on what was done or is doubtful; NULL: there is nothing to say.
 * HG_BAD_DATA where they cannot be such samples. */
enum hg_status hg_array_read_like(struct hg_array *samples, const char *path, const struct hg_input_scale *like,
                                  char **note);

/* HG_BAD_DATA where samples as they are, called `name`, cannot be of the kind that training saw. */
enum hg_status hg_samples_require_like(const struct hg_samples *samples, const char *name,
                                       const struct hg_input_scale *like);

#endif
