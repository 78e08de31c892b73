/* Claims: where the user chooses no learning rate, small datasets of every scale and place are learnt as plain logic
 * says they can be; multiplying all inputs by a power of two changes no accuracy; what is chosen is in the options; and
 * input_scale and centre_inputs are what they say, plain SGD on other inputs. */
#include <math.h>
#include <stdlib.h>

#include "handgrad/trainer.h"
#include "host/models/network.h"
#include "host/models/tensors.h"
#include "host/training/trainer.h"
#include "tests/support/check.h"

enum { ROWS = 400, MOST_FEATURES = 10 };

struct table {
    size_t features;
    float x[ROWS * MOST_FEATURES];
    uint8_t y[ROWS];
};

/* The same numbers on every machine; uniform in [-1, 1], in steps of 2^-11: differences and means of them are exact. */
static float noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 20) / 2048 - 1;
}

/* Corners of a square with noise that never reaches half of its side; opposite corners are one class. */
static void fill_xor(struct table *t)
{
    uint32_t state = 1;
    t->features = 2;
    for (size_t i = 0; i < ROWS; ++i) {
        const size_t a = i % 2, b = i / 2 % 2;
        t->x[2 * i] = (float)a + 0.25f * noise(&state);
        t->x[2 * i + 1] = (float)b + 0.25f * noise(&state);
        t->y[i] = (uint8_t)(a ^ b);
    }
}

/* Two half circles around each other, at least 0.3 apart. */
static void fill_moons(struct table *t)
{
    uint32_t state = 2;
    t->features = 2;
    for (size_t i = 0; i < ROWS; ++i) {
        const bool lower = i % 2;
        const double angle = 3.14159265358979 * (double)i / ROWS;
        t->x[2 * i] = (float)(lower ? 1 - cos(angle) : cos(angle)) + 0.1f * noise(&state);
        t->x[2 * i + 1] = (float)(lower ? 0.5 - sin(angle) : sin(angle)) + 0.1f * noise(&state);
        t->y[i] = lower;
    }
}

/* Four features of mean 0 and variance about 1; three classes whose means are further apart than the noise reaches. */
static void fill_standardised(struct table *t)
{
    static const float means[3][4] = {{1.2f, 0, -1, 1}, {-1.2f, 1.2f, 0, 0}, {0, -1.2f, 1, -1}};
    uint32_t state = 3;
    t->features = 4;
    for (size_t i = 0; i < ROWS; ++i) {
        t->y[i] = (uint8_t)(i % 3);
        for (size_t d = 0; d < 4; ++d)
            t->x[4 * i + d] = means[i % 3][d] + 0.5f * noise(&state);
    }
}

static void fill_offset(struct table *t)
{
    fill_standardised(t);
    for (size_t i = 0; i < ROWS * t->features; ++i)
        t->x[i] += 50;
}

static void (*const fills[])(struct table *) = {fill_xor, fill_moons, fill_standardised, fill_offset};

static struct table table;

static struct hg_trainer *create(struct hg_dataset **dataset, const struct hg_train_options *options)
{
    struct hg_trainer *trainer = NULL;
    assert_ok(hg_dataset_from_floats(dataset, ROWS, 0, table.features, table.x, table.y));
    assert_ok(hg_trainer_create(&trainer, options, *dataset, *dataset));
    return trainer;
}

static struct hg_metrics run(const struct hg_train_options *options, struct hg_train_options *chosen)
{
    struct hg_dataset *dataset = NULL;
    struct hg_trainer *trainer = create(&dataset, options);
    struct hg_metrics metrics = {0};
    while (!hg_trainer_finished(trainer))
        assert_ok(hg_trainer_epoch(trainer, NULL, NULL, &metrics));
    if (chosen)
        *chosen = *hg_trainer_options(trainer);
    hg_trainer_free(trainer);
    hg_dataset_free(dataset);
    return metrics;
}

static struct hg_train_options defaults(enum hg_model_kind model)
{
    struct hg_train_options options;
    hg_train_options_default(&options, model);
    options.backend = "cpu";
    options.threads = 1;
    return options;
}

static void separable_tables_are_learnt_whatever_their_scale(void **state)
{
    (void)state;
    static const float scales[] = {1, 0x1p-10f, 0x1p10f, 0x1p-20f, 1e-3f, 1e3f};
    for (size_t f = 0; f < COUNT(fills); ++f) {
        for (size_t s = 0; s < COUNT(scales); ++s) {
            fills[f](&table);
            for (size_t i = 0; i < ROWS * table.features; ++i)
                table.x[i] *= scales[s];
            struct hg_train_options options = defaults(HG_MLP);
            options.epochs = 100; /* of 4 steps each */
            const struct hg_metrics metrics = run(&options, NULL);
            if (metrics.test_accuracy != 1)
                fail_msg("table %zu times %g: accuracy %g", f, (double)scales[s], metrics.test_accuracy);
        }
    }
}

