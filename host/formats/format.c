#include "host/formats/format.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kernels/base/try.h"

void hg_table_free(struct hg_table *table)
{
    hg_array_free(&table->samples);
    hg_array_free(&table->labels);
    free(table->names);
    free(table->class_names);
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

enum hg_status hg_format_find(const struct hg_format **out, const char *path)
{
    for (size_t i = 0; i < HG_FORMATS; ++i) {
        for (size_t j = 0; hg_formats[i].endings[j]; ++j) {
            if (name_ends_in(path, hg_formats[i].endings[j])) {
                *out = &hg_formats[i];
                return HG_OK;
            }
        }
    }
    unsigned char begins[HG_MAGIC_SIZE];
    HG_TRY(hg_reader_peek(path, begins, sizeof begins));
    *out = &hg_formats[HG_FORMAT_CSV];
    for (size_t i = 0; i < HG_FORMATS; ++i)
        if (hg_formats[i].magic_size > 0 && memcmp(begins, hg_formats[i].magic, hg_formats[i].magic_size) == 0)
            *out = &hg_formats[i];
    return HG_OK;
}
