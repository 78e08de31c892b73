#include "src/output/array.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "kernels/base/try.h"
#include "src/output/csv.h"
#include "src/paths.h"

enum hg_array_format hg_array_format(const char *file)
{
    static const struct {
        const char *ending;
        enum hg_array_format format;
    } known[] = {{".csv", HG_ARRAY_CSV},
                 {".npy", HG_ARRAY_NPY},
                 {".png", HG_ARRAY_PNG},
                 {".jsonl", HG_ARRAY_JSON},
                 {".json", HG_ARRAY_JSON}};
    if (!file)
        return HG_ARRAY_CSV;
    const char *slash = strrchr(file, '/');
    const char *ending = strrchr(slash ? slash : file, '.');
    if (hg_paths_is_directory(file) || !ending)
        return HG_ARRAY_DIRECTORY;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i)
        if (strcasecmp(ending, known[i].ending) == 0)
            return known[i].format;
    return HG_ARRAY_UNKNOWN;
}

static enum hg_status begin_npy(struct hg_writer *to, size_t rows, size_t cols)
{
    /* Version 1.0: magic, version, length of the header, which pads the data to a multiple of 64 bytes. */
    enum { HEADER = 128, PREFIX = 10 };
    char header[HEADER + 1];
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = HEADER - PREFIX;
    header[9] = 0;
    const int length = snprintf(header + PREFIX, sizeof header - PREFIX,
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, cols);
    memset(header + PREFIX + length, ' ', HEADER - PREFIX - (size_t)length);
    header[HEADER - 1] = '\n';
    return hg_writer_write(to, header, HEADER);
}

static enum hg_status begin_csv(struct hg_writer *to, const char *column, size_t cols)
{
    for (size_t c = 0; c < cols; ++c) {
        HG_TRY(hg_writer_text(to, c ? "," : ""));
        HG_TRY(hg_writer_text(to, column));
        HG_TRY(hg_csv_put_index(to, c));
    }
    return hg_writer_text(to, "\n");
}

enum hg_status hg_array_open(struct hg_array_writer *out, const char *file, const char *column, size_t rows,
                             size_t cols)
{
    *out = (struct hg_array_writer){.format = hg_array_format(file), .cols = cols};
    HG_TRY(hg_csv_open(&out->to, file));
    return out->format == HG_ARRAY_NPY ? begin_npy(&out->to, rows, cols) : begin_csv(&out->to, column, cols);
}

enum hg_status hg_array_add(struct hg_array_writer *writer, size_t rows, const float *values)
{
    struct hg_writer *to = &writer->to;
    if (writer->format == HG_ARRAY_NPY)
        return hg_writer_write(to, values, rows * writer->cols * sizeof *values);
    for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < writer->cols; ++c) {
            HG_TRY(hg_writer_text(to, c ? "," : ""));
            HG_TRY(hg_csv_put_number(to, values[r * writer->cols + c]));
        }
        HG_TRY(hg_writer_text(to, "\n"));
    }
    return HG_OK;
}
