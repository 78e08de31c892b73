#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/dataset.h"
#include "host/data/dataset.h"
#include "host/formats/names.h"
#include "host/runs/run.h"
#include "host/training/optimum.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "kernels/second_moment.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/json.h"
#include "src/paths.h"

struct optimum_settings {
    const char *data, *latent, *out;
    struct hg_data_options reading;
    enum hg_split split;
    int threads;
    bool json;
};

#define AT(field) .name = #field, .offset = offsetof(struct optimum_settings, field)

static const struct hg_option options[] = {
    HG_DATA_OPTION(struct optimum_settings, HG_GROUP_OPTIONS, "data/mnist"),
    {HG_OPTION_CHOICE, AT(split), .choices = hg_split_names, .help = "which of its samples"},
    {HG_OPTION_TEXT, AT(latent), .argument = "M,M", .what = "numbers of latent units, with commas between them",
     .help = "numbers of latent units, with commas between them", .preset = "1, 2, 4, ... up to the features"},
    {HG_OPTION_TEXT, AT(out), .argument = "RUN", .what = "a directory",
     .help = "write the exact solution, a trained autoencoder, as a run; takes one number of latent units",
     .preset = "nothing is written"},
    HG_READING_OPTIONS(struct optimum_settings, HG_GROUP_OPTIONS),
    HG_THREADS_OPTION(struct optimum_settings, HG_GROUP_OPTIONS),
    HG_JSON_OPTION(struct optimum_settings, HG_GROUP_OPTIONS, "table"),
    {.name = NULL},
};

/* What is asked, and what is known of the data. */
struct problem {
    struct hg_dataset *dataset;
    size_t features;
    size_t *latent; /* [count], ascending where nobody gave them */
    size_t count;
    double *values; /* [features], the eigenvalues of the second moment, largest first */
    double *w;      /* [latent[0]][features], the solution; NULL: not asked for */
};

static void problem_free(struct problem *p)
{
    free(p->w);
    free(p->values);
    free(p->latent);
    hg_dataset_free(p->dataset);
}

static enum hg_status double_up(struct problem *p)
{
    enum { MOST = 32 }; /* features are less than 2^31 */
    HG_TRY(hg_allocate(&p->latent, MOST, "the numbers of latent units"));
    for (size_t m = 1; m < p->features; m *= 2)
        p->latent[p->count++] = m;
    p->latent[p->count++] = p->features;
    return HG_OK;
}

static enum hg_status read_latent(struct problem *p, const char *list)
{
    size_t places = 1;
    for (const char *c = list; *c; ++c)
        places += *c == ',';
    HG_TRY(hg_allocate(&p->latent, places, "the numbers of latent units"));
    const char *at = list;
    for (; p->count < places; ++p->count) {
        const size_t length = strcspn(at, ",");
        if (length == 0 || length > 9 || strspn(at, "0123456789") < length)
            return hg_fail(HG_USAGE, "--latent: '%s' is no list of whole numbers; give --latent 8,16,32, for example",
                           list);
        const size_t m = strtoul(at, NULL, 10);
        if (m < 1 || m > p->features)
            return hg_fail(HG_USAGE,
                           "--latent: %zu is out of range; give whole numbers from 1 to %zu, the features of a "
                           "sample",
                           m, p->features);
        p->latent[p->count] = m;
        at += length + 1;
    }
    return HG_OK;
}

static enum hg_status solve(struct problem *p, const struct optimum_settings *s)
{
    const size_t rows = s->out ? p->latent[0] : 0;
    double *moment, square_sum;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&moment, p->features, p->features * sizeof *moment, "the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate(&p->values, p->features, "the eigenvalues"));
    if (rows > 0)
        HG_TRY_OR_CLEANUP(hg_allocate_bytes(&p->w, rows, p->features * sizeof *p->w, "the solution"));
    HG_TRY_OR_CLEANUP(hg_second_moment(hg_dataset_samples(p->dataset), s->threads, moment, &square_sum));
    HG_TRY_OR_CLEANUP(hg_eigen(moment, p->features, p->values, rows, p->w));
cleanup:
    free(moment);
    return status;
}

