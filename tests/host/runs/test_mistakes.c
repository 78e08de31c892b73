/* Claims: hg_model_confusion counts every sample once, at its label and at the class of the largest logit, the first of
 * equal ones; precision, recall and F1 are those ratios, and NAN where there is nothing to divide by; the mistakes are
 * the most confident ones, in order, whatever piece of the dataset they are in. hg_model_largest_losses finds the
 * samples of the largest losses likewise.
 *
 * The classifier here is the identity around Swish: logit c is x_c s(x_c), which grows with x_c >= 0. The autoencoder
 * keeps the first feature and drops the others. So every expected value is known by hand. */
#include <math.h>
#include <stdlib.h>

#include "handgrad/model.h"
#include "host/formats/safetensors.h"
#include "host/runs/trained_model.h"
#include "tests/support/check.h"
#include "tests/support/temporary.h"

enum { CLASSES = 4 };

static const float identity[CLASSES * CLASSES] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

static struct hg_model *load(const char *path)
{
    struct hg_model *model;
    assert_ok(hg_model_load(&model, path, "reference", 1));
    return model;
}

static struct hg_model *load_classifier(size_t classes)
{
    float weights[CLASSES * CLASSES];
    for (size_t i = 0; i < classes; ++i)
        memcpy(weights + i * classes, identity + i * CLASSES, classes * sizeof *weights);
    static const float zero[CLASSES];
    const char *path = temporary_path("classifier.safetensors");
    const struct hg_tensor tensors[] = {{"fc1.weight", HG_TENSOR_F32, 2, {classes, classes}, weights},
                                        {"fc1.bias", HG_TENSOR_F32, 1, {classes}, zero},
                                        {"fc2.weight", HG_TENSOR_F32, 2, {classes, classes}, weights},
                                        {"fc2.bias", HG_TENSOR_F32, 1, {classes}, zero}};
    assert_ok(hg_safetensors_write(path, tensors, COUNT(tensors), NULL, 0));
    return load(path);
}

static struct hg_model *load_autoencoder(void)
{
    const char *path = temporary_path("autoencoder.safetensors");
    const struct hg_tensor tensor = {"encoder.weight", HG_TENSOR_F32, 2, {1, CLASSES}, identity};
    assert_ok(hg_safetensors_write(path, &tensor, 1, NULL, 0));
    return load(path);
}

static double swish(double x)
{
    return x / (1 + exp(-x));
}

/* Softmax of the logits that the classifier gives x. */
static double probability(const float *x, size_t c)
{
    double sum = 0;
    for (size_t j = 0; j < CLASSES; ++j)
        sum += exp(swish((double)x[j]));
    return exp(swish((double)x[c])) / sum;
}

/* float32 against double: a few roundings of numbers around 1. */
static void assert_near(float actual, double expected)
{
    assert_true(fabs((double)actual - expected) < 1e-6);
}

