/* Writing matrices of floats to files or standard output. */
#ifndef HANDGRAD_SRC_OUTPUT_ARRAY_H
#define HANDGRAD_SRC_OUTPUT_ARRAY_H

#include <stddef.h>

#include "handgrad/status.h"

/* The format in which a file is written. */
enum hg_array_format { HG_ARRAY_CSV, HG_ARRAY_NPY, HG_ARRAY_PNG, HG_ARRAY_UNKNOWN };
/* By the ending of `file`; HG_ARRAY_CSV for NULL, which is standard output. */
enum hg_array_format hg_array_format(const char *file);

/* values [rows][cols] as NPY (float32), which replaces `file` as a whole. */
enum hg_status hg_array_write_npy(const char *file, size_t rows, size_t cols, const float *values);

/* values [rows][cols] as CSV below the line `header`; to standard output if `file` is NULL. Nine digits bring a float
 * back to the bit. */
enum hg_status hg_array_write_csv(const char *file, const char *header, size_t rows, size_t cols, const float *values);

#endif
