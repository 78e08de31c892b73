/* The commands that apply a trained model to the samples of a file: predict, encode, reconstruct. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/model.h"
#include "host/formats/format.h"
#include "host/pictures/sheet.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/array.h"
#include "src/paths.h"

enum { ON_A_SHEET = 20 /* samples, unless --count says otherwise */ };

struct apply_settings {
    const char *out, *backend, *show;
    struct hg_data_options reading;
    size_t first, count;
    int threads;
    bool probabilities;
};

#define AT(field) .name = #field, .offset = offsetof(struct apply_settings, field)

static const struct hg_option predict_options[] = {
    {HG_OPTION_FLAG, AT(probabilities), .help = "a column for each class, too (an .npy file has them)"},
    {.name = NULL},
};

static const struct hg_option numbers_options[] = {
    {HG_OPTION_TEXT, AT(out), .argument = "FILE", .what = "a file", .help = "a .csv or .npy file to write",
     .preset = "standard output"},
    {.name = NULL},
};

static const struct hg_option reconstruct_options[] = {
    {HG_OPTION_TEXT, AT(out), .argument = "FILE", .what = "a file",
     .help = "a file to write: .csv, .npy, or .png, a picture of the originals over their reconstructions",
     .preset = "standard output"},
    {.name = NULL},
};

static const struct hg_option common_options[] = {
    {HG_OPTION_SIZE, AT(first), .help = "begin with this sample, counted from 0", .example = "100"},
    {HG_OPTION_SIZE, AT(count), .help = "take this many", .example = "20", .preset = "all; 20 in a picture"},
    HG_READING_OPTIONS(struct apply_settings, HG_GROUP_OPTIONS),
    HG_PREPARE_OPTIONS(struct apply_settings, HG_GROUP_OPTIONS),
    HG_BACKEND_OPTION(struct apply_settings, HG_GROUP_OPTIONS, hg_backend_choices, "where to compute"),
    HG_THREADS_OPTION(struct apply_settings, HG_GROUP_OPTIONS),
    {.name = NULL},
};

/* A command under way. */
struct job {
    const struct hg_command *command;
    struct apply_settings settings;
    enum hg_array_format format;
    struct hg_model *model;
    struct hg_run_config config; /* of its run */
    struct hg_input_scale scale;
    struct hg_dataset *dataset;
    size_t cols;   /* of the result */
    float *values; /* [settings.count][cols] */
};

static void job_close(struct job *job)
{
    free(job->values);
    hg_dataset_free(job->dataset);
    hg_run_config_free(&job->config);
    hg_model_free(job->model);
}

/* Checks --first and --count against the number of samples, and gives --count its default. */
static enum hg_status choose_range(struct job *job, const char *file)
{
    struct apply_settings *s = &job->settings;
    const size_t total = hg_dataset_count(job->dataset);
    if (s->first >= total)
        return hg_fail(HG_USAGE, "--first: %zu is beyond the last of %zu samples of %s", s->first, total, file);
    const size_t left = total - s->first;
    if (s->count == 0)
        s->count = job->format == HG_ARRAY_PNG && left > ON_A_SHEET ? ON_A_SHEET : left;
    if (s->count > left)
        return hg_fail(HG_USAGE, "--count: %zu is too large; %s has %zu samples from --first on", s->count, file, left);
    return HG_OK;
}

/* Refuses to overwrite the inputs by the results. */
static enum hg_status require_other_file(const char *out, const char *run, const char *file)
{
    char *model = NULL;
    HG_TRY(hg_string_format(&model, "%s/model.safetensors", run));
    const bool same = hg_file_same(out, file) || hg_file_same(out, run) || hg_file_same(out, model);
    free(model);
    return same ? hg_fail(HG_USAGE, "--out: %s is what the results are made of; give another name", out) : HG_OK;
}

/* Reads the arguments, the model and the samples. *done: help was asked for. */
static enum hg_status job_open(struct job *job, enum hg_model_kind kind, int argc, char **argv, bool *done)
{
    struct hg_arguments arguments;
    job->settings.backend = "auto";
    HG_TRY(hg_arguments_read(&arguments, job->command, argc, argv, &job->settings, done));
    if (*done)
        return HG_OK;
    const bool pictures = job->command == &hg_command_reconstruct;
    job->format = hg_array_format(job->settings.out);
    if (job->format == HG_ARRAY_UNKNOWN || (job->format == HG_ARRAY_PNG && !pictures))
        return hg_fail(HG_USAGE, "--out: '%s' must end in .csv%s", job->settings.out,
                       pictures ? ", .npy or .png" : " or .npy");

