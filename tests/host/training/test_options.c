/* Claims, for every row of the table of training options: the default is in range; a value just outside is refused, and
 * the message names the option; what config.json holds is read back, every choice and the ends of every range; and
 * docs/OPTIONS.md says what the row says. Further: a config.json of version 0.1.0 is read; a choice without a name is
 * refused before anything is written. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "host/training/option_table.h"
#include "kernels/base/file.h"
#include "tests/support/check.h"
#include "tests/support/documented.h"
#include "tests/support/temporary.h"

static void *field_of(const struct hg_option *o, struct hg_train_options *options)
{
    return (char *)options + o->offset;
}

static bool is_whole(const struct hg_option *o)
{
    return o->kind == HG_OPTION_SIZE || o->kind == HG_OPTION_SEED || o->kind == HG_OPTION_INT;
}

static void set_whole(const struct hg_option *o, struct hg_train_options *options, uint64_t value)
{
    if (o->kind == HG_OPTION_SIZE)
        *(size_t *)field_of(o, options) = (size_t)value;
    else if (o->kind == HG_OPTION_SEED)
        *(uint64_t *)field_of(o, options) = value;
    else
        *(int *)field_of(o, options) = (int)value;
}

static uint64_t largest_whole(const struct hg_option *o)
{
    return o->most > 0 ? (uint64_t)o->most : (uint64_t)1 << 53;
}

static void set_choice(const struct hg_option *o, struct hg_train_options *options, unsigned choice)
{
    memcpy(field_of(o, options), &choice, sizeof choice);
}

static void assert_refused(const struct hg_option *o, const struct hg_train_options *options)
{
    char begins[HG_OPTION_WORDS];
    snprintf(begins, sizeof begins, "%s: ", o->name);
    assert_fails(HG_USAGE, begins, hg_train_options_check(options));
    assert_ptr_equal(strstr(hg_message(), begins), hg_message());
}

static void defaults_are_in_range(void **state)
{
    (void)state;
    for (enum hg_model_kind model = HG_MLP; model <= HG_AUTOENCODER; ++model) {
        struct hg_train_options options;
        hg_train_options_default(&options, model);
        assert_ok(hg_train_options_check(&options));
        for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
            assert_ok(hg_option_check(o, &options));
    }
}

static void values_outside_are_refused(void **state)
{
    (void)state;
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o) {
        struct hg_train_options defaults, options;
        hg_train_options_default(&defaults, HG_AUTOENCODER);
        options = defaults;
        if (is_whole(o)) {
            set_whole(o, &options, largest_whole(o) + 1);
            assert_refused(o, &options);
            set_whole(o, &options, (uint64_t)o->least - 1); /* of 0: the largest there is, or a negative int */
            assert_refused(o, &options);
        } else if (o->kind == HG_OPTION_REAL) {
            const double outside[] = {o->above ? o->least : nextafter(o->least, -INFINITY), -INFINITY, INFINITY, NAN,
                                      o->most <= 0 ? INFINITY
                                      : o->below   ? o->most
                                                   : nextafter(o->most, INFINITY)};
            for (size_t i = 0; i < COUNT(outside); ++i) {
                *(double *)field_of(o, &options) = outside[i];
                if (!hg_option_word(o, outside[i]))
                    assert_refused(o, &options);
            }
        } else if (o->kind == HG_OPTION_CHOICE) {
            unsigned count = 0;
            while (o->choices[count])
                ++count;
            set_choice(o, &options, count);
            assert_refused(o, &options);
        }
    }
    struct hg_train_options options;
    hg_train_options_default(&options, HG_MLP);
    options.backend = "gpu";
    assert_fails(HG_USAGE, "backend: there is no backend 'gpu'; give auto, cuda, cpu or reference",
                 hg_train_options_check(&options));
}