static enum hg_status write_run(const struct problem *p, const struct optimum_settings *s, const char *data)
{
    struct hg_train_options o;
    hg_train_options_default(&o, HG_AUTOENCODER);
    o.hidden = p->latent[0];
    o.label = s->reading.label;
    o.skip_columns = s->reading.skip;
    o.header = s->reading.header;
    o.image_size = s->reading.image_size;
    HG_TRY(hg_run_write_solution(s->out, &o, data, p->dataset, p->w));
    char *run = NULL, *from = NULL, *words = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_shell_quote(&run, s->out));
    HG_TRY_OR_CLEANUP(hg_shell_quote(&from, data));
    HG_TRY_OR_CLEANUP(hg_string_format(&words,
                                       "the exact solution is in %s; hold it against the originals with: "
                                       "handgrad reconstruct %s %s --out sheet.png",
                                       run, run, from));
    hg_command_note(&hg_command_optimum, words);
cleanup:
    free(words);
    free(from);
    free(run);
    return status;
}

/* What is kept of the mean of ||x||^2; NAN where all samples are zero. */
static double share_kept(double loss, double nothing)
{
    return nothing > 0 ? 1 - loss / nothing : NAN;
}

static enum hg_status print_json(const struct problem *p, const struct optimum_settings *s)
{
    const double nothing = hg_optimum_loss(p->values, p->features, 0);
    struct hg_json *json = hg_json_create();
    hg_json_text(json, "data", hg_dataset_name(p->dataset));
    hg_json_number(json, "samples", (double)hg_dataset_count(p->dataset));
    hg_json_number(json, "features", (double)p->features);
    hg_json_number(json, "loss_of_zero", nothing);
    hg_json_array(json, "optima");
    for (size_t i = 0; i < p->count; ++i) {
        const double loss = hg_optimum_loss(p->values, p->features, p->latent[i]);
        struct hg_json *row = hg_json_append(json, "optima");
        hg_json_number(row, "latent", (double)p->latent[i]);
        hg_json_number(row, "optimum", loss);
        hg_json_number(row, "kept", share_kept(loss, nothing));
    }
    if (s->out)
        hg_json_text(json, "run", s->out);
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}

static void print_table(const struct problem *p)
{
    const double nothing = hg_optimum_loss(p->values, p->features, 0);
    printf("data      %s, %zu samples of %zu features\n", hg_dataset_name(p->dataset), hg_dataset_count(p->dataset),
           p->features);
    printf("W = 0     loss %.7g: reconstructs nothing\n\n", nothing);
    printf("%8s  %-14s %s\n", "latent", "least loss L*", "of ||x||^2 kept");
    for (size_t i = 0; i < p->count; ++i) {
        const double loss = hg_optimum_loss(p->values, p->features, p->latent[i]);
        printf("%8zu  %-14.7g ", p->latent[i], loss);
        if (nothing > 0)
            printf("%.2f %%\n", 100 * share_kept(loss, nothing));
        else
            puts("all samples are zero");
    }
}

static enum hg_status optimum(int argc, char **argv)
{
    struct optimum_settings settings = {.split = HG_TRAIN};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_optimum, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    if (settings.out && (!settings.latent || strchr(settings.latent, ',')))
        return hg_fail(HG_USAGE, "--out: one solution is written; give one number of latent units with --latent");

    struct problem problem = {.count = 0};
    char *data = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings.data));
    HG_TRY_OR_CLEANUP(hg_data_load(&problem.dataset, data, settings.split, &settings.reading, &hg_command_optimum));
    problem.features = hg_dataset_features(problem.dataset);
    HG_TRY_OR_CLEANUP(settings.latent ? read_latent(&problem, settings.latent) : double_up(&problem));
    HG_TRY_OR_CLEANUP(solve(&problem, &settings));
    if (settings.out)
        HG_TRY_OR_CLEANUP(write_run(&problem, &settings, data));
    if (settings.json)
        status = print_json(&problem, &settings);
    else
        print_table(&problem);
cleanup:
    free(data);
    problem_free(&problem);
    return status;
}

const struct hg_command hg_command_optimum = {
    .name = "optimum",
    .summary = "the least loss that an autoencoder can reach on a dataset, and the weights that reach it",
    .description =
        "The tied autoencoder's optimum is known without training: W's rows are the eigenvectors of the largest\n"
        "eigenvalues of the data's second moment, and L* is half the sum of the others (docs/MATH.md, A16).\n"
        "--out writes these weights as a run that eval, encode, reconstruct and train --init take.\n\n"
        "Example:\n"
        "  handgrad optimum --latent 8,16,32,64\n"
        "  handgrad optimum --latent 64 --out runs/exact\n\n"
        "Writes nothing but the run of --out: config.json and model.safetensors.",
    .tables = {options},
    .run = optimum,
};
