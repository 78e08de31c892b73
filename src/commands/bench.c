#include <stdio.h>
#include <stdlib.h>

#include "handgrad/machine.h"
#include "host/bench/bench.h"
#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/output/json.h"
#include "src/output/table.h"
#include "src/paths.h"

struct bench_settings {
    const char *data, *backend;
    struct hg_data_options reading;
    size_t hidden, batch_size, samples;
    double momentum, weight_decay, seconds;
    unsigned input, gradient, axis;
    int threads;
    bool json;
};

#define AT(field) .name = #field, .offset = offsetof(struct bench_settings, field)

static const char *const axes[] = {"none", "hidden", "batch", "threads", "density", "samples", NULL};

static const struct hg_option options[] = {
    {HG_OPTION_SIZE, AT(hidden), .group = HG_GROUP_MODEL, .help = "hidden or latent units", .preset = "256 and 64"},
    {HG_OPTION_SIZE, AT(batch_size), .group = HG_GROUP_MODEL, .help = "samples of a step; 0: all of them",
     .example = "128"},
    {HG_OPTION_REAL, AT(momentum), .most = 1, .below = true, .group = HG_GROUP_MODEL, .help = "of SGD"},
    {HG_OPTION_REAL, AT(weight_decay), .group = HG_GROUP_MODEL, .help = "of SGD", .example = "0.0001"},
    {HG_OPTION_CHOICE, AT(gradient), .choices = hg_gradient_names, .group = HG_GROUP_MODEL,
     .help = "of the autoencoder"},
    HG_DATA_OPTION(struct bench_settings, HG_GROUP_MODEL, "data/mnist"),
    HG_READING_OPTIONS(struct bench_settings, HG_GROUP_MODEL),
    {HG_OPTION_CHOICE, AT(axis), .flag = "sweep", .choices = axes, .group = HG_GROUP_MEASUREMENT,
     .help = "show how the cost grows with one of these; density and samples take synthetic data"},
    {HG_OPTION_SIZE, AT(samples), .least = 1, .group = HG_GROUP_MEASUREMENT,
     .help = "rows of the largest dataset of --sweep samples", .example = "2000000"},
    {HG_OPTION_REAL, AT(seconds), .above = true, .group = HG_GROUP_MEASUREMENT, .help = "for each measurement",
     .example = "2"},
    HG_JSON_OPTION(struct bench_settings, HG_GROUP_MEASUREMENT, "tables"),
    HG_BACKEND_OPTION(struct bench_settings, HG_GROUP_MACHINE, hg_backend_choices, "where to compute"),
    HG_THREADS_OPTION(struct bench_settings, HG_GROUP_MACHINE),
    {HG_OPTION_CHOICE, AT(input), .choices = hg_input_names, .group = HG_GROUP_MACHINE,
     .help = "CPU: skip zero pixels (sparse) or not; auto: by their share"},
    {.name = NULL},
};

static struct hg_train_options training_options(const struct bench_settings *settings, enum hg_model_kind model)
{
    struct hg_train_options o;
    hg_train_options_default(&o, model);
    if (settings->hidden)
        o.hidden = settings->hidden;
    o.batch_size = settings->batch_size;
    o.momentum = settings->momentum;
    o.nesterov = false; /* its cost is that of momentum */
    o.weight_decay = settings->weight_decay;
    o.gradient = hg_gradient_names[settings->gradient];
    o.backend = settings->backend;
    o.threads = settings->threads;
    o.input = (enum hg_input_form)settings->input;
    return o;
}

/* ---- one step ---- */

static void print_limits(const struct hg_bench_peak *peak)
{
    printf("limits: matrix product of %zu x %zu %.1f GFLOP/s", peak->gemm_size, peak->gemm_size, peak->gemm / 1e9);
    if (peak->cpu.threads)
        printf(", multiply-adds in registers %.1f GFLOP/s, reading memory %.1f GB/s (%d threads)",
               peak->cpu.flops / 1e9, peak->cpu.bandwidth / 1e9, peak->cpu.threads);
    printf("\n\n");
}

/* The rate that counts as 100 %: that of multiply-adds in registers if it is known, else that of the library's GEMM. */
static double limit_of(const struct hg_bench_peak *peak)
{
    return peak->cpu.threads ? peak->cpu.flops : peak->gemm;
}