static void messages_say_what_to_give(void **state)
{
    (void)state;
    struct hg_train_options options;
    hg_train_options_default(&options, HG_MLP);
    options.momentum = 1.5;
    assert_fails(HG_USAGE, "momentum: 1.5 is out of range; give a number from 0 to below 1",
                 hg_train_options_check(&options));
    hg_train_options_default(&options, HG_MLP);
    options.threads = -1;
    assert_fails(HG_USAGE, "threads: -1 is out of range; give a whole number from 0 to 1024",
                 hg_train_options_check(&options));
    hg_train_options_default(&options, HG_MLP);
    options.keep = 7;
    assert_fails(HG_USAGE, "keep: 7 is out of range; give best or last", hg_train_options_check(&options));
    options.keep = HG_KEEP_BEST;
    options.gradient = "exat";
    assert_fails(HG_USAGE, "gradient: there is no 'exat'; did you mean exact?", hg_train_options_check(&options));
}

/* Whether two sets of options agree in what config.json holds. */
static void assert_same(const struct hg_option *o, const struct hg_train_options *a, const struct hg_train_options *b)
{
    const char *x = (const char *)a + o->offset, *y = (const char *)b + o->offset;
    switch (o->kind) {
    case HG_OPTION_SIZE:
        assert_int_equal(*(const size_t *)x, *(const size_t *)y);
        break;
    case HG_OPTION_SEED:
        assert_int_equal(*(const uint64_t *)x, *(const uint64_t *)y);
        break;
    case HG_OPTION_INT:
        assert_int_equal(*(const int *)x, *(const int *)y);
        break;
    case HG_OPTION_REAL:
        assert_true(*(const double *)x == *(const double *)y ||
                    (isnan(*(const double *)x) && isnan(*(const double *)y)));
        break;
    case HG_OPTION_TEXT:
        if (*(const char *const *)x == NULL)
            assert_null(*(const char *const *)y);
        else
            assert_string_equal(*(const char *const *)x, *(const char *const *)y);
        break;
    case HG_OPTION_CHOICE:
        assert_memory_equal(x, y, sizeof(unsigned));
        break;
    case HG_OPTION_FLAG:
        assert_int_equal(*(const bool *)x, *(const bool *)y);
        break;
    }
}

static void assert_round_trip(const struct hg_train_options *options)
{
    char *text = NULL;
    struct hg_run_config config;
    const char *file = temporary_path("config.json");
    assert_ok(hg_run_config_text(&text, options, "data"));
    assert_ok(hg_file_replace_text(file, text));
    free(text);
    assert_ok(hg_run_config_read(&config, file));
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (!o->unsaved)
            assert_same(o, options, &config.options);
    hg_run_config_free(&config);
}

static void config_brings_every_value_back(void **state)
{
    (void)state;
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o) {
        struct hg_train_options options;
        hg_train_options_default(&options, HG_MLP);
        /* What warmup_epochs and early_stopping are compared with. */
        options.epochs = (size_t)1 << 31;
        options.validation_fraction = 0.5;
        if (o->unsaved)
            continue;
        if (is_whole(o)) {
            set_whole(o, &options, largest_whole(o));
            assert_round_trip(&options);
            options.warmup_epochs = 0;
            set_whole(o, &options, (uint64_t)o->least);
        } else if (o->kind == HG_OPTION_REAL) {
            *(double *)field_of(o, &options) = o->most > 0 ? nextafter(o->most, 0) : DBL_MAX;
            assert_round_trip(&options);
            *(double *)field_of(o, &options) = o->above ? nextafter(o->least, INFINITY) : o->least;
        } else if (o->kind == HG_OPTION_FLAG) {
            *(bool *)field_of(o, &options) ^= true;
        } else if (o->kind == HG_OPTION_TEXT) {
            *(const char **)field_of(o, &options) = o->choices ? o->choices[1] : "a \"text\" of its own";
            if (o->choices && o->argument) { /* a formula */
                assert_round_trip(&options);
                *(const char **)field_of(o, &options) = "½·W·(W^\\top·W − I)·X·Xᵀ/N";
            }
        }
        for (unsigned i = 0; o->kind == HG_OPTION_CHOICE && o->choices[i]; ++i) {
            set_choice(o, &options, i);
            assert_round_trip(&options);
        }
        assert_round_trip(&options);
    }
}

