/* Claim: whichever allocation fails while a model is trained, saved, read, exported or used,
 * tests/support/out_of_memory.h holds, and saved runs stay readable. */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/export.h"
#include "handgrad/train.h"
#include "host/data/dataset.h"
#include "host/doctor/diagnosis.h"
#include "host/runs/run.h"
#include "host/training/optimum.h"
#include "host/training/principal.h"
#include "kernels/second_moment.h"
#include "tests/support/out_of_memory.h"
#include "tests/support/temporary.h"

/* Allocations of opening a GPU, at most: where one fails, --backend auto goes on with the CPU. */
enum { BY_THE_CPU = 20 };

struct training {
    const char *backend;
    enum hg_model_kind model;
    size_t batch;
    const char *gradient; /* NULL: the default */
    bool find;            /* the rate by a range test */
    struct hg_dataset *train, *test;
    char run[4096];
    enum hg_export_format format;
};

static struct hg_train_options options(const struct training *t)
{
    struct hg_train_options o;
    hg_train_options_default(&o, t->model);
    o.backend = t->backend;
    o.hidden = 5;
    o.epochs = 2;
    o.batch_size = t->batch;
    o.gradient = t->gradient ? t->gradient : o.gradient;
    o.momentum = 0.5;
    o.lr = t->find ? HG_BY_RANGE_TEST : o.lr;
    o.threads = 2;
    o.validation_fraction = 0.25;
    return o;
}

static enum hg_status make_trainer(const void *argument)
{
    const struct training *t = argument;
    const struct hg_train_options o = options(t);
    struct hg_trainer *trainer = NULL;
    struct hg_metrics metrics;
    enum hg_status status = hg_trainer_create(&trainer, &o, t->train, t->test);
    if (status == HG_OK)
        status = hg_trainer_epoch(trainer, NULL, NULL, &metrics);
    hg_trainer_free(trainer);
    return status;
}

static struct hg_trainer *saved_trainer;

static enum hg_status make_run(const void *argument)
{
    const struct training *t = argument;
    struct hg_run *run = NULL;
    enum hg_status status = hg_run_create(&run, t->run);
    if (status == HG_OK)
        status = hg_run_write_config(run, hg_trainer_options(saved_trainer), "a directory");
    hg_run_discard(run);
    return status;
}

static enum hg_status append(const void *argument)
{
    const struct training *t = argument;
    struct hg_run *run = NULL;
    enum hg_status status = hg_run_open(&run, t->run);
    if (status == HG_OK)
        status = hg_run_append_metrics(run, &(struct hg_metrics){.epoch = 1});
    hg_run_close(run);
    return status;
}

/* An event with pictures. */
static enum hg_status append_events(const void *argument)
{
    const struct training *t = argument;
    struct hg_run *run = NULL;
    char file[4200];
    snprintf(file, sizeof file, "%s/" HG_EVENT_FILE, t->run, (size_t)1);
    remove(file); /* so that each call has the same number to find */
    enum hg_status status = hg_run_open(&run, t->run);
    if (status == HG_OK)
        status = hg_run_start_events(run, saved_trainer);
    if (status == HG_OK)
        status = hg_run_append_events(run, saved_trainer, &(struct hg_metrics){.epoch = 1});
    hg_run_close(run);
    return status;
}

static enum hg_status export_model(const void *argument)
{
    const struct training *t = argument;
    const struct hg_export_options chosen = {.format = t->format};
    char *note = NULL;
    const enum hg_status status = hg_export(&note, t->run, temporary_path("exported"), &chosen);
    free(note);
    return status;
}

static enum hg_status save(const void *argument)
{
    const struct training *t = argument;
    struct hg_run *run = NULL;
    enum hg_status status = hg_run_open(&run, t->run);
    if (status == HG_OK)
        status = hg_run_save(run, saved_trainer);
    hg_run_close(run);
    return status;
}

static enum hg_status resume(const void *argument)
{
    const struct training *t = argument;
    const struct hg_train_options o = options(t);
    struct hg_trainer *trainer = NULL;
    struct hg_run *run = NULL;
    enum hg_status status = hg_run_open(&run, t->run);
    if (status == HG_OK)
        status = hg_trainer_resume(&trainer, run, &o, t->train, t->test);
    hg_trainer_free(trainer);
    hg_run_close(run);
    return status;
}

static enum hg_status read_config(const void *argument)
{
    const struct training *t = argument;
    char path[4200];
    struct hg_run_config config = {0};
    snprintf(path, sizeof path, "%s/config.json", t->run);
    const enum hg_status status = hg_run_config_read(&config, path);
    hg_run_config_free(&config);
    return status;
}

static enum hg_status read_history(const void *argument)
{
    const struct training *t = argument;
    struct hg_history history = {NULL};
    const enum hg_status status = hg_history_read(&history, t->run);
    hg_history_free(&history);
    return status;
}

static enum hg_status use_model(const void *argument)
{
    const struct training *t = argument;
    struct hg_model *model = NULL;
    struct hg_evaluation evaluation;
    struct hg_confusion confusion = {0};
    struct hg_sample_loss worst;
    size_t count;
    float outputs[SAMPLES * SIDE * SIDE];
    enum hg_status status = hg_model_load(&model, t->run, t->backend, 1);
    if (status == HG_OK)
        status = hg_model_evaluate(model, t->test, &evaluation);
    if (status == HG_OK && t->model == HG_AUTOENCODER)
        status = hg_model_reconstruct(model, t->test, 0, SAMPLES, outputs);
    if (status == HG_OK && t->model == HG_AUTOENCODER)
        status = hg_model_largest_losses(model, t->test, 1, &worst, &count);
    if (status == HG_OK && t->model == HG_MLP)
        status = hg_model_confusion(model, t->test, SAMPLES, &confusion);
    hg_confusion_free(&confusion);
    hg_model_free(model);
    return status;
}