/* A power of two moves the exponents of W1 and of its gradients and nothing else. */
static void powers_of_two_change_nothing(void **state)
{
    (void)state;
    for (size_t f = 0; f < COUNT(fills); ++f) {
        struct hg_train_options chosen, options = defaults(HG_MLP);
        fills[f](&table);
        const struct hg_metrics one = run(&options, &chosen);
        const double scale = chosen.input_scale;
        for (int exponent = -12; exponent <= 12; exponent += 4) {
            fills[f](&table);
            for (size_t i = 0; i < ROWS * table.features; ++i)
                table.x[i] = ldexpf(table.x[i], exponent);
            const struct hg_metrics other = run(&options, &chosen);
            assert_true(other.test_accuracy == one.test_accuracy);
            assert_true(other.test_loss == one.test_loss);
            assert_true(chosen.input_scale == ldexp(scale, -exponent));
        }
    }
}

static void inputs_far_from_zero_are_centred(void **state)
{
    (void)state;
    struct hg_train_options chosen, options = defaults(HG_MLP);
    options.epochs = 1;
    fill_standardised(&table);
    run(&options, &chosen);
    assert_false(chosen.centre_inputs);
    fill_offset(&table);
    run(&options, &chosen);
    assert_true(chosen.centre_inputs);
    options.lr = 1e-4; /* who gives a rate gets plain SGD */
    run(&options, &chosen);
    assert_false(chosen.centre_inputs);
    assert_true(chosen.input_scale == 1);
}

/* Nothing can be learnt of the inputs, and nothing is made of them: the classes' shares are all there is. */
static void inputs_without_differences(void **state)
{
    (void)state;
    static const float values[] = {0, 0.1f, 50, 1e-30f, 1e6f};
    for (size_t v = 0; v < COUNT(values); ++v) {
        fill_standardised(&table);
        for (size_t i = 0; i < ROWS * table.features; ++i)
            table.x[i] = values[v];
        const struct hg_train_options options = defaults(HG_MLP);
        const struct hg_metrics metrics = run(&options, NULL);
        /* Three classes of equal size; the entropy of their shares is log 3, and SGD stays that near to it. */
        if (!(fabs(metrics.test_loss - log(3)) < 0.05))
            fail_msg("every input %g: loss %g", (double)values[v], metrics.test_loss);
    }
}

/* Training on x with a scale s and the mean m taken off is training on s (x - m), with W1 / s and b1 + W1 m there. Both
 * run in double; the table's numbers are few enough bits for s (x - m) to be exact as floats. */
static void scale_and_centre_are_plain_sgd_elsewhere(void **state)
{
    (void)state;
    enum { HIDDEN = 7, FEATURES = 4, CLASSES = 3, VALUES = HIDDEN * FEATURES + HIDDEN + CLASSES * HIDDEN + CLASSES };
    const double scale = 0.25;
    double there[VALUES], here[VALUES], mean[FEATURES] = {0};
    struct hg_dataset *dataset = NULL;
    struct hg_train_options options = defaults(HG_MLP);
    options.backend = "reference64";
    options.hidden = HIDDEN;
    options.epochs = 5;
    options.lr = 0.05;
    options.weight_decay = 0.01;

    fill_offset(&table);
    for (size_t i = 0; i < ROWS; ++i) /* eighths, whose mean over 400 samples is made one of 64ths */
        for (size_t d = 0; d < FEATURES; ++d)
            table.x[i * FEATURES + d] = roundf(8 * table.x[i * FEATURES + d]) / 8;
    for (size_t d = 0; d < FEATURES; ++d) {
        double sum = 0;
        for (size_t i = 0; i < ROWS; ++i)
            sum += (double)table.x[i * FEATURES + d];
        mean[d] = round(sum / ROWS * 64) / 64;
        table.x[d] += (float)(mean[d] * ROWS - sum);
    }
    options.input_scale = scale;
    options.centre_inputs = true;
    struct hg_trainer *trainer = create(&dataset, &options);
    struct hg_metrics metrics;
    assert_ok(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, here));
    /* To the other side, where W1 is W1 / s and b1 is b1 + W1 m. */
    memcpy(there, here, sizeof here);
    for (size_t j = 0; j < HIDDEN; ++j)
        for (size_t d = 0; d < FEATURES; ++d) {
            there[HIDDEN * FEATURES + j] += here[j * FEATURES + d] * mean[d];
            there[j * FEATURES + d] /= scale;
        }
    while (!hg_trainer_finished(trainer))
        assert_ok(hg_trainer_epoch(trainer, NULL, NULL, &metrics));
    assert_ok(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, here));
    hg_trainer_free(trainer);
    hg_dataset_free(dataset);

    for (size_t i = 0; i < ROWS; ++i)
        for (size_t d = 0; d < FEATURES; ++d)
            table.x[i * FEATURES + d] = (float)(scale * ((double)table.x[i * FEATURES + d] - mean[d]));
    options.input_scale = 1;
    options.centre_inputs = false;
    trainer = create(&dataset, &options);
    assert_ok(hg_network_set_all(trainer->network, &trainer->spec, HG_PARAMETER, there));
    while (!hg_trainer_finished(trainer))
        assert_ok(hg_trainer_epoch(trainer, NULL, NULL, &metrics));
    assert_ok(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, there));
    hg_trainer_free(trainer);
    hg_dataset_free(dataset);

    for (size_t j = 0; j < HIDDEN; ++j)
        for (size_t d = 0; d < FEATURES; ++d) {
            there[j * FEATURES + d] *= scale;
            there[HIDDEN * FEATURES + j] -= there[j * FEATURES + d] * mean[d];
        }
    /* 20 steps in double; b1 is of size 50, and so are its roundings of 2^-53. */
    for (size_t i = 0; i < VALUES; ++i)
        if (!(fabs(here[i] - there[i]) <= 1e-11))
            fail_msg("value %zu: %.17g instead of %.17g", i, here[i], there[i]);
}

