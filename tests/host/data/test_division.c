/* Claims: of samples sorted by their labels each part has its share of each label, to within one sample; no sample is
 * in both parts; samples keep their labels and their order; the seed alone decides, and another one decides otherwise;
 * where nothing is left out nothing is copied. The shares expected here are counted, not computed. */
#include "tests/support/check.h"

#include <stdlib.h>

#include "host/data/dataset.h"
#include "host/data/division.h"

enum { MOST = 400, LABELS = 256 };

/* Sample i holds i and its label: `counts` of label 0, of label 1, ... */
struct sorted {
    float values[2 * MOST];
    uint8_t labels[MOST];
    struct hg_dataset *dataset;
};

static void create(struct sorted *s, const size_t *counts, size_t classes)
{
    size_t i = 0;
    for (size_t c = 0; c < classes; ++c) {
        for (size_t k = 0; k < counts[c]; ++k, ++i) {
            s->values[2 * i] = (float)i;
            s->values[2 * i + 1] = (float)c;
            s->labels[i] = (uint8_t)c;
        }
    }
    assert_ok(hg_dataset_from_floats(&s->dataset, i, 0, 2, s->values, s->labels));
}

/* Marks the samples of a part, which must be new, in ascending order and with their own labels. */
static void mark(bool seen[MOST], const struct hg_dataset *part)
{
    float before = -1;
    for (size_t i = 0; part && i < hg_dataset_count(part); ++i) {
        float sample[2];
        hg_dataset_sample(part, i, sample);
        assert_true(sample[0] > before);
        before = sample[0];
        assert_true(sample[1] == (float)hg_dataset_labels(part)[i]);
        assert_false(seen[(size_t)sample[0]]);
        seen[(size_t)sample[0]] = true;
    }
}

static void assert_counts(const struct hg_dataset *part, const size_t *expected, size_t classes)
{
    size_t counts[LABELS];
    hg_dataset_count_labels(counts, part);
    for (size_t c = 0; c < classes; ++c)
        if (counts[c] != expected[c])
            fail_msg("%zu of label %zu instead of %zu", counts[c], c, expected[c]);
}

static void each_label_has_its_share(void **state)
{
    (void)state;
    static const struct {
        size_t counts[4], used, held_out, train[4], validation[4];
    } cases[] = {
        {{100, 100, 100, 100}, 400, 40, {90, 90, 90, 90}, {10, 10, 10, 10}},
        {{100, 100, 100, 100}, 40, 4, {9, 9, 9, 9}, {1, 1, 1, 1}},
        {{100, 200, 0, 20}, 320, 32, {90, 180, 0, 18}, {10, 20, 0, 2}},
        {{300, 0, 0, 100}, 40, 0, {30, 0, 0, 10}, {0}},
        {{1, 1, 1, 1}, 4, 3, {0}, {0}}, /* one of them is trained on, whichever */
        {{10}, 10, 5, {5}, {5}},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct sorted s;
        struct hg_dataset *train, *held_out;
        bool seen[MOST] = {false};
        create(&s, cases[i].counts, 4);
        const struct hg_division division = {
            .used = cases[i].used, .held_out = cases[i].held_out, .by_label = true, .seed = i};
        assert_ok(hg_dataset_divide(&train, &held_out, s.dataset, &division));
        assert_int_equal(hg_dataset_count(train), cases[i].used - cases[i].held_out);
        assert_int_equal(held_out ? hg_dataset_count(held_out) : 0, cases[i].held_out);
        assert_int_equal(hg_dataset_classes(train), hg_dataset_classes(s.dataset));
        mark(seen, train);
        mark(seen, held_out);
        if (cases[i].train[0]) {
            assert_counts(train, cases[i].train, 4);
            if (held_out)
                assert_counts(held_out, cases[i].validation, 4);
        }
        hg_dataset_free(held_out);
        hg_dataset_free(train);
        hg_dataset_free(s.dataset);
    }
}

static void without_labels_all_are_drawn_alike(void **state)
{
    (void)state;
    static const size_t counts[] = {200, 200};
    struct sorted s;
    struct hg_dataset *train, *held_out;
    size_t of_label[LABELS];
    create(&s, counts, 2);
    assert_ok(hg_dataset_divide(&train, &held_out, s.dataset, &(struct hg_division){.used = 100, .seed = 3}));
    assert_null(held_out);
    hg_dataset_count_labels(of_label, train);
    /* 100 drawn of 400 without regard to the label: 50 +- 4.3 of each; beyond 8 deviations it is not random. */
    assert_true(of_label[0] > 15 && of_label[0] < 85);
    hg_dataset_free(train);

    struct hg_dataset *bytes;
    static const uint8_t values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    assert_ok(hg_dataset_from_bytes(&bytes, 4, 1, 2, values, NULL));
    assert_ok(hg_dataset_divide(&train, &held_out, bytes,
                                &(struct hg_division){.used = 4, .held_out = 1, .by_label = true, .seed = 3}));
    assert_int_equal(hg_dataset_samples(train)->element, HG_U8);
    assert_int_equal(hg_dataset_height(train), 1);
    assert_null(hg_dataset_labels(train));
    hg_dataset_free(train);
    hg_dataset_free(held_out);
    hg_dataset_free(bytes);
    hg_dataset_free(s.dataset);
}

static void the_seed_decides(void **state)
{
    (void)state;
    static const size_t counts[] = {50, 50};
    struct sorted s;
    struct hg_dataset *parts[3], *none;
    create(&s, counts, 2);
    for (size_t i = 0; i < COUNT(parts); ++i)
        assert_ok(hg_dataset_divide(&parts[i], &none, s.dataset,
                                    &(struct hg_division){.used = 50, .by_label = true, .seed = i < 2 ? 1 : 2}));
    const size_t size = 50 * 2 * sizeof(float);
    assert_memory_equal(hg_dataset_samples(parts[0])->values, hg_dataset_samples(parts[1])->values, size);
    assert_memory_not_equal(hg_dataset_samples(parts[0])->values, hg_dataset_samples(parts[2])->values, size);
    for (size_t i = 0; i < COUNT(parts); ++i)
        hg_dataset_free(parts[i]);

    assert_ok(hg_dataset_divide(&parts[0], &none, s.dataset, &(struct hg_division){.used = 100, .by_label = true}));
    assert_ptr_equal(hg_dataset_samples(parts[0])->values, s.values);
    hg_dataset_free(parts[0]);
    hg_dataset_free(s.dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_label_has_its_share),
        cmocka_unit_test(without_labels_all_are_drawn_alike),
        cmocka_unit_test(the_seed_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