/* The exact solution, found and written. */
static enum hg_status solve(const void *argument)
{
    enum { FEATURES = SIDE * SIDE };
    const struct training *t = argument;
    struct hg_train_options o = options(t);
    double moment[FEATURES * FEATURES], values[FEATURES], w[FEATURES * FEATURES], squares;
    char path[4200];
    o.hidden = 3;
    snprintf(path, sizeof path, "%s-solution", t->run);
    enum hg_status status = hg_second_moment(hg_dataset_samples(t->train), 1, moment, &squares);
    if (status == HG_OK)
        status = hg_eigen(moment, FEATURES, values, o.hidden, w);
    if (status == HG_OK)
        status = hg_run_write_solution(path, &o, "a directory", t->train, w);
    if (status != HG_OK)
        return status;
    for (const char *const *name = (const char *const[]){"config.json", "model.safetensors", NULL}; *name; ++name) {
        char file[4300];
        snprintf(file, sizeof file, "%s/%s", path, *name);
        assert_int_equal(remove(file), 0);
    }
    assert_int_equal(remove(path), 0); /* so that it can be made again; and nothing else is in it */
    return HG_OK;
}

static enum hg_status find_directions(const void *argument)
{
    enum { FEATURES = SIDE * SIDE, LATENT = 3 };
    const struct training *t = argument;
    double moment[FEATURES * FEATURES], squares, w[LATENT * FEATURES];
    struct hg_principal principal = {0};
    for (size_t i = 0; i < COUNT(w); ++i)
        w[i] = 1 / (double)(1 + i);
    enum hg_status status = hg_second_moment(hg_dataset_samples(t->train), 1, moment, &squares);
    if (status == HG_OK)
        status = hg_principal_create(&principal, moment, FEATURES, w, LATENT);
    hg_principal_free(&principal);
    return status;
}

static enum hg_status diagnose(const void *argument)
{
    const struct training *t = argument;
    struct hg_diagnosis diagnosis;
    return hg_diagnose(&diagnosis, t->train, t->test, 1);
}

static void runs(void **state)
{
    (void)state;
    static const char *const backends[] = {"reference", "cpu", "cuda"};
    struct training t = {.train = NULL};
    assert_ok(hg_dataset_load(&t.train, out_of_memory_data(), HG_TRAIN));
    assert_ok(hg_dataset_load(&t.test, out_of_memory_data(), HG_TEST));
    for (size_t i = 0; i < 2 * COUNT(backends); ++i) {
        t.backend = backends[i / 2];
        t.model = i % 2 ? HG_AUTOENCODER : HG_MLP;
        t.batch = strcmp(t.backend, "reference") == 0 ? 0 : 8; /* 0: all samples at once, by the second moment */
        const struct hg_train_options o = options(&t);
        const enum hg_status status = hg_trainer_create(&saved_trainer, &o, t.train, t.test);
        if (status == HG_UNAVAILABLE)
            continue;
        assert_int_equal(status, HG_OK);
        snprintf(t.run, sizeof t.run, "%s", temporary_path("run"));
        snprintf(t.run + strlen(t.run), sizeof t.run - strlen(t.run), "-%zu", i);
        struct hg_run *run;
        struct hg_metrics metrics;
        if (i < 2) /* files are written the same way whatever computes, and each waits for the disk */
            survives(make_run, &t, 0);
        assert_ok(hg_run_create(&run, t.run));
        assert_ok(hg_run_write_config(run, hg_trainer_options(saved_trainer), out_of_memory_data()));
        assert_ok(hg_trainer_epoch(saved_trainer, NULL, NULL, &metrics));
        assert_ok(hg_run_append_metrics(run, &metrics));
        assert_ok(hg_run_save(run, saved_trainer));
        hg_run_close(run);
        survives(make_trainer, &t, 0);
        survives(use_model, &t, 0);
        if (t.model == HG_AUTOENCODER && i < 2)
            survives(solve, &t, 0);
        if (t.model == HG_AUTOENCODER && i < 2)
            survives(find_directions, &t, 0);
        if (i < 2) {
            t.find = true; /* the test is the same whatever computes */
            survives(make_trainer, &t, 0);
            t.find = false;
            survives(save, &t, 0);
            survives(read_config, &t, 0);
            survives(read_history, &t, 0);
            survives(resume, &t, 0);
            for (t.format = HG_EXPORT_ONNX; t.format <= HG_EXPORT_CARD; ++t.format)
                survives(export_model, &t, t.format == HG_EXPORT_CARD ? BY_THE_CPU : 0);
            survives(append_events, &t, 0);
            survives(append, &t, 0); /* last: each call that succeeds makes the file longer */
        }
        hg_trainer_free(saved_trainer);
    }
    t.model = HG_AUTOENCODER;
    t.backend = "auto";
    t.gradient = "W*(W'*W - I)*X*X'/N + inv(I + W*W')*W"; /* an inverse takes memory in each step */
    survives(make_trainer, &t, 0);
    survives(diagnose, &t, 0);
    hg_dataset_free(t.test);
    hg_dataset_free(t.train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs)};
    return cmocka_run_group_tests(tests, out_of_memory_begin, temporary_remove);
}
