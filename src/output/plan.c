#include "src/output/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/models/tensors.h"
#include "host/runs/run.h"
#include "host/training/option_table.h"
#include "host/training/schedule.h"
#include "host/training/trainer.h"
#include "src/output/json.h"
#include "src/output/progress.h"
#include "src/output/rates.h"

/* About the longest line of metrics, and what a file has beside its numbers. */
enum { METRICS_LINE = 350, FILE_HEADER = 2048, RATES_LINE = 50, PLOT_FILE = 30000 };

static size_t epochs_planned(const struct hg_trainer *trainer)
{
    const struct hg_train_options *o = &trainer->options;
    const size_t epochs = (o->steps + trainer->epoch_steps - 1) / trainer->epoch_steps;
    return o->steps && epochs < o->epochs ? epochs : o->epochs;
}

static size_t steps_planned(const struct hg_trainer *trainer)
{
    const size_t all = trainer->options.epochs * trainer->epoch_steps, limit = trainer->options.steps;
    return limit && limit < all ? limit : all;
}

static size_t memory_planned(const struct hg_plan *plan)
{
    const struct hg_rehearsal *r = &plan->rehearsal;
    return r->peak_memory ? r->peak_memory + r->memory_when_saved : 0;
}

/* A file of the run, and about how large it becomes at most; name NULL after the last. */
struct planned_file {
    const char *name;
    size_t bytes;
};

/* Files of weights also hold the names of a table's columns. */
static size_t names_length(const struct hg_trainer *trainer)
{
    size_t length = 0;
    for (const char *const *name = hg_dataset_columns(trainer->train.slice); name && *name; ++name)
        length += strlen(*name) + 1;
    return length;
}

static struct planned_file file_planned(const struct hg_trainer *trainer, size_t index)
{
    const struct hg_train_options *o = hg_trainer_options(trainer);
    const size_t values = hg_trainer_values(&trainer->spec), element = trainer->ctx->backend->element_size;
    const size_t header = FILE_HEADER + names_length(trainer);
    const size_t tried = trainer->range_test.count;
    const struct planned_file files[] = {
        {"config.json", FILE_HEADER},
        {"metrics.jsonl", epochs_planned(trainer) * METRICS_LINE},
        {o->tensorboard ? "events.out.tfevents.0001.handgrad" : NULL,
         hg_run_events_size(trainer, epochs_planned(trainer))},
        {"checkpoint.safetensors", values * element * (trainer->spec.momentum > 0 ? 2 : 1) + header},
        {"model.safetensors", values * sizeof(float) + header},
        {trainer->validation.slice ? "best.safetensors" : NULL, values * sizeof(float) + header},
        {tried ? "lr-find.csv" : NULL, (tried + 1) * RATES_LINE},
        {tried ? "lr-find.svg" : NULL, PLOT_FILE},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; ++i)
        if (files[i].name && index-- == 0)
            return files[i];
    return (struct planned_file){.name = NULL};
}

static const char *format_bytes(char out[32], size_t bytes)
{
    if (bytes < 1 << 20)
        snprintf(out, 32, "%.0f KiB", ceil((double)bytes / 1024));
    else
        snprintf(out, 32, "%.1f MiB", (double)bytes / (1 << 20));
    return out;
}

static const char *element_name(const struct hg_dataset *dataset)
{
    return hg_dataset_samples(dataset)->element == HG_U8 ? "bytes" : "floats";
}

/* ---- as text ---- */

static void print_dataset(const struct hg_plan *plan, const char *title, const struct hg_dataset *dataset)
{
    char shape[64], classes[64] = "", words[1024];
    struct hg_input_scale scale;
    hg_dataset_scale(dataset, &scale);
    if (hg_dataset_height(dataset))
        snprintf(shape, sizeof shape, "%zu x %zu pixels%s", hg_dataset_height(dataset), hg_dataset_width(dataset),
                 hg_dataset_channels(dataset) == 3 ? " in colour" : "");
    else
        snprintf(shape, sizeof shape, "%zu features", hg_dataset_features(dataset));
    if (hg_dataset_classes(dataset))
        snprintf(classes, sizeof classes, ", labels of %zu classes", hg_dataset_classes(dataset));
    printf("%-9s%s\n         %zu samples of %s, %s%s\n", title, hg_dataset_name(dataset), hg_dataset_count(dataset),
           shape, element_name(dataset), classes);
    printf("         the network sees numbers from %.4g to %.4g, mean %.4g, deviation %.4g\n", scale.least,
           scale.largest, scale.mean, scale.deviation);
    if (*hg_dataset_note(dataset))
        printf("         note: %s\n", hg_command_message(words, sizeof words, plan->command, hg_dataset_note(dataset)));
}

