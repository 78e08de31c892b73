/* checkpoint.safetensors, from which training goes on to the bit. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/data/reading.h"
#include "host/formats/safetensors.h"
#include "host/models/model_file.h"
#include "host/models/tensors.h"
#include "host/runs/run.h"
#include "host/runs/saved_model.h"
#include "host/training/trainer.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { NAME_SIZE = 64, POSITIONS = 10, MOST_TENSORS = 2 * HG_MAX_TENSORS + POSITIONS };

/* A checkpoint being assembled. `values` hold its weights and velocities in the type in which they are written. */
struct draft {
    struct hg_tensor tensors[MOST_TENSORS];
    char names[MOST_TENSORS][NAME_SIZE];
    size_t count;
    void *values[2];
};

/* The numbers that say where training stands, each a tensor without dimensions. */
static struct hg_tensor position_tensor(struct hg_position *p, size_t index)
{
    const struct hg_tensor tensors[] = {
        {.name = "epochs_done", .type = HG_TENSOR_U64, .data = &p->epochs_done},
        {.name = "step_in_epoch", .type = HG_TENSOR_U64, .data = &p->step_in_epoch},
        {.name = "epoch_loss", .type = HG_TENSOR_F64, .data = &p->totals.loss},
        {.name = "epoch_correct", .type = HG_TENSOR_U64, .data = &p->totals.correct},
        {.name = "epoch_samples", .type = HG_TENSOR_U64, .data = &p->totals.samples},
        {.name = "epoch_seconds", .type = HG_TENSOR_F64, .data = &p->seconds},
        {.name = "best_validation_loss", .type = HG_TENSOR_F64, .data = &p->best_validation_loss},
        {.name = "epochs_since_best", .type = HG_TENSOR_U64, .data = &p->epochs_since_best},
        {.name = "best_epoch", .type = HG_TENSOR_U64, .data = &p->best_epoch},
        {.name = "threads", .type = HG_TENSOR_U64, .data = &p->threads},
    };
    _Static_assert(sizeof tensors / sizeof tensors[0] == POSITIONS, "a draft has room for all of them");
    return index < POSITIONS ? tensors[index] : (struct hg_tensor){0};
}

/* Adds every tensor of a role, as floats unless `in_double`, its name followed by `suffix`. */
static enum hg_status add_role(struct draft *draft, struct hg_trainer *trainer, enum hg_role role, const char *suffix,
                               bool in_double)
{
    const struct hg_network_spec *spec = &trainer->spec;
    const size_t count = hg_trainer_values(spec);
    double *values;
    HG_TRY(hg_allocate(&values, count, "the weights to be saved"));
    draft->values[role] = values;
    HG_TRY(hg_network_get_all(trainer->network, spec, role, values));
    HG_TRY(hg_require_finite(trainer, values, count));
    /* In place: float i takes bytes 4i to 4i + 3, double i those from 8i on, so in ascending order no double is
     * overwritten before it is read. */
    for (size_t i = 0; !in_double && i < count; ++i) {
        const float value = (float)values[i];
        memcpy((char *)values + i * sizeof value, &value, sizeof value);
    }
    const char *at = (const char *)values;
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape shape = hg_tensor_shape(spec, i);
        assert(draft->count < MOST_TENSORS);
        struct hg_tensor *t = &draft->tensors[draft->count];
        snprintf(draft->names[draft->count], NAME_SIZE, "%s%s", shape.name, suffix);
        *t = (struct hg_tensor){.name = draft->names[draft->count],
                                .type = in_double ? HG_TENSOR_F64 : HG_TENSOR_F32,
                                .dimensions = shape.vector ? 1 : 2,
                                .shape = {shape.vector ? shape.cols : shape.rows, shape.cols},
                                .data = at};
        at += shape.rows * shape.cols * (in_double ? sizeof(double) : sizeof(float));
        ++draft->count;
    }
    return HG_OK;
}

static void draft_free(struct draft *draft)
{
    free(draft->values[HG_VELOCITY]);
    free(draft->values[HG_PARAMETER]);
}

static enum hg_status write_checkpoint(const struct draft *draft, const struct hg_trainer *trainer,
                                       const struct hg_run *run)
{
    char *path = NULL;
    struct hg_saved_names names = {NULL, NULL};
    struct hg_model_info info;
    struct hg_model_metadata metadata;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_path(&path, hg_run_directory(run), "checkpoint.safetensors"));
    HG_TRY_OR_CLEANUP(hg_saved_model_describe(&info, &names, trainer, hg_trainer_is_best(trainer)));
    hg_model_metadata_fill(&metadata, &info);
    status = hg_safetensors_write(path, draft->tensors, draft->count, metadata.rows, metadata.count);