static void confusion_of_a_few_samples(void **state)
{
    (void)state;
    /* Class 3 is neither a label nor an answer; class 2 is a label that is never answered. */
    static const float x[][CLASSES] = {
        {2, 0, 0, 0},    /* 0 for 0 */
        {1, 0, 0, 0},    /* 0 for 0 */
        {0, 3, 0, 0},    /* 1 for 0: confident */
        {0, 5, 1, 0},    /* 1 for 1 */
        {1.5, 1, 0, 0},  /* 0 for 1 */
        {0, 1, 0.5, 0},  /* 1 for 2 */
        {1, 1, 1, 1},    /* a tie, so 0, for 2 */
        {1, 1, 0.25, 1}, /* a tie of three, so 0, for 0 */
    };
    static const uint8_t labels[] = {0, 0, 0, 1, 1, 2, 2, 0};
    static const size_t counts[CLASSES][CLASSES] = {{3, 1, 0, 0}, {1, 1, 0, 0}, {1, 1, 0, 0}, {0, 0, 0, 0}};
    static const size_t mistakes[] = {2, 4, 5, 6}; /* by falling probability of the answer */
    struct hg_model *model = load_classifier(CLASSES);
    struct hg_dataset *dataset;
    struct hg_confusion c;
    assert_ok(hg_dataset_from_floats(&dataset, COUNT(x), 0, CLASSES, x[0], labels));
    assert_ok(hg_model_confusion(model, dataset, 100, &c));

    assert_int_equal(c.classes, CLASSES);
    assert_int_equal(c.samples, 8);
    assert_int_equal(c.correct, 4);
    assert_memory_equal(c.counts, counts, sizeof counts);
    struct hg_evaluation evaluation;
    assert_ok(hg_model_evaluate(model, dataset, &evaluation));
    assert_true(evaluation.accuracy == 4.0 / 8);

    assert_int_equal(c.scores[0].support, 4);
    assert_int_equal(c.scores[0].predicted, 5);
    assert_int_equal(c.scores[0].correct, 3);
    assert_true(c.scores[0].precision == 3.0 / 5 && c.scores[0].recall == 3.0 / 4 && c.scores[0].f1 == 6.0 / 9);
    assert_true(c.scores[1].precision == 1.0 / 3 && c.scores[1].recall == 1.0 / 2 && c.scores[1].f1 == 2.0 / 5);
    assert_true(isnan(c.scores[2].precision) && c.scores[2].recall == 0 && c.scores[2].f1 == 0);
    assert_true(isnan(c.scores[3].precision) && isnan(c.scores[3].recall) && isnan(c.scores[3].f1));

    assert_int_equal(c.mistake_count, COUNT(mistakes));
    for (size_t i = 0; i < COUNT(mistakes); ++i) {
        const struct hg_mistake *m = &c.mistakes[i];
        assert_int_equal(m->index, mistakes[i]);
        assert_int_equal(m->truth, labels[m->index]);
        assert_int_equal(m->predicted, i == 0 || i == 2);
        assert_near(m->predicted_probability, probability(x[m->index], m->predicted));
        assert_near(m->truth_probability, probability(x[m->index], m->truth));
    }
    hg_confusion_free(&c);
    hg_dataset_free(dataset);
    hg_model_free(model);
}

/* More samples than one piece has, all labelled 0; every seventh is taken for 1 as surely as v says, in a scrambled
 * order with repetitions. */
static void mistakes_are_the_most_confident_of_all_pieces(void **state)
{
    (void)state;
    enum { SAMPLES = 3 * HG_MODEL_ROWS + 17, MOST = 10 };
    float *x = calloc(SAMPLES, sizeof(float[CLASSES]));
    uint8_t *labels = calloc(SAMPLES, 1);
    size_t expected[MOST] = {0}, found = 0;
    assert_true(x && labels);
    for (size_t i = 0; i < SAMPLES; ++i)
        x[i * CLASSES + (i % 7 == 0)] = 1.0F + (float)(i * 31 % 101) / 16;
    for (size_t step = 101; step-- > 0;) /* the largest first, equal ones by index */
        for (size_t i = 0; i < SAMPLES; i += 7)
            if (i * 31 % 101 == step && found < MOST)
                expected[found++] = i;

    struct hg_model *model = load_classifier(CLASSES);
    struct hg_dataset *dataset;
    struct hg_confusion c;
    assert_ok(hg_dataset_from_floats(&dataset, SAMPLES, 0, CLASSES, x, labels));
    assert_ok(hg_model_confusion(model, dataset, MOST, &c));
    assert_int_equal(c.samples, SAMPLES);
    assert_int_equal(c.counts[1], (SAMPLES + 6) / 7);
    assert_int_equal(c.mistake_count, MOST);
    for (size_t i = 0; i < MOST; ++i)
        assert_int_equal(c.mistakes[i].index, expected[i]);
    hg_confusion_free(&c);

    assert_ok(hg_model_confusion(model, dataset, 0, &c));
    assert_int_equal(c.mistake_count, 0);
    hg_confusion_free(&c);
    hg_dataset_free(dataset);
    hg_model_free(model);
    free(labels);
    free(x);
}

