#include "host/formats/format.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/npz.h"
#include "kernels/base/try.h"

void hg_table_free(struct hg_table *table)
{
    hg_array_free(&table->samples);
    hg_array_free(&table->labels);
    free(table->names);
    free(table->class_names);
    free(table->sample_names);
    *table = (struct hg_table){.names = NULL};
}

static enum hg_status read_idx(struct hg_table *out, const char *path, const struct hg_read_options *options)
{
    (void)options;
    *out = (struct hg_table){.names = NULL};
    return hg_idx_read(&out->samples, path);
}

static enum hg_status read_npy(struct hg_table *out, const char *path, const struct hg_read_options *options)
{
    (void)options;
    *out = (struct hg_table){.names = NULL};
    return hg_npy_read(&out->samples, path);
}

static enum hg_status read_picture(struct hg_table *out, const char *path, const struct hg_read_options *options)
{
    return hg_pictures_read(out, &path, 1, options->given);
}

const struct hg_format hg_formats[HG_FORMATS] = {
    [HG_FORMAT_IDX] = {.name = "IDX",
                       .endings = {".idx", "-ubyte"},
                       .magic = {0, 0},
                       .magic_size = 2,
                       .holds = "unsigned bytes",
                       .read = read_idx,
                       .read_labels = hg_idx_read_labels},
    [HG_FORMAT_NPY] = {.name = "NPY",
                       .endings = {".npy"},
                       .magic = {0x93, 'N', 'U', 'M', 'P', 'Y'},
                       .magic_size = 6,
                       .holds = "unsigned bytes or floats of 32 or 64 bits",
                       .read = read_npy,
                       .read_labels = hg_npy_read_labels},
    [HG_FORMAT_NPZ] = {.name = "NPZ",
                       .endings = {".npz"},
                       .magic = {'P', 'K', 3, 4},
                       .magic_size = 4,
                       .holds = "arrays as NPY, each with a name",
                       .read = hg_npz_read},
    [HG_FORMAT_PNG] = {.name = "PNG",
                       .endings = {".png"},
                       .magic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'},
                       .magic_size = 8,
                       .holds = "one picture, grey or in colour",
                       .read = read_picture},
    [HG_FORMAT_JPEG] = {.name = "JPEG",
                        .endings = {".jpg", ".jpeg"},
                        .magic = {0xff, 0xd8, 0xff},
                        .magic_size = 3,
                        .holds = "one picture, grey or in colour",
                        .read = read_picture},
    [HG_FORMAT_CSV] = {.name = "CSV",
                       .endings = {".csv", ".tsv", ".txt"},
                       .holds = "numbers in lines of text, labels in a column",
                       .read = hg_csv_read},
};

static bool name_ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    const size_t tail = strlen(ending);
    return length >= tail && strncasecmp(path + length - tail, ending, tail) == 0;
}

static const struct hg_format *find_by_name(const char *path)
{
    for (size_t i = 0; i < HG_FORMATS; ++i)
        for (size_t j = 0; hg_formats[i].endings[j]; ++j)
            if (name_ends_in(path, hg_formats[i].endings[j]))
                return &hg_formats[i];
    return NULL;
}

/* The format whose first bytes, at least so many, `begins` has. */
static const struct hg_format *find_by_magic(const unsigned char begins[HG_MAGIC_SIZE], size_t least)
{
    for (size_t i = 0; i < HG_FORMATS; ++i)
        if (hg_formats[i].magic_size >= least && memcmp(begins, hg_formats[i].magic, hg_formats[i].magic_size) == 0)
            return &hg_formats[i];
    return NULL;
}

enum hg_status hg_format_find(const struct hg_format **out, const char *path)
{
    enum { CERTAIN = 3 }; /* fewer bytes, the two zeros of IDX, begin files of other kinds, too */
    unsigned char begins[HG_MAGIC_SIZE];
    const struct hg_format *by_name = find_by_name(path);
    if (hg_npz_file_length(path) > 0) {
        *out = &hg_formats[HG_FORMAT_NPZ];
        return HG_OK;
    }
    const enum hg_status status = hg_reader_peek(path, begins, sizeof begins);
    if (status == HG_INTERNAL || (status != HG_OK && !by_name))
        return status;
    *out = status == HG_OK ? find_by_magic(begins, CERTAIN) : NULL;
    if (!*out)
        *out = by_name ? by_name : find_by_magic(begins, 1);
    if (!*out)
        *out = &hg_formats[HG_FORMAT_CSV];
    return HG_OK;
}