    const char *run = arguments.operands[0], *file = arguments.operands[1];
    if (job->settings.out)
        HG_TRY(require_other_file(job->settings.out, run, file));
    HG_TRY(hg_model_load(&job->model, run, job->settings.backend, job->settings.threads));
    hg_command_note(job->command, hg_model_note(job->model));
    if (hg_model_kind(job->model) != kind)
        return hg_fail(HG_USAGE, "%s holds %s; handgrad %s needs %s", run,
                       kind == HG_MLP ? "an autoencoder" : "a classifier", job->command->name,
                       kind == HG_MLP ? "a classifier (train mlp)" : "an autoencoder (train autoencoder)");
    HG_TRY(hg_data_read_config(&job->config, run));
    hg_data_complete_options(&job->settings.reading, &job->config, job->model, &job->scale);
    HG_TRY(hg_data_read(&job->dataset, (const char *const *)arguments.operands + 1, arguments.operand_count - 1,
                        &job->settings.reading, job->command));
    if (hg_dataset_features(job->dataset) != hg_model_features(job->model))
        return hg_fail(HG_BAD_DATA, "%s: samples of %zu numbers, where the model of %s takes %zu", file,
                       hg_dataset_features(job->dataset), run, hg_model_features(job->model));
    HG_TRY(choose_range(job, file));
    if (job->settings.show)
        HG_TRY(hg_data_show(job->settings.show, job->dataset, job->settings.first, job->settings.count));
    return HG_OK;
}

static enum hg_status allocate(struct job *job, size_t cols)
{
    job->cols = cols;
    return hg_allocate_bytes(&job->values, job->settings.count, cols * sizeof *job->values, "the results");
}

/* "NAME0,NAME1,...": the header of columns that have no names of their own, after `before`. The caller frees it. */
static enum hg_status number_columns(char **out, const char *before, const char *name, size_t cols)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return hg_fail_out_of_memory("the names of the columns");
    fputs(before, memory);
    for (size_t c = 0; c < cols; ++c)
        fprintf(memory, "%s%s%zu", c || *before ? "," : "", name, c);
    if (fclose(memory) != 0) {
        free(text);
        return hg_fail_out_of_memory("the names of the columns");
    }
    *out = text;
    return HG_OK;
}

/* The result as it is, its columns numbered. */
static enum hg_status write_values(const struct job *job, const char *column)
{
    const struct apply_settings *s = &job->settings;
    if (job->format == HG_ARRAY_NPY)
        return hg_array_write_npy(s->out, s->count, job->cols, job->values);
    char *header;
    HG_TRY(number_columns(&header, "", column, job->cols));
    const enum hg_status status = hg_array_write_csv(s->out, header, s->count, job->cols, job->values);
    free(header);
    return status;
}

/* The class and its probability, and with --probabilities all of them. */
static enum hg_status write_classes(const struct job *job)
{
    const struct apply_settings *s = &job->settings;
    const size_t cols = 2 + (s->probabilities ? job->cols : 0);
    float *table = NULL;
    char *header = NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&table, s->count, cols * sizeof *table, "the table of classes"));
    HG_TRY_OR_CLEANUP(number_columns(&header, "class,probability", "p", cols - 2));
    for (size_t i = 0; i < s->count; ++i) {
        const float *p = job->values + i * job->cols;
        float *row = table + i * cols;
        size_t best = 0;
        for (size_t c = 1; c < job->cols; ++c)
            best = p[c] > p[best] ? c : best;
        row[0] = (float)best;
        row[1] = p[best];
        memcpy(row + 2, p, (cols - 2) * sizeof *p);
    }
    HG_TRY_OR_CLEANUP(hg_array_write_csv(s->out, header, s->count, cols, table));

cleanup:
    free(header);
    free(table);
    return status;
}