static void print_rate(const char *name, double flops, double seconds, const struct hg_bench_peak *peak)
{
    hg_table_cell("", 2);
    hg_table_cell(name, 38);
    printf("%10.1f GFLOP/s  %5.1f %% of the limit\n", flops / seconds / 1e9, 100 * flops / seconds / limit_of(peak));
}

static void print_step(enum hg_model_kind model, const struct hg_bench_step *s, const struct hg_bench_peak *peak)
{
    printf("%s %zu-%zu, %zu of %zu samples a step, %.1f %% of the input not zero, backend %s (%s)\n",
           hg_model_names[model], s->features, s->hidden, s->rows, s->samples, 100 * s->density, s->backend, s->device);
    hg_table_cell("", 2);
    hg_table_cell("step, median", 38);
    printf("%10.1f us of %llu steps\n", 1e6 * s->median, (unsigned long long)s->steps);
    hg_table_cell("", 2);
    hg_table_cell("step, minimum", 38);
    printf("%10.1f us = %.2f million samples a second\n", 1e6 * s->minimum, (double)s->rows / s->minimum / 1e6);
    print_rate("arithmetic, counted densely", s->dense_flops, s->minimum, peak);
    print_rate("arithmetic, without zeros", s->effective_flops, s->minimum, peak);
    hg_table_cell("", 2);
    hg_table_cell("memory traffic, at least", 38);
    printf("%10.1f GB/s", s->bytes / s->minimum / 1e9);
    if (peak->cpu.threads)
        printf("     %5.1f %% of reading memory", 100 * s->bytes / s->minimum / peak->cpu.bandwidth);
    printf("\n");
    double sum = 0;
    for (size_t p = 0; p < s->phase_count; ++p)
        sum += s->phases[p].seconds;
    for (size_t p = 0; p < s->phase_count; ++p) {
        const struct hg_phase_time *phase = &s->phases[p];
        hg_table_cell("", 4);
        hg_table_cell(phase->phase, 36);
        printf("%10.1f us  %5.1f %%", 1e6 * phase->seconds, 100 * phase->seconds / sum);
        if (phase->flops > 0)
            printf("  %8.1f GFLOP/s counted densely", phase->flops / phase->seconds / 1e9);
        printf("\n");
    }
    printf("\n");
}

static void add_step(struct hg_json *json, const struct hg_bench_step *s)
{
    hg_json_text(json, "backend", s->backend);
    hg_json_text(json, "device", s->device);
    hg_json_number(json, "samples", (double)s->samples);
    hg_json_number(json, "features", (double)s->features);
    hg_json_number(json, "hidden", (double)s->hidden);
    hg_json_number(json, "rows", (double)s->rows);
    hg_json_number(json, "density", s->density);
    hg_json_number(json, "steps", (double)s->steps);
    hg_json_number(json, "median_seconds", s->median);
    hg_json_number(json, "minimum_seconds", s->minimum);
    hg_json_number(json, "dense_flops", s->dense_flops);
    hg_json_number(json, "effective_flops", s->effective_flops);
    hg_json_number(json, "bytes", s->bytes);
    for (size_t p = 0; p < s->phase_count; ++p) {
        struct hg_json *item = hg_json_append(json, "phases");
        hg_json_text(item, "phase", s->phases[p].phase);
        hg_json_number(item, "seconds", s->phases[p].seconds);
        hg_json_number(item, "flops", s->phases[p].flops);
    }
}

static void add_limits(struct hg_json *json, const struct hg_bench_peak *peak)
{
    hg_json_number(json, "gemm_flops_per_second", peak->gemm);
    hg_json_number(json, "gemm_size", (double)peak->gemm_size);
    if (!peak->cpu.threads)
        return;
    hg_json_number(json, "threads", peak->cpu.threads);
    hg_json_number(json, "peak_flops_per_second", peak->cpu.flops);
    hg_json_number(json, "memory_bytes_per_second", peak->cpu.bandwidth);
}

