#include "src/output/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/npy_header.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_array_format hg_array_format(const char *file)
{
    static const struct {
        const char *ending;
        enum hg_array_format format;
    } known[] = {{".csv", HG_ARRAY_CSV}, {".npy", HG_ARRAY_NPY}, {".png", HG_ARRAY_PNG}};
    if (!file)
        return HG_ARRAY_CSV;
    const char *ending = strrchr(file, '.');
    for (size_t i = 0; ending && i < sizeof known / sizeof known[0]; ++i)
        if (strcasecmp(ending, known[i].ending) == 0)
            return known[i].format;
    return HG_ARRAY_UNKNOWN;
}

enum hg_status hg_array_write_npy(const char *file, size_t rows, size_t cols, const float *values)
{
    char header[HG_NPY_HEADER_SIZE];
    hg_npy_header_fill(header, 2, (const size_t[]){rows, cols});
    const struct iovec parts[] = {{header, sizeof header}, {(void *)values, rows * cols * sizeof *values}};
    return hg_file_replace(file, parts, 2);
}

static void print_csv(FILE *to, const char *header, size_t rows, size_t cols, const float *values)
{
    fprintf(to, "%s\n", header);
    for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < cols; ++c)
            fprintf(to, "%.9g%c", (double)values[r * cols + c], c + 1 < cols ? ',' : '\n');
}

enum hg_status hg_array_write_csv(const char *file, const char *header, size_t rows, size_t cols, const float *values)
{
    if (!file) {
        print_csv(stdout, header, rows, cols, values);
        return HG_OK;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    enum hg_status status = HG_OK;
    if (!memory)
        return hg_fail_out_of_memory(file);
    print_csv(memory, header, rows, cols, values);
    if (fclose(memory) != 0) {
        status = hg_fail_out_of_memory(file);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_file_replace(file, &(struct iovec){text, size}, 1));

cleanup:
    free(text);
    return status;
}