/* Samples that are no images are shown as squares where they can be. */
static enum hg_status write_sheet(const struct job *job)
{
    const struct apply_settings *s = &job->settings;
    struct hg_sheet sheet = {.count = s->count,
                             .height = hg_dataset_height(job->dataset),
                             .width = hg_dataset_width(job->dataset),
                             .channels = hg_dataset_channels(job->dataset),
                             .below = job->values,
                             .dark = 0,
                             .bright = 1};
    if (sheet.height == 0) {
        sheet.height = sheet.width = (size_t)lround(sqrt((double)job->cols));
        sheet.channels = 1;
    }
    if (sheet.height * sheet.width * sheet.channels != job->cols)
        return hg_fail(HG_BAD_DATA, "%s: %zu numbers a sample make no square picture; give --out FILE.npy, or images",
                       hg_dataset_name(job->dataset), job->cols);
    float *originals;
    HG_TRY(hg_allocate_bytes(&originals, s->count, job->cols * sizeof *originals, "the originals"));
    for (size_t i = 0; i < s->count; ++i)
        hg_dataset_sample(job->dataset, s->first + i, originals + i * job->cols);
    sheet.images = originals;
    const enum hg_status status = hg_sheet_write(s->out, &sheet);
    free(originals);
    return status;
}

static enum hg_status predict(int argc, char **argv)
{
    struct job job = {.command = &hg_command_predict};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(job_open(&job, HG_MLP, argc, argv, &done));
    if (done)
        goto cleanup;
    HG_TRY_OR_CLEANUP(allocate(&job, hg_model_classes(job.model)));
    HG_TRY_OR_CLEANUP(hg_model_forward(job.model, job.dataset, job.settings.first, job.settings.count, job.values));
    HG_TRY_OR_CLEANUP(job.format == HG_ARRAY_NPY ? write_values(&job, "p") : write_classes(&job));

cleanup:
    job_close(&job);
    return status;
}

static enum hg_status encode(int argc, char **argv)
{
    struct job job = {.command = &hg_command_encode};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(job_open(&job, HG_AUTOENCODER, argc, argv, &done));
    if (done)
        goto cleanup;
    HG_TRY_OR_CLEANUP(allocate(&job, hg_model_hidden(job.model)));
    HG_TRY_OR_CLEANUP(hg_model_forward(job.model, job.dataset, job.settings.first, job.settings.count, job.values));
    HG_TRY_OR_CLEANUP(write_values(&job, "z"));

cleanup:
    job_close(&job);
    return status;
}

static enum hg_status reconstruct(int argc, char **argv)
{
    struct job job = {.command = &hg_command_reconstruct};
    bool done = false;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(job_open(&job, HG_AUTOENCODER, argc, argv, &done));
    if (done)
        goto cleanup;
    HG_TRY_OR_CLEANUP(allocate(&job, hg_model_features(job.model)));
    HG_TRY_OR_CLEANUP(hg_model_reconstruct(job.model, job.dataset, job.settings.first, job.settings.count, job.values));
    HG_TRY_OR_CLEANUP(job.format == HG_ARRAY_PNG ? write_sheet(&job) : write_values(&job, "x"));

cleanup:
    job_close(&job);
    return status;
}

#define SAMPLES                                                                                                        \
    "RUN is a run's directory or a .safetensors file. FILE is a file of samples (" HG_FORMAT_NAMES "),\n"              \
    "a directory of pictures, or that of a dataset, of which the test samples are taken; of pictures there may\n"      \
    "be several.\n\n"

const struct hg_command hg_command_predict = {
    .name = "predict",
    .operands = {"RUN", "FILE ..."},
    .summary = "the classes a trained MLP gives the samples of a file",
    .description = "One line a sample: the class and its probability.\n" SAMPLES "Example:\n"
                   "  handgrad predict runs/mlp data/mnist/t10k-images-idx3-ubyte.gz --count 5\n\n"
                   "Writes nothing but the file of --out.",
    .tables = {predict_options, numbers_options, common_options},
    .run = predict,
};

const struct hg_command hg_command_encode = {
    .name = "encode",
    .operands = {"RUN", "FILE ..."},
    .summary = "the codes W x of a trained autoencoder for the samples of a file",
    .description = "One line a sample, one column a latent unit.\n" SAMPLES "Example:\n"
                   "  handgrad encode runs/autoencoder data/mnist --out codes.npy\n\n"
                   "Writes nothing but the file of --out.",
    .tables = {numbers_options, common_options},
    .run = encode,
};

const struct hg_command hg_command_reconstruct = {
    .name = "reconstruct",
    .operands = {"RUN", "FILE ..."},
    .summary = "what a trained autoencoder makes of the samples of a file",
    .description = "The reconstructions W'W x, as numbers or as a picture.\n" SAMPLES "Example:\n"
                   "  handgrad reconstruct runs/autoencoder data/mnist --out sheet.png\n\n"
                   "Writes nothing but the file of --out.",
    .tables = {reconstruct_options, common_options},
    .run = reconstruct,
};
