/* Matrices of floats that are written row by row to files or standard output. */
#ifndef HANDGRAD_SRC_OUTPUT_ARRAY_H
#define HANDGRAD_SRC_OUTPUT_ARRAY_H

#include <stddef.h>

#include "kernels/base/writer.h"

/* The format in which a file is written. */
enum hg_array_format { HG_ARRAY_CSV, HG_ARRAY_NPY, HG_ARRAY_PNG, HG_ARRAY_JSON, HG_ARRAY_DIRECTORY, HG_ARRAY_UNKNOWN };
/* By the ending of `file`; a directory is one that exists, or a name without an ending. HG_ARRAY_CSV for NULL, which is
 * standard output. */
enum hg_array_format hg_array_format(const char *file);

struct hg_array_writer {
    struct hg_writer to; /* to be committed or discarded */
    enum hg_array_format format;
    size_t cols;
};

/* Begins a matrix of [rows][cols] in the format of the file's name, CSV or NPY (float32). CSV has a header, COLUMN0 and
 * so on. */
enum hg_status hg_array_open(struct hg_array_writer *out, const char *file, const char *column, size_t rows,
                             size_t cols);

/* The next rows: values [rows][cols]. */
enum hg_status hg_array_add(struct hg_array_writer *writer, size_t rows, const float *values);

#endif
