#include "src/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/formats/names.h"
#include "host/pictures/sheet.h"
#include "host/runs/run.h"
#include "host/runs/trained_model.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/samples.h"
#include "src/paths.h"

const char *const hg_split_names[] = {[HG_TRAIN] = "train", [HG_TEST] = "test", NULL};

/* The test set; that it could do without one helps whoever has none. */
static enum hg_status load_test(struct hg_dataset **test, const char *data, const struct hg_train_options *options,
                                const struct hg_data_options *given)
{
    const enum hg_status status = hg_dataset_load_with(test, data, HG_TEST, given);
    if (status == HG_NO_INPUT)
        return hg_fail_within(status, "%s; --no-test trains without a test set", hg_message());
    HG_TRY(status);
    if (options->model == HG_MLP && !hg_dataset_labels(*test))
        return hg_fail(HG_BAD_DATA,
                       "%s: has no labels, so nothing can be tested on it; --no-test trains without a test set",
                       hg_dataset_name(*test));
    return HG_OK;
}

void hg_data_options_like(struct hg_data_options *given, const struct hg_dataset *train, struct hg_input_scale *scale)
{
    given->feature_count = hg_dataset_features(train);
    given->features = hg_dataset_columns(train);
    given->class_names = hg_dataset_class_names(train);
    given->image_size = NULL;
    given->prepare = HG_PREPARE_RESIZE; /* as the training samples, whatever they show */
    given->image_height = hg_dataset_height(train);
    given->image_width = hg_dataset_width(train);
    given->image_channels = hg_dataset_channels(train);
    hg_dataset_scale(train, scale);
    given->like = scale;
}

enum hg_status hg_data_load_both(struct hg_dataset **train, struct hg_dataset **test, const char *data,
                                 const struct hg_train_options *options, const struct hg_run_inputs *inputs)
{
    struct hg_data_options given = {.header = options->header,
                                    .label = options->label,
                                    .skip = options->skip_columns,
                                    .image_size = options->image_size};
    struct hg_input_scale scale;
    if (inputs) {
        given.features = (const char *const *)inputs->columns;
        given.feature_count = hg_names_count(given.features);
        given.class_names = (const char *const *)inputs->class_names;
        given.like = &inputs->scale;
    }
    HG_TRY(hg_dataset_load_with(train, data, HG_TRAIN, &given));
    if (!options->test)
        return HG_OK;
    hg_data_options_like(&given, *train, &scale);
    return load_test(test, data, options, &given);
}

enum hg_status hg_data_read_config(struct hg_run_config *config, const char *run)
{
    char *file = NULL;
    *config = (struct hg_run_config){0};
    if (!hg_paths_is_directory(run))
        return HG_OK;
    HG_TRY(hg_run_path(&file, run, "config.json"));
    const enum hg_status status = hg_paths_exist(file) ? hg_run_config_read(config, file) : HG_OK;
    free(file);
    return status;
}

void hg_data_complete_options(struct hg_data_options *given, const struct hg_run_config *config,
                              const struct hg_model *model, struct hg_input_scale *scale)
{
    hg_model_complete_reading(given, model, &config->options, scale);
}

enum hg_status hg_data_load(struct hg_dataset **out, const char *directory, enum hg_split split,
                            const struct hg_data_options *given, const struct hg_command *command)
{
    HG_TRY(hg_dataset_load_with(out, directory, split, given));
    hg_command_note(command, hg_dataset_note(*out));
    return HG_OK;
}

enum hg_status hg_data_read(struct hg_dataset **out, const char *const *files, size_t count,
                            const struct hg_data_options *given, const struct hg_command *command)
{
    HG_TRY(hg_dataset_read_files(out, files, count, given));
    hg_command_note(command, hg_dataset_note(*out));
    return HG_OK;
}

enum hg_status hg_data_show(const char *file, const struct hg_dataset *dataset, size_t first, size_t count)
{
    enum { MOST = 100 };
    const size_t features = hg_dataset_features(dataset), length = strlen(file);
    struct hg_sheet sheet = {.count = count < MOST ? count : MOST};
    float *samples;
    if (length < 4 || strcasecmp(file + length - 4, ".png") != 0)
        return hg_fail(HG_USAGE, "show: '%s' must end in .png", file);
    for (size_t i = 0; hg_dataset_sample_name(dataset, 0) && i < hg_dataset_count(dataset); ++i)
        if (hg_file_same(file, hg_dataset_sample_name(dataset, i)))
            return hg_fail(HG_USAGE, "show: %s is one of the samples; give another name", file);
    HG_TRY(hg_samples_show(&sheet, dataset));
    HG_TRY(hg_allocate_bytes(&samples, sheet.count, features * sizeof *samples, "the samples to show"));
    for (size_t i = 0; i < sheet.count; ++i)
        hg_dataset_sample(dataset, first + i, samples + i * features);
    sheet.images = samples;
    const enum hg_status status = hg_sheet_write(file, &sheet);
    free(samples);
    return status;
}
