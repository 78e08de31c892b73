/* The formats of data files, once: which reader takes a file, --help, messages and docs/FORMATS.md follow from these
 * rows. */
#ifndef HANDGRAD_HOST_FORMATS_FORMAT_H
#define HANDGRAD_HOST_FORMATS_FORMAT_H

#include "handgrad/dataset.h"
#include "host/formats/array.h"

enum hg_format_kind {
    HG_FORMAT_IDX,
    HG_FORMAT_NPY,
    HG_FORMAT_NPZ,
    HG_FORMAT_PNG,
    HG_FORMAT_JPEG,
    HG_FORMAT_CSV,
    HG_FORMATS
};

/* The names of the rows in a sentence, for texts that are fixed when the program is built. */
#define HG_FORMAT_NAMES "IDX, NPY, NPZ, PNG, JPEG or CSV"

/* What a reader is told beyond the path. */
struct hg_read_options {
    const struct hg_data_options *given; /* NULL: all zero */
    bool labelled;                       /* the file should hold labels, where the format has them beside the samples */
};

enum { HG_NOTE_SIZE = 512 };

/* What a file of samples holds. */
struct hg_table {
    struct hg_array samples, labels; /* labels.values.data is NULL where there are none */
    char **names;                    /* of the features, NULL-terminated, in one block; NULL: they have none */
    char **class_names;              /* likewise, where the labels were words; NULL: they were numbers */
    char **sample_names;             /* likewise, the file of each sample; NULL: they have no files of their own */
    char note[HG_NOTE_SIZE];         /* what was taken for what, where the file does not say; else "" */
};

void hg_table_free(struct hg_table *table);

enum { HG_MAGIC_SIZE = 8, HG_FORMAT_ENDINGS = 4 };

struct hg_format {
    const char *name;
    const char *endings[HG_FORMAT_ENDINGS]; /* of a file's name, NULL-terminated; each also with .gz */
    unsigned char magic[HG_MAGIC_SIZE];     /* the bytes a file begins with */
    size_t magic_size;                      /* 0: none, it is text */
    const char *holds;                      /* in words, for the document */
    /* A file of samples. On failure `out` holds no memory. */
    enum hg_status (*read)(struct hg_table *out, const char *path, const struct hg_read_options *options);
    /* A file of labels alone; NULL: there are none in this format. */
    enum hg_status (*read_labels)(struct hg_array *labels, const char *path);
};

extern const struct hg_format hg_formats[HG_FORMATS];

/* The format of a file, by its first bytes where they are certain, else by the ending of its name; what neither tells
 * is taken for CSV. HG_NO_INPUT, HG_BAD_DATA, HG_IO: the file cannot be read, and its name says nothing. */
enum hg_status hg_format_find(const struct hg_format **out, const char *path);

/* The format CSV alone: samples in 2 dimensions, and the labels that are a column of the same file. */
enum hg_status hg_csv_read(struct hg_table *out, const char *path, const struct hg_read_options *options);

/* Pictures, PNG or JPEG as their first bytes say, as one table, each in the size that `given` wants: as
 * docs/FORMATS.md, "Pictures", says. `given` may be NULL. */
enum hg_status hg_pictures_read(struct hg_table *out, const char *const *paths, size_t count,
                                const struct hg_data_options *given);

/* The format NPZ alone: samples of one of its arrays. */
enum hg_status hg_npz_read(struct hg_table *out, const char *path, const struct hg_read_options *options);

#endif
