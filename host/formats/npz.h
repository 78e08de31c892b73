/* NumPy's .npz files: ZIP archives of arrays with names. A path FILE.npz:NAMES says which arrays are meant, with commas
 * between them: samples, labels, samples of the test set, their labels. Without NAMES they go by the names that such
 * archives usually have: docs/FORMATS.md. */
#ifndef HANDGRAD_HOST_FORMATS_NPZ_H
#define HANDGRAD_HOST_FORMATS_NPZ_H

#include "host/formats/format.h"

/* The bytes of `path` that are the file's name, where ":NAMES" follows them; 0 where none does. */
size_t hg_npz_file_length(const char *path);

/* The samples of one split, and their labels where the archive has them. *samples_path and *labels_path, which the
 * caller frees, name the arrays as FILE.npz:NAME; *labels_path is NULL without labels. HG_NO_INPUT: there are no such
 * samples. */
enum hg_status hg_npz_read_split(struct hg_table *out, char **samples_path, char **labels_path, const char *path,
                                 enum hg_split split);

#endif
