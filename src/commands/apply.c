#include "src/commands/apply.h"

#include <stdlib.h>

#include "host/runs/run.h"
#include "host/runs/trained_model.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/common_options.h"
#include "src/data.h"
#include "src/signals.h"

enum { ON_A_SHEET = 20 /* samples, unless --count says otherwise */ };

#define AT HG_APPLY_AT

const struct hg_option hg_apply_options[] = {
    {HG_OPTION_SIZE, AT(first), .help = "begin with this sample, counted from 0", .example = "100"},
    {HG_OPTION_SIZE, AT(count), .help = "take this many", .example = "20", .preset = "all; 20 in a .png"},
    HG_READING_OPTIONS(struct apply_settings, HG_GROUP_OPTIONS),
    HG_PREPARE_OPTIONS(struct apply_settings, HG_GROUP_OPTIONS),
    HG_BACKEND_OPTION(struct apply_settings, HG_GROUP_OPTIONS, hg_backend_choices, "where to compute"),
    HG_THREADS_OPTION(struct apply_settings, HG_GROUP_OPTIONS),
    {.name = NULL},
};

void hg_apply_close(struct hg_apply *apply)
{
    hg_dataset_free(apply->dataset);
    hg_run_config_free(&apply->config);
    hg_model_free(apply->model);
}

/* Checks --first and --count against the number of samples, and gives --count its default. */
static enum hg_status choose_range(struct hg_apply *apply, const char *file)
{
    struct apply_settings *s = &apply->settings;
    const size_t total = hg_dataset_count(apply->dataset);
    if (s->first >= total)
        return hg_fail(HG_USAGE, "--first: %zu is beyond the last of %zu samples of %s", s->first, total, file);
    const size_t left = total - s->first;
    if (s->count == 0)
        s->count = apply->format == HG_ARRAY_PNG && left > ON_A_SHEET ? ON_A_SHEET : left;
    if (s->count > left)
        return hg_fail(HG_USAGE, "--count: %zu is too large; %s has %zu samples from --first on", s->count, file, left);
    return HG_OK;
}

/* Refuses to overwrite the inputs by the results. */
static enum hg_status require_other_file(const char *out, const char *run, const char *const *files)
{
    bool same = hg_file_same(out, run);
    for (size_t i = 0; files[i]; ++i)
        same |= hg_file_same(out, files[i]);
    if (same)
        return hg_fail(HG_USAGE, "--out: %s is what the results are made of; give another name", out);
    return hg_run_require_other(run, out);
}

static enum hg_status load_model(struct hg_apply *apply, const char *run)
{
    HG_TRY(hg_model_load(&apply->model, run, apply->settings.backend, apply->settings.threads));
    hg_command_note(apply->command, hg_model_note(apply->model));
    if (hg_model_kind(apply->model) == apply->kind)
        return HG_OK;
    const bool classifier = apply->kind == HG_MLP;
    return hg_fail(HG_USAGE, "%s holds %s; handgrad %s needs %s", run, classifier ? "an autoencoder" : "a classifier",
                   apply->command->name,
                   classifier ? "a classifier (train mlp)" : "an autoencoder (train autoencoder)");
}

enum hg_status hg_apply_open(struct hg_apply *apply, int argc, char **argv, bool *done)
{
    struct hg_arguments arguments;
    apply->settings.backend = "auto";
    HG_TRY(hg_arguments_read(&arguments, apply->command, argc, argv, &apply->settings, done));
    if (*done)
        return HG_OK;
    apply->format = hg_array_format(apply->settings.out);
    if (apply->format == HG_ARRAY_UNKNOWN || !apply->formats[apply->format])
        return hg_fail(HG_USAGE, "--out: '%s' must %s", apply->settings.out, apply->endings);

    const char *run = arguments.operands[0], *const *files = (const char *const *)arguments.operands + 1;
    if (apply->settings.out)
        HG_TRY(require_other_file(apply->settings.out, run, files));
    HG_TRY(load_model(apply, run));
    HG_TRY(hg_data_read_config(&apply->config, run));
    apply->settings.reading.unlabelled = true;
    hg_data_complete_options(&apply->settings.reading, &apply->config, apply->model, &apply->scale);
    HG_TRY(hg_data_read(&apply->dataset, files, arguments.operand_count - 1, &apply->settings.reading, apply->command));
    if (hg_dataset_features(apply->dataset) != hg_model_features(apply->model))
        return hg_fail(HG_BAD_DATA, "%s: samples of %zu numbers, where the model of %s takes %zu", files[0],
                       hg_dataset_features(apply->dataset), run, hg_model_features(apply->model));
    HG_TRY(choose_range(apply, files[0]));
    const struct apply_settings *s = &apply->settings;
    return s->show ? hg_data_show(s->show, apply->dataset, s->first, s->count) : HG_OK;
}

static enum hg_status require_no_signal(const struct hg_apply *apply)
{
    const int received = hg_signals_received();
    return received
               ? hg_fail(hg_signals_status(received), "stopped by a signal before %s was complete", apply->settings.out)
               : HG_OK;
}

enum hg_status hg_apply_blocks(const struct hg_apply *apply, size_t cols, hg_apply_compute *compute,
                               hg_apply_take *take, void *to)
{
    const size_t count = apply->settings.count;
    float *values = NULL;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&values, count < HG_MODEL_ROWS ? count : HG_MODEL_ROWS, cols * sizeof *values,
                             "the results"));
    /* A process that a signal ends would leave behind what it has written so far. Standard output leaves nothing, and
     * a reader may keep it waiting. */
    if (apply->settings.out)
        hg_signals_watch(NULL);
    for (size_t done = 0; done < count; done += HG_MODEL_ROWS) {
        const size_t first = apply->settings.first + done;
        const size_t rows = count - done < HG_MODEL_ROWS ? count - done : HG_MODEL_ROWS;
        HG_TRY_OR_CLEANUP(compute(apply->model, apply->dataset, first, rows, values));
        HG_TRY_OR_CLEANUP(take(apply, first, rows, values, to));
        HG_TRY_OR_CLEANUP(require_no_signal(apply));
    }

cleanup:
    free(values);
    return status;
}

static enum hg_status take_rows(const struct hg_apply *apply, size_t first, size_t count, float *values, void *to)
{
    (void)apply;
    (void)first;
    return hg_array_add(to, count, values);
}

enum hg_status hg_apply_write_array(const struct hg_apply *apply, const char *column, size_t cols,
                                    hg_apply_compute *compute)
{
    struct hg_array_writer writer;
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_array_open(&writer, apply->settings.out, column, apply->settings.count, cols));
    HG_TRY_OR_CLEANUP(hg_apply_blocks(apply, cols, compute, take_rows, &writer));
    HG_TRY_OR_CLEANUP(hg_writer_commit(&writer.to));

cleanup:
    hg_writer_discard(&writer.to);
    return status;
}