cleanup:
    hg_saved_names_free(&names);
    free(path);
    return status;
}

enum hg_status hg_run_save(struct hg_run *run, struct hg_trainer *trainer)
{
    const bool trained = trainer->position.epochs_done > 0 || trainer->position.step_in_epoch > 0;
    const bool in_double = trainer->ctx->backend->element_size == sizeof(double);
    struct draft checkpoint = {.count = 0};
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(add_role(&checkpoint, trainer, HG_PARAMETER, "", in_double));
    if (trainer->spec.momentum > 0)
        HG_TRY_OR_CLEANUP(add_role(&checkpoint, trainer, HG_VELOCITY, ".velocity", in_double));
    for (size_t i = 0; position_tensor(&trainer->position, i).name; ++i) {
        assert(checkpoint.count < MOST_TENSORS);
        checkpoint.tensors[checkpoint.count++] = position_tensor(&trainer->position, i);
    }
    /* The checkpoint last: after a crash in between, resume repeats the epoch and writes the same model again. */
    if (trained)
        HG_TRY_OR_CLEANUP(hg_saved_model_write(trainer, run));
    HG_TRY_OR_CLEANUP(write_checkpoint(&checkpoint, trainer, run));
cleanup:
    draft_free(&checkpoint);
    return status;
}

static enum hg_status read_role(const struct hg_safetensors *file, struct hg_trainer *trainer, enum hg_role role,
                                const char *suffix)
{
    const struct hg_network_spec *spec = &trainer->spec;
    double *values;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&values, hg_trainer_values(spec), "the weights to be restored"));
    double *at = values;
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape t = hg_tensor_shape(spec, i);
        const size_t matrix[] = {t.rows, t.cols};
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "%s%s", t.name, suffix);
        HG_TRY_OR_CLEANUP(hg_safetensors_read_double(file, name, t.vector ? 1 : 2, t.vector ? &t.cols : matrix, at));
        at += t.rows * t.cols;
    }
    HG_TRY_OR_CLEANUP(hg_network_set_all(trainer->network, spec, role, values));

cleanup:
    free(values);
    return status;
}

/* What is resumed is the same to the bit only where sums are split as before. */
static void compare_threads(struct hg_trainer *trainer)
{
    const uint64_t before = trainer->position.threads, here = (uint64_t)trainer->ctx->threads;
    if (before && here && before != here)
        hg_trainer_warn(trainer,
                        "the run was trained with %llu threads so far, and goes on with %llu: the last bits of the "
                        "weights will not be those of an uninterrupted run; threads=%llu would go on as before",
                        (unsigned long long)before, (unsigned long long)here, (unsigned long long)before);
    trainer->position.threads = here;
}

static enum hg_status restore(struct hg_trainer *trainer, const struct hg_safetensors *file, const char *path)
{
    struct hg_position *p = &trainer->position;
    HG_TRY(read_role(file, trainer, HG_PARAMETER, ""));
    if (trainer->spec.momentum > 0)
        HG_TRY(read_role(file, trainer, HG_VELOCITY, ".velocity"));
    for (size_t i = 0; position_tensor(p, i).name; ++i) {
        const struct hg_tensor t = position_tensor(p, i);
        const bool later = t.data == &p->best_epoch || t.data == &p->threads;
        if (later && !hg_safetensors_find(file, t.name))
            continue; /* a checkpoint of handgrad 0.1, or 0.2 */
        HG_TRY(hg_safetensors_read(file, t.name, t.type, 0, NULL, (void *)t.data));
    }
    compare_threads(trainer);
    /* The data may have changed since; a step in the middle of a shorter epoch is nowhere. */
    if (p->step_in_epoch >= trainer->epoch_steps)
        return hg_fail(HG_BAD_DATA,
                       "%s: stands at step %llu of an epoch, which has %zu steps here; resume with the "
                       "run's own data and options",
                       path, (unsigned long long)p->step_in_epoch, trainer->epoch_steps);
    return HG_OK;
}

/* What a checkpoint says of its model; nothing, in a file of an earlier version. */
static enum hg_status read_info(struct hg_model_info *info, const struct hg_safetensors *file, const char *path)
{
    bool described;
    *info = (struct hg_model_info){.features = 0};
    return hg_model_metadata_read(info, &described, file, path);
}