static void autoencoder_on_two_features(void **state)
{
    (void)state;
    static const float scales[] = {1, 1e-3f, 1e3f};
    for (size_t s = 0; s < COUNT(scales); ++s) {
        fill_moons(&table);
        for (size_t i = 0; i < ROWS * table.features; ++i)
            table.x[i] *= scales[s];
        struct hg_train_options options = defaults(HG_AUTOENCODER);
        options.hidden = 1;
        options.epochs = 100;
        /* Random batches of 128 move W about; what is left of that at the end of the cosine is far below a percent. */
        const struct hg_metrics metrics = run(&options, NULL);
        if (!(metrics.optimality_gap < 0.01))
            fail_msg("times %g: %g above the optimum", (double)scales[s], metrics.optimality_gap);
    }
}

/* A batch with the long sample in it has an eigenvalue of 144 where the second moment has 36: the rate that suits the
 * latter alone throws the weights out. */
static void autoencoder_with_one_long_sample(void **state)
{
    (void)state;
    struct hg_train_options options = defaults(HG_AUTOENCODER);
    fill_standardised(&table);
    for (size_t d = 0; d < table.features; ++d)
        table.x[d] = 60;
    options.hidden = 2;
    options.epochs = 200;
    options.batch_size = 100;
    const struct hg_metrics metrics = run(&options, NULL);
    if (!(metrics.optimality_gap < 0.05))
        fail_msg("%g above the optimum", metrics.optimality_gap);
}

/* One large eigenvalue, 50^2 times 4, beside ones of size 1: momentum 0.9 would end at 15 times the optimum. */
static void autoencoder_far_from_zero(void **state)
{
    (void)state;
    struct hg_train_options chosen, options = defaults(HG_AUTOENCODER);
    fill_offset(&table);
    options.hidden = 3;
    options.epochs = 2000;
    const struct hg_metrics metrics = run(&options, &chosen);
    assert_true(fabs(chosen.momentum - 0.99) < 1e-15);
    if (!(metrics.optimality_gap < 0.01))
        fail_msg("%g above the optimum", metrics.optimality_gap);
    options.epochs = 1;
    options.momentum = 0.5;
    run(&options, &chosen);
    assert_true(chosen.momentum == 0.5);
    fill_moons(&table);
    options.momentum = HG_BY_DATA;
    options.hidden = 1;
    run(&options, &chosen);
    assert_true(chosen.momentum == 0.9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separable_tables_are_learnt_whatever_their_scale),
        cmocka_unit_test(powers_of_two_change_nothing),
        cmocka_unit_test(inputs_far_from_zero_are_centred),
        cmocka_unit_test(inputs_without_differences),
        cmocka_unit_test(scale_and_centre_are_plain_sgd_elsewhere),
        cmocka_unit_test(autoencoder_on_two_features),
        cmocka_unit_test(autoencoder_with_one_long_sample),
        cmocka_unit_test(autoencoder_far_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
