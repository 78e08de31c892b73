/* Claims, for every row of the table of training options: the default is in range; a value just outside is refused, and
 * the message names the option; a program sets it by its name; and docs/OPTIONS.md says what the row says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "handgrad/options.h"
#include "host/training/option_table.h"
#include "tests/support/check.h"
#include "tests/support/documented.h"
#include "tests/support/options.h"

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
        if (option_is_whole(o)) {
            option_set_whole(o, &options, option_largest_whole(o) + 1);
            assert_refused(o, &options);
            option_set_whole(o, &options, (uint64_t)o->least - 1); /* of 0: the largest there is, or a negative int */
            assert_refused(o, &options);
        } else if (o->kind == HG_OPTION_REAL) {
            const double outside[] = {o->above ? o->least : nextafter(o->least, -INFINITY), -INFINITY, INFINITY, NAN,
                                      o->most <= 0 ? INFINITY
                                      : o->below   ? o->most
                                                   : nextafter(o->most, INFINITY)};
            for (size_t i = 0; i < COUNT(outside); ++i) {
                *(double *)option_field(o, &options) = outside[i];
                if (!hg_option_word(o, outside[i]))
                    assert_refused(o, &options);
            }
        } else if (o->kind == HG_OPTION_CHOICE) {
            unsigned count = 0;
            while (o->choices[count])
                ++count;
            option_set_choice(o, &options, count);
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
            text = *(const bool *)option_field(o, &before) ? "true" : "false";
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
        cmocka_unit_test(defaults_are_in_range),      cmocka_unit_test(values_outside_are_refused),
        cmocka_unit_test(messages_say_what_to_give),  cmocka_unit_test(options_are_set_by_name),
        cmocka_unit_test(the_document_has_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