static enum hg_status bench_steps(const struct bench_settings *settings, const struct hg_dataset *dataset,
                                  unsigned models, struct hg_json *json)
{
    struct hg_bench_peak peak;
    const struct hg_train_options any = training_options(settings, HG_MLP);
    HG_TRY(hg_bench_peak(&peak, &any));
    if (json)
        add_limits(json, &peak);
    else
        print_limits(&peak);
    for (unsigned model = 0; hg_model_names[model]; ++model) {
        if (!(models & 1U << model))
            continue;
        const struct hg_train_options o = training_options(settings, (enum hg_model_kind)model);
        struct hg_bench_step step;
        HG_TRY(hg_bench_step(&step, &o, dataset, settings->seconds, true));
        if (!json) {
            print_step((enum hg_model_kind)model, &step, &peak);
            continue;
        }
        struct hg_json *item = hg_json_append(json, "models");
        hg_json_text(item, "model", hg_model_names[model]);
        add_step(item, &step);
    }
    return HG_OK;
}

/* ---- sweeps ---- */

static enum hg_status show_point(void *context, double value, const struct hg_bench_step *s)
{
    struct hg_json *json = context;
    if (json) {
        struct hg_json *item = hg_json_append(json, "points");
        hg_json_number(item, "value", value);
        add_step(item, s);
        return HG_OK;
    }
    printf("%12g %12.2f %12.2f %14.2f %14.1f %14.1f\n", value, 1e6 * s->median, 1e6 * s->minimum,
           1e9 * s->minimum / (double)s->rows, s->dense_flops / s->minimum / 1e9,
           s->effective_flops / s->minimum / 1e9);
    fflush(stdout);
    return HG_OK;
}

static enum hg_status bench_sweep(const struct bench_settings *settings, const struct hg_dataset *dataset,
                                  unsigned models, struct hg_json *json)
{
    enum { WITHOUT_NONE = 1 };
    const unsigned model = models & 1U << HG_MLP ? HG_MLP : HG_AUTOENCODER;
    const struct hg_train_options o = training_options(settings, (enum hg_model_kind)model);
    if (json) {
        hg_json_text(json, "model", hg_model_names[model]);
        hg_json_text(json, "sweep", axes[settings->axis]);
    } else {
        printf("%s\n%12s %12s %12s %14s %14s %14s\n%12s %12s %12s %14s %14s %14s\n", hg_model_names[model],
               axes[settings->axis], "median", "minimum", "minimum", "dense", "without zeros", "", "us/step", "us/step",
               "ns/sample", "GFLOP/s", "GFLOP/s");
    }
    return hg_bench_sweep((enum hg_bench_axis)(settings->axis - WITHOUT_NONE), &o, dataset, settings->samples,
                          settings->seconds, show_point, json);
}

static enum hg_status bench(int argc, char **argv)
{
    struct bench_settings settings = {.backend = "auto", .batch_size = 128, .samples = 2000000, .seconds = 1};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_bench, argc, argv, &settings, &done));
    if (done)
        return HG_OK;
    unsigned models;
    HG_TRY(hg_arguments_models(&models, arguments.operands[0]));
    const struct hg_train_options o = training_options(&settings, HG_MLP);
    HG_TRY(hg_train_options_check(&o));

    char *data = NULL;
    struct hg_dataset *dataset = NULL;
    struct hg_json *json = settings.json ? hg_json_create() : NULL;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_paths_data(&data, settings.data));
    HG_TRY_OR_CLEANUP(hg_data_load(&dataset, data, HG_TRAIN, &settings.reading, &hg_command_bench));
    HG_TRY_OR_CLEANUP(settings.axis ? bench_sweep(&settings, dataset, models, json)
                                    : bench_steps(&settings, dataset, models, json));
    if (json)
        HG_TRY_OR_CLEANUP(hg_json_print(json));

cleanup:
    hg_dataset_free(dataset);
    free(data);
    hg_json_free(json);
    return status;
}

const struct hg_command hg_command_bench = {
    .name = "bench",
    .operands = {"[mlp|autoencoder]"},
    .summary = "time training steps on this machine, by phase, against its limits",
    .description =
        "The time of a training step (median and minimum over stretches of some milliseconds), its phases, its\n"
        "arithmetic counted densely and without products by zero, and the rates this machine reaches at best.\n"
        "With --sweep: how the cost of a step grows (of the MLP, unless autoencoder is given). --sweep samples\n"
        "writes a temporary file, in TMPDIR or /tmp, of up to 1.6 GB.\n\n"
        "Example:\n"
        "  handgrad bench --backend cpu --threads 1\n"
        "  handgrad bench mlp --sweep batch\n\n"
        "Leaves no files.",
    .tables = {options},
    .run = bench,
};