/* The run's checkpoint. *out is NULL where the process was killed between config.json and the first checkpoint, so that
 * nothing is lost by beginning anew. */
static enum hg_status open_checkpoint(struct hg_safetensors **out, char **path, const struct hg_run *run)
{
    bool exists, has_metrics, has_model;
    *out = NULL;
    HG_TRY(hg_run_path(path, hg_run_directory(run), "checkpoint.safetensors"));
    HG_TRY(hg_run_has(&exists, run, "checkpoint.safetensors"));
    if (exists)
        return hg_safetensors_open(out, *path);
    HG_TRY(hg_run_has(&has_metrics, run, "metrics.jsonl"));
    HG_TRY(hg_run_has(&has_model, run, "model.safetensors"));
    if (has_metrics)
        return hg_fail(HG_NO_INPUT, "%s: is missing, so training cannot go on; its options are in %s/config.json",
                       *path, hg_run_directory(run));
    if (has_model)
        return hg_fail(HG_NO_INPUT,
                       "%s: these weights were solved for, not trained, and are the best there are; there is "
                       "nothing to resume",
                       hg_run_directory(run));
    return HG_OK;
}

enum hg_status hg_run_inputs_read(struct hg_run_inputs *inputs, const struct hg_run *run)
{
    struct hg_safetensors *file = NULL;
    struct hg_model_info info;
    char *path = NULL;
    enum hg_status status;
    *inputs = (struct hg_run_inputs){.columns = NULL};
    HG_TRY_OR_CLEANUP(open_checkpoint(&file, &path, run));
    if (!file)
        goto cleanup;
    HG_TRY_OR_CLEANUP(read_info(&info, file, path));
    HG_TRY_OR_CLEANUP(hg_model_names_read(&inputs->columns, file, path, "columns", info.features));
    HG_TRY_OR_CLEANUP(hg_model_names_read(&inputs->class_names, file, path, "class_names", info.classes));
    inputs->scale = info.input;

cleanup:
    hg_safetensors_close(file);
    free(path);
    if (status != HG_OK)
        hg_run_inputs_free(inputs);
    return status;
}

void hg_run_inputs_free(struct hg_run_inputs *inputs)
{
    free(inputs->class_names);
    free(inputs->columns);
    *inputs = (struct hg_run_inputs){.columns = NULL};
}

static enum hg_status check_classes(const struct hg_safetensors *file, const char *path, const struct hg_dataset *train)
{
    char **names;
    HG_TRY(hg_model_names_read(&names, file, path, "class_names", 0));
    const enum hg_status status = hg_dataset_require_classes(train, (const char *const *)names);
    free(names);
    return status;
}

/* The checkpoint's model is that of the options, and the data are of the kind that it was trained on. */
static enum hg_status check_info(const struct hg_safetensors *file, const char *path,
                                 const struct hg_train_options *options, const struct hg_dataset *train)
{
    struct hg_model_info info;
    HG_TRY(read_info(&info, file, path));
    if (info.features && info.kind != options->model)
        return hg_fail(HG_BAD_DATA, "%s: holds an %s, but the run is of an %s", path, hg_model_names[info.kind],
                       hg_model_names[options->model]);
    if (info.input.numbers == HG_NUMBERS_UNKNOWN)
        return HG_OK;
    if (info.kind == HG_MLP)
        HG_TRY(check_classes(file, path, train));
    return hg_samples_require_like(hg_dataset_samples(train), hg_dataset_name(train), &info.input);
}

enum hg_status hg_trainer_resume(struct hg_trainer **out, struct hg_run *run, const struct hg_train_options *options,
                                 const struct hg_dataset *train, const struct hg_dataset *test)
{
    struct hg_train_options left = *options;
    struct hg_trainer *trainer = NULL;
    struct hg_safetensors *file = NULL;
    char *path = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(open_checkpoint(&file, &path, run));
    if (file) {
        left.init = NULL; /* the checkpoint has the weights; the file may be gone */
        HG_TRY_OR_CLEANUP(check_info(file, path, options, train));
    }
    HG_TRY_OR_CLEANUP(hg_trainer_create(&trainer, &left, train, test));
    if (file) {
        HG_TRY_OR_CLEANUP(restore(trainer, file, path));
        HG_TRY_OR_CLEANUP(hg_run_trim_metrics(run, trainer->position.epochs_done));
        hg_trainer_judge(trainer);
    }
    *out = trainer;
    trainer = NULL; /* the caller's */

cleanup:
    hg_trainer_free(trainer);
    hg_safetensors_close(file);
    free(path);
    return status;
}
