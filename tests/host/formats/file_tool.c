/* clang-format off */
/* The readers and writers of files at the command line, for tests that compare them with other software:
 *
 *     file_tool samples FILE [SIZE [PREPARE]]        one line: count, features, height, width, channels, classes; then
 *                                                    the numbers as float32 and, if there are any, labels as bytes
 *     file_tool train|test DATA [SIZE [PREPARE]]     the same of a split of a dataset
 *     file_tool describe-samples|describe-train|describe-test ...
 *                                                    what is said of the same, a line each: its note, the names of its
 *                                                    classes, the files of its samples
 *     file_tool tensors IN OUT                       copies the tensors of a safetensors file, and its metadata "note"
 */
/* clang-format on */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/dataset.h"
#include "host/formats/safetensors.h"
#include "host/pictures/prepare.h"
#include "kernels/base/try.h"

static enum hg_status open_dataset(struct hg_dataset **out, const char *which, const char *path, char *const *options)
{
    struct hg_data_options given = {.image_size = options[0]};
    while (options[0] && options[1] && strcmp(hg_prepare_names[given.prepare], options[1]) != 0)
        ++given.prepare;
    return strcmp(which, "samples") == 0
               ? hg_dataset_read_with(out, path, &given)
               : hg_dataset_load_with(out, path, strcmp(which, "test") == 0 ? HG_TEST : HG_TRAIN, &given);
}

static void print_samples(const struct hg_dataset *dataset)
{
    const size_t count = hg_dataset_count(dataset);
    const size_t features = hg_dataset_features(dataset);
    printf("%zu %zu %zu %zu %zu %zu\n", count, features, hg_dataset_height(dataset), hg_dataset_width(dataset),
           hg_dataset_channels(dataset), hg_dataset_classes(dataset));
    float *sample = malloc(features * sizeof *sample);
    for (size_t i = 0; sample && i < count; ++i) {
        hg_dataset_sample(dataset, i, sample);
        fwrite(sample, sizeof *sample, features, stdout);
    }
    free(sample);
    if (hg_dataset_labels(dataset))
        fwrite(hg_dataset_labels(dataset), 1, count, stdout);
}

static void describe(const struct hg_dataset *dataset)
{
    const char *const *names = hg_dataset_class_names(dataset);
    printf("note %s\n", hg_dataset_note(dataset));
    for (size_t i = 0; names && names[i]; ++i)
        printf("class %s\n", names[i]);
    for (size_t i = 0; i < hg_dataset_count(dataset); ++i)
        if (hg_dataset_sample_name(dataset, i))
            printf("sample %s\n", hg_dataset_sample_name(dataset, i));
}

static enum hg_status print(const char *what, const char *path, char *const *options)
{
    static const char prefix[] = "describe-";
    const bool described = strncmp(what, prefix, sizeof prefix - 1) == 0;
    struct hg_dataset *dataset;
    HG_TRY(open_dataset(&dataset, described ? what + sizeof prefix - 1 : what, path, options));
    (described ? describe : print_samples)(dataset);
    hg_dataset_free(dataset);
    return HG_OK;
}

static enum hg_status copy_tensors(const char *from, const char *to)
{
    struct hg_safetensors *file;
    HG_TRY(hg_safetensors_open(&file, from));
    const size_t count = hg_safetensors_count(file);
    struct hg_tensor *tensors = calloc(count + 1, sizeof *tensors);
    for (size_t i = 0; tensors && i < count; ++i)
        tensors[i] = *hg_safetensors_tensor(file, i);
    const struct hg_metadata note = {"note", hg_safetensors_metadata(file, "note")};
    const enum hg_status status = tensors ? hg_safetensors_write(to, tensors, count, &note, note.value ? 1 : 0)
                                          : hg_fail(HG_INTERNAL, "out of memory");
    free(tensors);
    hg_safetensors_close(file);
    return status;
}

int main(int argc, char **argv)
{
    enum hg_status status = hg_fail(HG_USAGE, "usage: see the top of file_tool.c");
    if (argc == 4 && strcmp(argv[1], "tensors") == 0)
        status = copy_tensors(argv[2], argv[3]);
    else if (argc >= 3 && argc <= 5)
        status = print(argv[1], argv[2], argv + 3);
    if (status != HG_OK)
        fprintf(stderr, "%s\n", hg_message());
    return (int)status;
}
