#include <stdio.h>
#include <stdlib.h>

#include "host/doctor/examine.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/diagnosis.h"
#include "src/paths.h"

struct doctor_settings {
    const char *data;
    struct hg_data_options reading;
    int threads;
    bool strict, json;
};

#define AT(field) .name = #field, .offset = offsetof(struct doctor_settings, field)

static const struct hg_option options[] = {
    HG_DATA_OPTION(struct doctor_settings, HG_GROUP_OPTIONS, "data/mnist"),
    HG_READING_OPTIONS(struct doctor_settings, HG_GROUP_OPTIONS),
    HG_THREADS_OPTION(struct doctor_settings, HG_GROUP_OPTIONS),
    {HG_OPTION_FLAG, AT(strict), .help = "end with exit code 1 where there are errors or warnings", .unsaved = true},
    HG_JSON_OPTION(struct doctor_settings, HG_GROUP_OPTIONS, "text"),
    {.name = NULL},
};

/* The test set as training reads it. Where it cannot be read, *trouble is why; the training set is looked at all the
 * same. */
static void load_test(struct hg_dataset **test, char trouble[HG_FINDING_TEXT], enum hg_severity *severity,
                      const char *data, const struct hg_data_options *reading, const struct hg_dataset *train)
{
    struct hg_data_options given = *reading;
    struct hg_input_scale scale;
    hg_data_options_like(&given, train, &scale);
    const enum hg_status status = hg_dataset_load_with(test, data, HG_TEST, &given);
    *trouble = '\0';
    *severity = status == HG_NO_INPUT ? HG_FINDING_NOTE : HG_FINDING_ERROR;
    if (status == HG_NO_INPUT)
        snprintf(trouble, HG_FINDING_TEXT, "there is no test set: %s; train takes --no-test", hg_message());
    else if (status != HG_OK)
        snprintf(trouble, HG_FINDING_TEXT, "the test set cannot be read: %s", hg_message());
}

static enum hg_status doctor(int argc, char **argv)
{
    struct doctor_settings settings = {.data = NULL};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_doctor, argc, argv, &settings, &done));
    if (done)
        return HG_OK;

    struct hg_dataset *train = NULL, *test = NULL;
    struct hg_diagnosis diagnosis;
    char *data = NULL, trouble[HG_FINDING_TEXT];
    enum hg_severity severity;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings.data));
    HG_TRY_OR_CLEANUP(hg_dataset_load_with(&train, data, HG_TRAIN, &settings.reading));
    load_test(&test, trouble, &severity, data, &settings.reading, train);
    HG_TRY_OR_CLEANUP(hg_diagnose(&diagnosis, train, test, settings.threads));
    if (*trouble)
        hg_find(&diagnosis, severity, "no_test_set", "%s", trouble);
    if (settings.json)
        HG_TRY_OR_CLEANUP(hg_diagnosis_print_json(&diagnosis, &hg_command_doctor));
    else
        hg_diagnosis_print(&diagnosis, &hg_command_doctor);
    const size_t amiss =
        hg_diagnosis_count(&diagnosis, HG_FINDING_ERROR) + hg_diagnosis_count(&diagnosis, HG_FINDING_WARNING);
    if (settings.strict && amiss)
        status = hg_fail(HG_CHECK_FAILED, "%zu things are amiss with %s", amiss, data);
cleanup:
    hg_dataset_free(test);
    hg_dataset_free(train);
    free(data);
    return status;
}

const struct hg_command hg_command_doctor = {
    .name = "doctor",
    .summary = "what a dataset is, and what is amiss with it, before training",
    .description =
        "Reads the dataset as training does and tells: files, shapes, numbers, classes, samples that are there\n"
        "twice or in both parts, constant features, what is to be beaten (the most frequent class; the mean of the\n"
        "samples), the loss at the start against ln C, the least loss possible of autoencoders, and whether both\n"
        "models learn a few samples by heart. Then errors, warnings and notes, the most important first, each with\n"
        "what to do: docs/EXPLORING.md lists them.\n\n"
        "Example:\n"
        "  handgrad doctor --data DIR\n\n"
        "Exit code: 0 whatever is found, with --strict 1 where there are errors or warnings; 65 or 66 where the\n"
        "training set cannot be read at all. Writes no files.",
    .tables = {options},
    .run = doctor,
};
