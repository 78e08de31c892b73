/* Claims: whichever allocation of a whole operation fails, be it handgrad's or cJSON's, the operation ends in
 * HG_INTERNAL with a message that says so and a trace that names a place in the sources; it crashes nowhere and, which
 * the builds with address sanitizer check, leaks nothing; saved runs stay readable. */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "handgrad/export.h"
#include "handgrad/train.h"
#include "host/data/dataset.h"
#include "host/doctor/diagnosis.h"
#include "host/formats/json.h"
#include "host/pictures/ink.h"
#include "host/pictures/picture.h"
#include "host/proofs/formula/explain.h"
#include "host/proofs/formula/formula.h"
#include "host/runs/run.h"
#include "host/training/optimum.h"
#include "host/training/principal.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/second_moment.h"
#include "tests/support/temporary.h"

enum { SAMPLES = 40, SIDE = 4, MOST_ALLOCATIONS = 5000 };

/* Allocations of opening a GPU, at most: where one fails, --backend auto goes on with the CPU. */
enum { BY_THE_CPU = 20 };

/* One operation from its beginning to its end, with everything that it made released. */
typedef enum hg_status operation_function(const void *argument);

/* Lets each allocation of the operation fail in turn. `tolerated`: how many of them it may do without. */
static void survives(operation_function *operation, const void *argument, size_t tolerated)
{
    size_t without = 0;
    assert_ok(operation(argument));
    for (size_t n = 1; n < MOST_ALLOCATIONS; ++n) {
        hg_memory_fail_at(n);
        const enum hg_status status = operation(argument);
        const bool failed = hg_memory_failed();
        hg_memory_fail_at(0);
        if (!failed) {
            assert_ok(status);
            assert_true(n > 1);
            assert_true(without <= tolerated);
            return;
        }
        if (status == HG_OK) {
            ++without;
            continue;
        }
        if (status != HG_INTERNAL || !strstr(hg_message(), "memory"))
            fail_msg("allocation %zu: status %d: %s\n%s", n, status, hg_message(), hg_trace());
        if (!strstr(hg_trace(), ".c:"))
            fail_msg("allocation %zu: no trace: \"%s\"", n, hg_trace());
    }
    fail_msg("the operation never ends");
}

/* ---- data ---- */

static const unsigned char *idx_file(bool labels, size_t *size)
{
    static unsigned char bytes[16 + SAMPLES * SIDE * SIDE];
    const unsigned char header[] = {0, 0, 8, labels ? 1 : 3, 0, 0, 0, SAMPLES, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    const size_t length = labels ? 8 : 16, values = labels ? SAMPLES : SAMPLES * SIDE * SIDE;
    memcpy(bytes, header, length);
    for (size_t i = 0; i < values; ++i)
        bytes[length + i] = (unsigned char)(labels ? i % 3 : i * 37 % 251);
    *size = length + values;
    return bytes;
}

/* Two classes, and a file that is no picture. */
static void write_pictures(void)
{
    static uint8_t pixels[SIDE * SIDE];
    struct hg_picture picture = {.height = SIDE, .width = SIDE, .channels = 1, .pixels = pixels};
    for (const char *const *name = (const char *const[]){"pictures", "pictures/cat", "pictures/dog", NULL}; *name;
         ++name)
        assert_ok(hg_directory_create(temporary_path(*name), NULL));
    assert_ok(hg_png_write(temporary_path("pictures/cat/a.png"), &picture));
    assert_ok(hg_png_write(temporary_path("pictures/dog/b.png"), &picture));
    temporary_write("pictures/dog/note", "dogs", 4);
}

static int create_files(void **state)
{
    static const char *const endings[] = {"", ".gz"};
    if (temporary_create(state) != 0)
        return -1;
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hg_memory_malloc, .free_fn = free});
    for (size_t split = 0; split < 2; ++split)
        for (size_t labels = 0; labels < 2; ++labels) {
            char name[64];
            size_t size;
            snprintf(name, sizeof name, "%s-%s%s", split ? "t10k" : "train",
                     labels ? "labels-idx1-ubyte" : "images-idx3-ubyte", endings[labels]);
            const unsigned char *bytes = idx_file(labels, &size);
            temporary_write(name, bytes, size);
        }
    static const char text[] = "label,a,b\n0,1,2\n1,3,4\n2,0.5,6\n";
    temporary_write("table.csv", text, sizeof text - 1);
    temporary_write("table.csv.gz", text, sizeof text - 1);
    static const double values[] = {1, 2, 3, 4, 5, 6};
    temporary_write_npy("doubles.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", values,
                        sizeof values);
    temporary_write_zip("archive.npz", "x.npy", temporary_path("doubles.npy"));
    write_pictures();
    return 0;
}

static const char *directory(void)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s", temporary_path("."));
    return path;
}

static enum hg_status load_data(const void *argument)
{
    (void)argument;
    struct hg_dataset *dataset = NULL;
    const enum hg_status status = hg_dataset_load(&dataset, directory(), HG_TEST);
    hg_dataset_free(dataset);
    return status;
}

static enum hg_status read_data(const void *name)
{
    struct hg_dataset *dataset = NULL;
    const enum hg_status status = hg_dataset_read(&dataset, temporary_path(name));
    hg_dataset_free(dataset);
    return status;
}