static void print_parts(const struct hg_trainer *trainer)
{
    printf("parts    %zu samples to train on", trainer->train.count);
    if (trainer->validation.slice)
        printf(", %zu held out to validate", trainer->validation.count);
    if (trainer->test.slice)
        printf(", %zu to test on", trainer->test.count);
    putchar('\n');
}

static void print_model(const struct hg_trainer *trainer)
{
    const struct hg_network_spec *spec = &trainer->spec;
    printf("model    %s %zu-%zu-%zu, %zu parameters\n", trainer->options.model == HG_MLP ? "MLP" : "autoencoder",
           spec->features, spec->hidden, trainer->options.model == HG_MLP ? spec->classes : spec->features,
           hg_trainer_parameter_count(trainer));
    printf("backend  %s: %s%s%s\n", trainer->options.backend, hg_trainer_device(trainer),
           *hg_trainer_backend_reason(trainer) ? "; " : "", hg_trainer_backend_reason(trainer));
}

static void print_rate(const struct hg_plan *plan)
{
    const struct hg_train_options *o = hg_trainer_options(plan->trainer);
    static const char *const falls[] = {
        [HG_LR_CONSTANT] = "stays", [HG_LR_COSINE] = "falls along a cosine", [HG_LR_STEP] = "falls in two steps"};
    const size_t last = steps_planned(plan->trainer) - 1;
    char found[HG_RATES_WORDS];
    const bool tested = hg_rates_words(found, plan->trainer) != NULL;
    printf("rate     %.4g%s", o->lr,
           tested               ? ", found by a range test"
           : plan->rate_by_data ? ", chosen by the data"
                                : "");
    if (o->model == HG_MLP && (o->input_scale != 1 || o->centre_inputs))
        printf(" for inputs times %g%s", o->input_scale, o->centre_inputs ? ", their mean taken off" : "");
    if (tested)
        printf("\n         %s", found);
    printf("\n         begins at %.3g", hg_schedule_rate(o, plan->trainer->epoch_steps, 0));
    if (o->warmup_epochs)
        printf(", rises for %zu epoch%s", o->warmup_epochs, o->warmup_epochs == 1 ? "" : "s");
    printf(", then %s; the last step has %.3g\n", falls[o->lr_schedule],
           hg_schedule_rate(o, plan->trainer->epoch_steps, last));
    printf("         momentum %.4g%s, weight decay %g\n", o->momentum,
           o->nesterov && o->momentum > 0 ? " (Nesterov)" : "", o->weight_decay);
}

static void print_costs(const struct hg_plan *plan)
{
    const struct hg_rehearsal *r = &plan->rehearsal;
    const struct hg_train_options *o = hg_trainer_options(plan->trainer);
    const size_t epochs = epochs_planned(plan->trainer);
    char duration[32], peak[32], total[32];
    printf("steps    %zu of %zu samples an epoch, %zu in all (%zu epochs%s)\n", plan->trainer->epoch_steps,
           plan->trainer->spec.batch, steps_planned(plan->trainer), epochs,
           o->early_stopping ? " at most, unless the validation loss gets no better" : "");
    hg_progress_duration(duration, sizeof duration, r->epoch_seconds * (double)epochs);
    printf("time     about %s: %.3g s an epoch, by %zu steps and an evaluation now; without the writing of files\n",
           duration, r->epoch_seconds, r->steps);
    if (r->peak_memory)
        printf("memory   about %s: %s was needed so far, with data, network and those steps; the rest is for saving\n",
               format_bytes(total, memory_planned(plan)), format_bytes(peak, r->peak_memory));
}

void hg_plan_print(const struct hg_plan *plan)
{
    char bytes[32];
    struct planned_file file;
    print_dataset(plan, "data", plan->train);
    if (plan->test)
        print_dataset(plan, "test", plan->test);
    print_parts(plan->trainer);
    print_model(plan->trainer);
    print_rate(plan);
    print_costs(plan);
    for (size_t i = 0; hg_trainer_warning(plan->trainer, i); ++i)
        printf("warning  %s\n", hg_trainer_warning(plan->trainer, i));
    if (*hg_trainer_note(plan->trainer))
        printf("init     %s\n", hg_trainer_note(plan->trainer));
    const unsigned long long seed = plan->trainer->options.seed;
    if (plan->seeds)
        printf("seeds    %zu: runs %s/seed-%llu to seed-%llu would be made, with\n", plan->seeds, plan->run, seed,
               seed + plan->seeds - 1);
    else
        printf("run      %s would be made, with\n", plan->run);
    for (size_t i = 0; (file = file_planned(plan->trainer, i)).name; ++i)
        printf("           %-34s about %s\n", file.name, format_bytes(bytes, file.bytes));
    printf("\nNothing was written. The same command without --dry-run trains.\n");
}