static void one_class_and_one_sample(void **state)
{
    (void)state;
    static const uint8_t label = 0;
    static const float x = 3;
    struct hg_model *model = load_classifier(1);
    struct hg_dataset *dataset;
    struct hg_confusion c;
    assert_ok(hg_dataset_from_floats(&dataset, 1, 0, 1, &x, &label));
    assert_ok(hg_model_confusion(model, dataset, 5, &c));
    assert_int_equal(c.counts[0], 1);
    assert_true(c.scores[0].precision == 1 && c.scores[0].recall == 1 && c.scores[0].f1 == 1);
    assert_int_equal(c.mistake_count, 0);
    hg_confusion_free(&c);
    hg_dataset_free(dataset);
    hg_model_free(model);
}

static void largest_losses_in_order(void **state)
{
    (void)state;
    enum { SAMPLES = 2 * HG_MODEL_ROWS + 5, MOST = 4 };
    static const size_t expected[MOST] = {2000, 7, 1500, 2050};
    static const double losses[MOST] = {12.5, 8, 8, 4.5}; /* half the square of the dropped feature */
    float *x = calloc(SAMPLES, sizeof(float[CLASSES]));
    assert_true(x);
    for (size_t i = 0; i < SAMPLES; ++i)
        x[i * CLASSES] = 100; /* reconstructed exactly, so it does not count */
    x[2000 * CLASSES + 1] = 5;
    x[7 * CLASSES + 3] = -4;
    x[1500 * CLASSES + 2] = 4;
    x[2050 * CLASSES + 1] = 3;
    struct hg_model *model = load_autoencoder();
    struct hg_dataset *dataset;
    struct hg_sample_loss found[MOST];
    size_t count;
    assert_ok(hg_dataset_from_floats(&dataset, SAMPLES, 0, CLASSES, x, NULL));
    assert_ok(hg_model_largest_losses(model, dataset, MOST, found, &count));
    assert_int_equal(count, MOST);
    for (size_t i = 0; i < MOST; ++i) {
        assert_int_equal(found[i].index, expected[i]);
        assert_true(found[i].loss == losses[i]);
    }
    hg_dataset_free(dataset);
    assert_ok(hg_dataset_from_floats(&dataset, 2, 0, CLASSES, x, NULL));
    assert_ok(hg_model_largest_losses(model, dataset, MOST, found, &count));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].index, 0);
    hg_dataset_free(dataset);
    hg_model_free(model);
    free(x);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const float x[CLASSES] = {1};
    static const uint8_t beyond = CLASSES;
    struct hg_model *classifier = load_classifier(CLASSES), *autoencoder = load_autoencoder();
    struct hg_dataset *unlabelled, *labelled;
    struct hg_confusion c;
    struct hg_sample_loss loss;
    size_t count;
    assert_ok(hg_dataset_from_floats(&unlabelled, 1, 0, CLASSES, x, NULL));
    assert_ok(hg_dataset_from_floats(&labelled, 1, 0, CLASSES, x, &beyond));
    assert_fails(HG_BAD_DATA, "no labels", hg_model_confusion(classifier, unlabelled, 1, &c));
    assert_fails(HG_BAD_DATA, "label 4", hg_model_confusion(classifier, labelled, 1, &c));
    assert_fails(HG_USAGE, "classifier's run", hg_model_confusion(autoencoder, unlabelled, 1, &c));
    assert_fails(HG_USAGE, "autoencoder's run", hg_model_largest_losses(classifier, unlabelled, 1, &loss, &count));
    hg_dataset_free(unlabelled);
    hg_dataset_free(labelled);
    hg_model_free(classifier);
    hg_model_free(autoencoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confusion_of_a_few_samples),   cmocka_unit_test(mistakes_are_the_most_confident_of_all_pieces),
        cmocka_unit_test(one_class_and_one_sample),     cmocka_unit_test(largest_losses_in_order),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("mistakes", tests, temporary_create, temporary_remove);
}
