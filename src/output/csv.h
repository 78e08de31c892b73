/* Fields of a CSV file that is written. What stands between them is the caller's. */
#ifndef HANDGRAD_SRC_OUTPUT_CSV_H
#define HANDGRAD_SRC_OUTPUT_CSV_H

#include "kernels/base/writer.h"

/* A writer that replaces `file`; NULL: standard output. */
enum hg_status hg_csv_open(struct hg_writer *out, const char *file);

/* Nine digits bring a float back to the bit. */
enum hg_status hg_csv_put_number(struct hg_writer *writer, float value);
enum hg_status hg_csv_put_index(struct hg_writer *writer, size_t value);
/* In quotes where it needs them (RFC 4180). */
enum hg_status hg_csv_put_text(struct hg_writer *writer, const char *text);

#endif