/* ---- as JSON ---- */

static void add_dataset(struct hg_json *json, const char *split, const struct hg_dataset *dataset)
{
    struct hg_json *object = hg_json_append(json, "data");
    struct hg_input_scale scale;
    hg_dataset_scale(dataset, &scale);
    hg_json_text(object, "split", split);
    hg_json_text(object, "file", hg_dataset_name(dataset));
    hg_json_number(object, "samples", (double)hg_dataset_count(dataset));
    hg_json_number(object, "features", (double)hg_dataset_features(dataset));
    hg_json_number(object, "height", (double)hg_dataset_height(dataset));
    hg_json_number(object, "width", (double)hg_dataset_width(dataset));
    hg_json_number(object, "channels", (double)hg_dataset_channels(dataset));
    hg_json_number(object, "classes", (double)hg_dataset_classes(dataset));
    hg_json_text(object, "elements", element_name(dataset));
    hg_json_number(object, "least", scale.least);
    hg_json_number(object, "largest", scale.largest);
    hg_json_number(object, "mean", scale.mean);
    hg_json_number(object, "deviation", scale.deviation);
    hg_json_text(object, "note", hg_dataset_note(dataset));
}

static void add_rate(struct hg_json *json, const struct hg_plan *plan)
{
    const struct hg_train_options *o = hg_trainer_options(plan->trainer);
    const size_t epoch_steps = plan->trainer->epoch_steps;
    hg_json_number(json, "lr", o->lr);
    hg_json_bool(json, "lr_by_data", plan->rate_by_data);
    hg_json_number(json, "lr_range_test_steps", (double)plan->trainer->range_test.count);
    hg_json_number(json, "first_lr", hg_schedule_rate(o, epoch_steps, 0));
    hg_json_number(json, "last_lr", hg_schedule_rate(o, epoch_steps, steps_planned(plan->trainer) - 1));
    hg_json_text(json, "lr_schedule", hg_lr_schedule_names[o->lr_schedule]);
    hg_json_number(json, "input_scale", o->input_scale);
    hg_json_bool(json, "centre_inputs", o->centre_inputs);
    hg_json_number(json, "momentum", o->momentum);
}

enum hg_status hg_plan_print_json(const struct hg_plan *plan)
{
    const struct hg_trainer *t = plan->trainer;
    const struct hg_rehearsal *r = &plan->rehearsal;
    struct hg_json *json = hg_json_create();
    struct planned_file file;
    hg_json_text(json, "state", "dry run");
    hg_json_text(json, "run", plan->run);
    if (plan->seeds)
        hg_json_number(json, "seeds", (double)plan->seeds);
    hg_json_text(json, "model", hg_model_names[t->options.model]);
    add_dataset(json, "training", plan->train);
    if (plan->test)
        add_dataset(json, "test", plan->test);
    hg_json_number(json, "training_samples", (double)t->train.count);
    hg_json_number(json, "validation_samples", (double)t->validation.count);
    hg_json_number(json, "test_samples", (double)t->test.count);
    hg_json_number(json, "parameters", (double)hg_trainer_parameter_count(t));
    hg_json_text(json, "backend", t->options.backend);
    hg_json_text(json, "device", hg_trainer_device(t));
    add_rate(json, plan);
    hg_json_number(json, "batch", (double)t->spec.batch);
    hg_json_number(json, "epochs", (double)epochs_planned(t));
    hg_json_number(json, "steps_per_epoch", (double)t->epoch_steps);
    hg_json_number(json, "steps", (double)steps_planned(t));
    hg_json_number(json, "steps_measured", (double)r->steps);
    hg_json_number(json, "step_seconds", r->step_seconds);
    hg_json_number(json, "epoch_seconds", r->epoch_seconds);
    hg_json_number(json, "seconds", r->epoch_seconds * (double)epochs_planned(t));
    if (r->peak_memory) {
        hg_json_number(json, "peak_memory_so_far", (double)r->peak_memory);
        hg_json_number(json, "memory", (double)memory_planned(plan));
    }
    for (size_t i = 0; hg_trainer_warning(t, i); ++i)
        hg_json_text(hg_json_append(json, "warnings"), "warning", hg_trainer_warning(t, i));
    for (size_t i = 0; (file = file_planned(t, i)).name; ++i) {
        struct hg_json *object = hg_json_append(json, "files");
        hg_json_text(object, "name", file.name);
        hg_json_number(object, "bytes", (double)file.bytes);
    }
    const enum hg_status status = hg_json_print(json);
    hg_json_free(json);
    return status;
}
