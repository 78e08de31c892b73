/* The readers of arrays, one a process: FUZZ_FORMAT names it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/format.h"
#include "host/formats/npz.h"
#include "tests/fuzz/harness.h"

static void read_idx(const char *path)
{
    struct hg_array array;
    if (hg_idx_read(&array, path) == HG_OK)
        fuzz_array_consume(&array);
}

static void read_npy(const char *path)
{
    struct hg_array array;
    if (hg_npy_read(&array, path) == HG_OK)
        fuzz_array_consume(&array);
    if (hg_npy_read_labels(&array, path) == HG_OK)
        fuzz_array_consume(&array);
}

static void read_csv(const char *path)
{
    static const char *const features[] = {"b", "a"};
    static const struct hg_data_options given[] = {
        {.header = HG_HEADER_AUTO},
        {.header = HG_HEADER_YES, .label = "last", .skip = "1,id"},
        {.header = HG_HEADER_NO, .label = "2", .skip = "none"},
        {.feature_count = 2, .features = features},
    };
    for (size_t i = 0; i < 2 * sizeof given / sizeof *given; ++i) {
        const struct hg_read_options options = {.given = &given[i / 2], .labelled = i % 2};
        struct hg_table table;
        if (hg_csv_read(&table, path, &options) != HG_OK)
            continue;
        fuzz_array_consume(&table.samples);
        if (table.labels.values.data)
            fuzz_array_consume(&table.labels);
        hg_table_free(&table);
    }
}

static void read_npz(const char *path)
{
    static const struct hg_read_options options = {.labelled = true};
    struct hg_table table;
    char *samples_path, *labels_path;
    if (hg_npz_read(&table, path, &options) == HG_OK) {
        fuzz_array_consume(&table.samples);
        hg_table_free(&table);
    }
    if (hg_npz_read_split(&table, &samples_path, &labels_path, path, HG_TRAIN) != HG_OK)
        return;
    fuzz_array_consume(&table.samples);
    if (table.labels.values.data)
        fuzz_array_consume(&table.labels);
    hg_table_free(&table);
    free(labels_path);
    free(samples_path);
}

static void read_picture(const char *path)
{
    static const struct hg_data_options given[] = {
        {.image_size = "3x2"}, {.image_size = "9x1", .prepare = HG_PREPARE_MNIST}, {.image_size = NULL}};
    for (size_t i = 0; i < sizeof given / sizeof *given; ++i) {
        struct hg_table table;
        if (hg_pictures_read(&table, &path, 1, &given[i]) != HG_OK)
            continue;
        fuzz_array_consume(&table.samples);
        hg_table_free(&table);
    }
}

static const struct {
    const char *format;
    void (*read)(const char *path);
} readers[] = {{"idx", read_idx},     {"npy", read_npy},      {"npz", read_npz},
               {"png", read_picture}, {"jpeg", read_picture}, {"csv", read_csv}};

static void (*read_array)(const char *path);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *format = getenv("FUZZ_FORMAT");
    for (size_t i = 0; format && i < sizeof readers / sizeof *readers; ++i)
        if (strcmp(readers[i].format, format) == 0)
            read_array = readers[i].read;
    if (!read_array) {
        fputs("set FUZZ_FORMAT to idx, npy, npz, png, jpeg or csv\n", stderr);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_file file = fuzz_file_create(bytes, size);
    read_array(file.path);
    fuzz_file_remove(&file);
    return 0;
}
