/* The formats of data files, once: which reader takes a file, --help, messages and docs/FORMATS.md follow from these
 * rows. */
#ifndef HANDGRAD_HOST_FORMATS_FORMAT_H
#define HANDGRAD_HOST_FORMATS_FORMAT_H

#include "host/formats/array.h"

enum hg_format_kind { HG_FORMAT_IDX, HG_FORMAT_NPY, HG_FORMAT_CSV, HG_FORMATS };

/* The names of the rows in a sentence, for texts that are fixed when the program is built. */
#define HG_FORMAT_NAMES "IDX, NPY or CSV"

/* What a reader is told beyond the path. */
struct hg_read_options {
    enum hg_csv_labels csv_labels;
};

enum { HG_MAGIC_SIZE = 6, HG_FORMAT_ENDINGS = 4 };

struct hg_format {
    const char *name;
    const char *endings[HG_FORMAT_ENDINGS]; /* of a file's name, NULL-terminated; each also with .gz */
    unsigned char magic[HG_MAGIC_SIZE];     /* the bytes a file begins with */
    size_t magic_size;                      /* 0: none, it is text */
    const char *holds;                      /* in words, for the document */
    /* The samples of a file, and its labels where they are in it; else labels->values.data is NULL. On failure neither
     * holds memory. */
    enum hg_status (*read)(struct hg_array *samples, struct hg_array *labels, const char *path,
                           const struct hg_read_options *options);
    /* A file of labels alone; NULL: there are none in this format. */
    enum hg_status (*read_labels)(struct hg_array *labels, const char *path);
};

extern const struct hg_format hg_formats[HG_FORMATS];

/* The format of a file, by the ending of its name, else by its first bytes; what is neither is taken for CSV.
 * HG_NO_INPUT, HG_BAD_DATA, HG_IO: the file cannot be read. */
enum hg_status hg_format_find(const struct hg_format **out, const char *path);

#endif