static enum hg_status load_archive(const void *name)
{
    struct hg_dataset *dataset = NULL;
    const enum hg_status status = hg_dataset_load(&dataset, temporary_path(name), HG_TRAIN);
    hg_dataset_free(dataset);
    return status;
}

/* A picture with something on it. */
static enum hg_status extract_ink(const void *argument)
{
    enum { PAGE = 24 };
    uint8_t pixels[PAGE * PAGE] = {0};
    const struct hg_picture page = {.height = PAGE, .width = PAGE, .channels = 1, .pixels = pixels};
    struct hg_picture sample;
    struct hg_ink found;
    (void)argument;
    for (size_t y = 5; y < 20; ++y)
        pixels[y * PAGE + 9] = 255;
    const enum hg_status status = hg_ink_extract(&sample, &page, 28, 28, &found, "a page");
    hg_picture_free(&sample);
    return status;
}

static enum hg_status load_pictures(const void *image_size)
{
    struct hg_dataset *dataset = NULL;
    const enum hg_status status = hg_dataset_load_with(&dataset, temporary_path("pictures"), HG_TRAIN,
                                                       &(struct hg_data_options){.image_size = image_size});
    hg_dataset_free(dataset);
    return status;
}

/* Bytes that become floats, with a note. */
static enum hg_status convert_data(const void *argument)
{
    (void)argument;
    static const struct hg_input_scale values = {HG_NUMBERS_VALUES, 128, 74, 0, 255};
    struct hg_dataset *dataset = NULL;
    const enum hg_status status =
        hg_dataset_load_with(&dataset, directory(), HG_TEST, &(struct hg_data_options){.like = &values});
    if (status == HG_OK)
        assert_non_null(strstr(hg_dataset_note(dataset), "stand for themselves"));
    hg_dataset_free(dataset);
    return status;
}

static void datasets(void **state)
{
    (void)state;
    survives(convert_data, NULL, 0);
    survives(load_data, NULL, 0);
    survives(read_data, "doubles.npy", 0);
    survives(read_data, "archive.npz", 0);
    survives(read_data, "archive.npz:x", 0);
    survives(load_archive, "archive.npz", 0);
    survives(load_pictures, NULL, 0);
    survives(extract_ink, NULL, 0);
    survives(load_pictures, "3x5x3", 0);
    survives(read_data, "pictures", 0);
    survives(read_data, "pictures/cat/a.png", 0);
    /* The reader of text gives back what it has too much, if it can: of samples and of labels. */
    survives(read_data, "table.csv", 2);
    survives(read_data, "table.csv.gz", 2);
}

/* ---- training ---- */

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
    assert_ok(hg_dataset_load(&t.train, directory(), HG_TRAIN));
    assert_ok(hg_dataset_load(&t.test, directory(), HG_TEST));
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
        assert_ok(hg_run_write_config(run, hg_trainer_options(saved_trainer), directory()));
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

/* ---- formulas ---- */

static enum hg_status check_formula(const void *argument)
{
    struct hg_formula_report report = {.gradient = NULL};
    const enum hg_status status = hg_formula_check(&report, argument);
    hg_formula_report_free(&report);
    return status;
}

static enum hg_status explain(const void *argument)
{
    struct hg_explanation explanation;
    const enum hg_status status = hg_formula_explain(&explanation, argument);
    hg_explanation_free(&explanation);
    return status;
}

/* Verdict and diagnoses, by every function that takes memory of its own. */
static void formulas(void **state)
{
    (void)state;
    static const struct hg_formula_options custom[] = {
        {.model = HG_FORMULA_CUSTOM, .loss = "log(det(A)) + tr(inv(A)*B)", .of = "A", .formula = "inv(A)'"},
        {.model = HG_FORMULA_CUSTOM, .loss = "det(A'*A)", .of = "A", .formula = "det(A'*A)*inv(A')"},
        {.model = HG_FORMULA_CUSTOM, .loss = "tr(A^3) + tr(A^-1)", .of = "A", .formula = "3*A^2"},
        {.model = HG_FORMULA_CUSTOM, .loss = "sum(swish(W*X))", .of = "W", .formula = "ones(3,5)*X'"},
    };
    for (size_t i = 0; i < COUNT(custom); ++i) {
        struct hg_formula_options o = custom[i];
        o.seed = 1;
        o.sizes[0] = i < 3 ? "A=4x4" : "W=3x4";
        o.sizes[1] = i < 3 ? NULL : "X=4x5";
        survives(check_formula, &o, 0);
    }
    struct hg_dataset *train;
    assert_ok(hg_dataset_load(&train, directory(), HG_TRAIN));
    const struct hg_formula_options models[] = {
        {.model = HG_FORMULA_AUTOENCODER, .formula = "2*W*(W'*W - I)*X*X'", .seed = 1, .dataset = train},
        {.model = HG_FORMULA_MLP, .of = "z1", .formula = "dh/N", .seed = 1, .dataset = train},
    };
    for (size_t i = 0; i < COUNT(models); ++i)
        survives(check_formula, &models[i], 0);
    for (size_t i = 0; i < COUNT(models); ++i)
        survives(explain, &models[i], 0);
    hg_dataset_free(train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(datasets), cmocka_unit_test(runs), cmocka_unit_test(formulas)};
    return cmocka_run_group_tests(tests, create_files, temporary_remove);
}
