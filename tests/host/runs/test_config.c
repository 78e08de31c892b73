/* Claims: what config.json holds of every training option is read back, every choice and the ends of every range; a
 * config.json of version 0.1.0 is read; a choice without a name is refused before anything is written. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "host/runs/run.h"
#include "kernels/base/file.h"
#include "tests/support/check.h"
#include "tests/support/options.h"
#include "tests/support/temporary.h"

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
        if (option_is_whole(o)) {
            option_set_whole(o, &options, option_largest_whole(o));
            assert_round_trip(&options);
            options.warmup_epochs = 0;
            option_set_whole(o, &options, (uint64_t)o->least);
        } else if (o->kind == HG_OPTION_REAL) {
            *(double *)option_field(o, &options) = o->most > 0 ? nextafter(o->most, 0) : DBL_MAX;
            assert_round_trip(&options);
            *(double *)option_field(o, &options) = o->above ? nextafter(o->least, INFINITY) : o->least;
        } else if (o->kind == HG_OPTION_FLAG) {
            *(bool *)option_field(o, &options) ^= true;
        } else if (o->kind == HG_OPTION_TEXT) {
            *(const char **)option_field(o, &options) = o->choices ? o->choices[1] : "a \"text\" of its own";
            if (o->choices && o->argument) { /* a formula */
                assert_round_trip(&options);
                *(const char **)option_field(o, &options) = "½·W·(W^\\top·W − I)·X·Xᵀ/N";
            }
        }
        for (unsigned i = 0; o->kind == HG_OPTION_CHOICE && o->choices[i]; ++i) {
            option_set_choice(o, &options, i);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_brings_every_value_back),
        cmocka_unit_test(a_choice_without_a_name_is_never_written),
        cmocka_unit_test(config_of_version_0_1_0_is_read),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
