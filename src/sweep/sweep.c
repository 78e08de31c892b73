#include "src/sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/data/scale.h"
#include "host/runs/run.h"
#include "host/training/choices.h"
#include "host/training/trainer.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/data.h"

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether both options read the same datasets from the same directory. */
static bool read_alike(const struct hg_train_options *a, const struct hg_train_options *b)
{
    return a->header == b->header && a->test == b->test && same_text(a->label, b->label) &&
           same_text(a->skip_columns, b->skip_columns) && same_text(a->image_size, b->image_size);
}

static bool takes_inputs_as_they_are(const struct hg_train_options *o)
{
    return o->model == HG_MLP && isfinite(o->lr) && o->input_scale == 1 && !o->centre_inputs;
}

/* A rate that is given is for the inputs as they are; says so where the data would have them otherwise. */
static enum hg_status tell_of_inputs(const struct hg_sweep *sweep, const struct hg_dataset *train)
{
    const struct hg_samples *samples = hg_dataset_samples(train);
    struct hg_input_choice choice;
    double *mean;
    bool as_they_are = false;
    for (size_t i = 0; i < sweep->point_count; ++i)
        as_they_are = as_they_are || takes_inputs_as_they_are(&sweep->points[i].options);
    if (!sweep->compares || sweep->settings->quiet || !as_they_are)
        return HG_OK;
    HG_TRY(hg_allocate(&mean, samples->features, "the mean of the inputs"));
    hg_input_mean(samples, mean);
    const enum hg_status status = hg_input_choose(&choice, samples, mean, hg_mean_square(samples));
    free(mean);
    HG_TRY(status);
    char text[256];
    snprintf(text, sizeof text,
             "lr: rates that are given are for the inputs as they are; by the data these would be multiplied by %g%s: "
             "input_scale=auto does that for every rate",
             choice.scale, choice.centre ? " and centred" : "");
    if (choice.scale != 1 || choice.centre)
        hg_command_note(sweep->command, text);
    return HG_OK;
}

/* What cannot be read, or does not suit the options of a point, fails once, before anything is written, and not in
 * every run. */
static enum hg_status try_data(const struct hg_sweep *sweep)
{
    struct hg_dataset *train = NULL, *test = NULL;
    enum hg_status status = HG_OK;
    for (size_t i = 0; i < sweep->point_count; ++i) {
        const struct hg_train_options *options = &sweep->points[i].options;
        if (i == 0 || !read_alike(&sweep->points[i - 1].options, options)) {
            hg_dataset_free(test);
            hg_dataset_free(train);
            train = test = NULL;
            HG_TRY_OR_CLEANUP(hg_data_load_both(&train, &test, sweep->data, options, NULL));
        }
        HG_TRY_OR_CLEANUP(hg_trainer_require_fit(options, train, test));
    }
    HG_TRY_OR_CLEANUP(tell_of_inputs(sweep, train));
cleanup:
    hg_dataset_free(test);
    hg_dataset_free(train);
    return status;
}

static enum hg_status count_failures(const struct hg_sweep *sweep)
{
    const size_t failed = hg_sweep_failures(sweep);
    if (failed == 0)
        return HG_OK;
    return hg_fail(HG_CHECK_FAILED, "%zu of %zu runs failed; the others stand, and the same command tries these again",
                   failed, sweep->run_count);
}

enum hg_status hg_sweep_run(struct hg_sweep *sweep)
{
    const struct hg_train_settings *settings = sweep->settings;
    int lock = -1;
    enum hg_status status;
    HG_TRY(hg_sweep_fill(sweep));
    HG_TRY(try_data(sweep));
    HG_TRY(hg_directory_create(settings->out, NULL));
    HG_TRY(hg_run_lock(&lock, settings->out));
    HG_TRY_OR_CLEANUP(hg_sweep_write_points(sweep));
    HG_TRY_OR_CLEANUP(hg_sweep_train(sweep, lock));
    hg_sweep_rank(sweep);
    HG_TRY_OR_CLEANUP(hg_sweep_write_csv(sweep));
    if (sweep->compares)
        HG_TRY_OR_CLEANUP(hg_sweep_write_page(sweep));
    if (settings->json)
        HG_TRY_OR_CLEANUP(hg_sweep_print_json(sweep));
    else if (!settings->quiet)
        HG_TRY_OR_CLEANUP(hg_sweep_print(sweep));
    status = count_failures(sweep);
cleanup:
    hg_run_unlock(lock, settings->out);
    return status;
}