static void a_choice_without_a_name_is_never_written(void **state)
{
    (void)state;
    char *text = NULL;
    struct hg_train_options options;
    hg_train_options_default(&options, HG_MLP);
    options.lr_schedule = 0;
    while (hg_lr_schedule_names[options.lr_schedule])
        ++options.lr_schedule;
    assert_fails(HG_USAGE, "lr_schedule: ", hg_run_config_text(&text, &options, "data"));
    assert_null(text);
}

static void config_of_version_0_1_0_is_read(void **state)
{
    (void)state;
    const char *file = temporary_path("config.json");
    struct hg_run_config config;
    assert_ok(hg_file_replace_text(
        file,
        "{\"handgrad\": \"0.1.0\", \"data\": \"/data/mnist\", \"model\": \"autoencoder\", \"hidden\": 5,"
        "\"gradient\": \"decoder\", \"epochs\": 2, \"batch_size\": 16, \"lr\": 0.01, \"momentum\": 0.9,"
        "\"nesterov\": false, \"weight_decay\": 0.001, \"lr_schedule\": \"step\", \"warmup_epochs\": 1, \"seed\": 5,"
        "\"shuffle\": false, \"steps\": 7, \"limit\": 50, \"validation_fraction\": 0.25, \"early_stopping\": 3,"
        "\"checkpoint_every\": 10, \"init\": null, \"backend\": \"cpu\", \"threads\": 2, \"input\": \"dense\","
        "\"tf32\": true, \"stream_data\": true, \"graph\": false}"));
    assert_ok(hg_run_config_read(&config, file));
    const struct hg_train_options wanted = {.model = HG_AUTOENCODER,
                                            .hidden = 5,
                                            .gradient = "decoder",
                                            .epochs = 2,
                                            .batch_size = 16,
                                            .lr = 0.01,
                                            .input_scale = 1,
                                            .momentum = 0.9,
                                            .weight_decay = 0.001,
                                            .lr_schedule = HG_LR_STEP,
                                            .warmup_epochs = 1,
                                            .seed = 5,
                                            .steps = 7,
                                            .limit = 50,
                                            .validation_fraction = 0.25,
                                            .early_stopping = 3,
                                            .checkpoint_every = 10,
                                            /* As that version read every table. */
                                            .split_order = HG_SPLIT_FILE,
                                            .label = "1",
                                            .skip_columns = "none",
                                            /* Not there yet: as they are by default. */
                                            .checkpoint_seconds = 60,
                                            .keep = HG_KEEP_BEST,
                                            .test = true,
                                            .backend = "cpu",
                                            .threads = 2,
                                            .input = HG_INPUT_FORM_DENSE,
                                            .tf32 = true,
                                            .stream_data = true};
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        assert_same(o, &wanted, &config.options);
    assert_string_equal(config.data, "/data/mnist");
    hg_run_config_free(&config);
}

/* Markdown takes | for the end of a cell. */
static void print_cell(FILE *to, const char *text)
{
    for (; *text; ++text)
        fprintf(to, *text == '|' ? "\\%c" : "%c", *text);
}

static void print_row(FILE *to, const struct hg_option *o)
{
    struct hg_train_options defaults[2];
    char usage[2][HG_OPTION_WORDS], words[2][HG_OPTION_WORDS], expected[HG_OPTION_WORDS];
    const char *value[2];
    for (enum hg_model_kind model = HG_MLP; model <= HG_AUTOENCODER; ++model) {
        hg_train_options_default(&defaults[model], model);
        hg_option_usage(usage[model], o, model);
        value[model] = hg_option_value(words[model], o, &defaults[model]);
    }
    const bool one_name = strcmp(usage[0], usage[1]) == 0, one_value = strcmp(value[0], value[1]) == 0;
    fputs("| ", to);
    if (o->applies) {
        fputs("`", to);
        print_cell(to, usage[o->applies & HG_TO_MLP ? HG_MLP : HG_AUTOENCODER]);
        fputs("`", to);
        if (!one_name)
            fprintf(to, ", `%s`", usage[HG_AUTOENCODER]);
    }
    fprintf(to, " | %s%s%s | %s | ", o->unsaved ? "" : "`", o->unsaved ? "" : o->name, o->unsaved ? "" : "`",
            hg_option_expected(expected, o));
    if (o->preset)
        fputs(o->preset, to);
    else
        fprintf(to, "%s%s%s", value[HG_MLP], one_value ? "" : "; ", one_value ? "" : value[HG_AUTOENCODER]);
    fprintf(to, " | %s", o->help);
    if (o->autoencoder_help)
        fprintf(to, "; autoencoder: %s", o->autoencoder_help);
    fputs(" |\n", to);
}

/* Every option by its name and the text that stands for its default, which leaves the defaults as they are. */
static void options_are_set_by_name(void **state)
{
    (void)state;
    struct hg_train_options *options;
    char value[HG_OPTION_WORDS];
    assert_ok(hg_train_options_create(&options, HG_AUTOENCODER));
    struct hg_train_options before = *options;
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o) {
        if (o->kind == HG_OPTION_REAL || o->kind == HG_OPTION_TEXT || !o->applies)
            continue; /* numbers are printed rounded, and NAN and NULL have no text */
        const char *text = hg_option_value(value, o, &before);
        if (hg_option_is_switch(o))
            text = *(const bool *)field_of(o, &before) ? "true" : "false";
        assert_ok(hg_train_options_set(options, o->name, text));
    }
    assert_memory_equal(options, &before, sizeof before);

    assert_ok(hg_train_options_set(options, "batch_size", "7"));
    assert_ok(hg_train_options_set(options, "lr", "0.125"));
    assert_ok(hg_train_options_set(options, "lr_schedule", "step"));
    assert_ok(hg_train_options_set(options, "shuffle", "false"));
    assert_ok(hg_train_options_set(options, "backend", "cpu"));
    assert_int_equal(options->batch_size, 7);
    assert_true(options->lr == 0.125);
    assert_int_equal(options->lr_schedule, HG_LR_STEP);
    assert_false(options->shuffle);
    assert_string_equal(options->backend, "cpu");

    before = *options;
    assert_fails(HG_USAGE, "batch_sizes: there is no such option; did you mean batch_size?",
                 hg_train_options_set(options, "batch_sizes", "7"));
    assert_fails(HG_USAGE, "model: there is no such option", hg_train_options_set(options, "model", "mlp"));
    assert_fails(HG_USAGE, "shuffle: 'maybe' is neither true nor false",
                 hg_train_options_set(options, "shuffle", "maybe"));
    assert_fails(HG_USAGE, "batch_size: '7x' is not a whole number", hg_train_options_set(options, "batch_size", "7x"));
    assert_true(options->batch_size == before.batch_size && options->shuffle == before.shuffle);
    hg_train_options_free(options);
    hg_train_options_free(NULL);
}

static void the_document_has_every_row(void **state)
{
    (void)state;
    char *lines = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&lines, &size);
    assert_non_null(memory);
    fputs("| option | in config.json | values | default | meaning |\n| --- | --- | --- | --- | --- |\n", memory);
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        print_row(memory, o);
    fclose(memory);
    assert_documented("OPTIONS.md", lines);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_in_range),
        cmocka_unit_test(values_outside_are_refused),
        cmocka_unit_test(messages_say_what_to_give),
        cmocka_unit_test(config_brings_every_value_back),
        cmocka_unit_test(a_choice_without_a_name_is_never_written),
        cmocka_unit_test(config_of_version_0_1_0_is_read),
        cmocka_unit_test(options_are_set_by_name),
        cmocka_unit_test(the_document_has_every_row),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
