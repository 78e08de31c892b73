/* Claim: a file is read as the training data were: whole numbers in text mean what they meant there; bytes and floats
 * from 0 to 255 are divided by 255 where that alone can be meant, never where it cannot; what can be neither is
 * refused; and samples of the kind that was trained on are read without a word, however few or odd they are. */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "handgrad/dataset.h"
#include "tests/support/temporary.h"

/* What training saw, of the kinds that people bring. */
static const struct hg_input_scale PIXELS = {HG_NUMBERS_PIXELS, 0.13, 0.31, 0, 1};
static const struct hg_input_scale SMALL_INTEGERS = {HG_NUMBERS_PIXELS, 0.02, 0.01, 0, 9 / 255.0}; /* a table 0 ... 9 */
static const struct hg_input_scale UNIT = {HG_NUMBERS_VALUES, 0.13, 0.31, 0, 1};
static const struct hg_input_scale SYMMETRIC = {HG_NUMBERS_VALUES, -0.74, 0.62, -1, 1};
static const struct hg_input_scale STANDARDISED = {HG_NUMBERS_VALUES, 0, 1, -0.42, 2.82};
static const struct hg_input_scale TO_255 = {HG_NUMBERS_VALUES, 33, 79, 0, 255};
static const struct hg_input_scale OFFSET_50 = {HG_NUMBERS_VALUES, 50, 1, 46, 54};
static const struct hg_input_scale ONE_HOT = {HG_NUMBERS_VALUES, 0.25, 0.43, 0, 1};
static const struct hg_input_scale TABLE = {HG_NUMBERS_VALUES, 4, 3, 0.5, 9.5};

enum { ROWS = 20 }; /* more than a few */

static const char *write_text(size_t rows, const char *row)
{
    char text[4096] = "";
    size_t used = 0;
    for (size_t i = 0; i < rows; ++i)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", row);
    return temporary_write("data.csv", text, used);
}

static const char *write_npy(size_t rows, const char *type, const void *row, size_t size)
{
    char dictionary[128];
    unsigned char data[4096];
    for (size_t i = 0; i < rows; ++i)
        memcpy(data + i * size, row, size);
    snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu, 2), }", type, rows);
    return temporary_write_npy("data.npy", 1, dictionary, data, rows * size);
}

static const char *write_bytes(size_t rows, uint8_t a, uint8_t b)
{
    return write_npy(rows, "|u1", (uint8_t[]){a, b}, 2);
}

static const char *write_floats(size_t rows, float a, float b)
{
    return write_npy(rows, "<f4", (float[]){a, b}, 2 * sizeof(float));
}

static const char *write_idx(size_t rows, uint8_t a, uint8_t b)
{
    unsigned char file[4096] = {0, 0, 8, 2, 0, 0, 0, (unsigned char)rows, 0, 0, 0, 2};
    for (size_t i = 0; i < rows; ++i) {
        file[12 + 2 * i] = a;
        file[13 + 2 * i] = b;
    }
    return temporary_write("data.idx", file, 12 + 2 * rows);
}

/* Each row is read as (a, b), and there is something to say of it, or not. */
static void assert_read(const char *path, const struct hg_input_scale *like, float a, float b, const char *says)
{
    struct hg_dataset *dataset;
    float row[2];
    assert_ok(hg_dataset_read_with(&dataset, path, &(struct hg_data_options){.like = like}));
    for (size_t i = 0; i < hg_dataset_count(dataset); ++i) {
        hg_dataset_sample(dataset, i, row);
        assert_float_equal(row[0], a, 0);
        assert_float_equal(row[1], b, 0);
    }
    const char *note = hg_dataset_note(dataset);
    if (*says ? !strstr(note, says) || !strstr(note, path) : *note)
        fail_msg("%s: note \"%s\", expected \"%s\"", path, note, says);
    struct hg_input_scale scale;
    hg_dataset_scale(dataset, &scale);
    assert_int_equal(scale.numbers, like->numbers);
    hg_dataset_free(dataset);
}

static void assert_refused(const char *path, const struct hg_input_scale *like)
{
    struct hg_dataset *dataset;
    assert_fails(HG_BAD_DATA, "cannot be of the kind that training saw",
                 hg_dataset_read_with(&dataset, path, &(struct hg_data_options){.like = like}));
    assert_non_null(strstr(hg_message(), path));
}

static void text_means_what_it_meant_in_training(void **state)
{
    (void)state;
    static const size_t counts[] = {1, ROWS};
    for (size_t i = 0; i < COUNT(counts); ++i) {
        const size_t n = counts[i];
        assert_read(write_text(n, "6,2"), &TABLE, 6, 2, "");
        assert_read(write_text(n, "6.0,2"), &TABLE, 6, 2, "");
        assert_read(write_text(n, "6,2"), &SMALL_INTEGERS, 6 / 255.F, 2 / 255.F, "");
        assert_read(write_text(n, "6.0,2"), &SMALL_INTEGERS, 6 / 255.F, 2 / 255.F, "divided by 255");
        assert_read(write_text(n, "6.5,2"), &SMALL_INTEGERS, 6.5F / 255.F, 2 / 255.F, "divided by 255");
        assert_read(write_text(n, "200,0"), &PIXELS, 200 / 255.F, 0, "");
        assert_read(write_text(n, "200,0"), &TO_255, 200, 0, "");
        assert_read(write_text(n, "200,0"), &UNIT, 200 / 255.F, 0, "divided by 255");
        assert_read(write_text(n, "1,0"), &UNIT, 1, 0, "");
        assert_read(write_text(n, "1,0"), &ONE_HOT, 1, 0, "");
        assert_read(write_text(n, "-1,1"), &SYMMETRIC, -1, 1, "");
        assert_read(write_text(n, "50,51"), &OFFSET_50, 50, 51, "");
        assert_read(write_text(n, "0,2"), &STANDARDISED, 0, 2, "");
    }
}

static void bytes_are_what_training_saw(void **state)
{
    (void)state;
    static const size_t counts[] = {1, ROWS};
    const char *(*const writers[])(size_t, uint8_t, uint8_t) = {write_bytes, write_idx};
    for (size_t i = 0; i < COUNT(counts) * COUNT(writers); ++i) {
        const size_t n = counts[i % 2];
        const char *(*const file)(size_t, uint8_t, uint8_t) = writers[i / 2];
        assert_read(file(n, 200, 0), &PIXELS, 200 / 255.F, 0, "");
        assert_read(file(n, 0, 0), &PIXELS, 0, 0, "");
        assert_read(file(n, 200, 0), &UNIT, 200 / 255.F, 0, "divided by 255");
        assert_read(file(n, 200, 0), &TO_255, 200, 0, "stand for themselves");
        assert_read(file(n, 1, 0), &ONE_HOT, 1, 0, "stand for themselves");
        assert_read(file(n, 50, 51), &OFFSET_50, 50, 51, "stand for themselves");
        assert_read(file(n, 6, 2), &TABLE, 6, 2, "stand for themselves");
        assert_refused(file(n, 200, 0), &STANDARDISED);
        assert_refused(file(n, 200, 0), &SYMMETRIC);
    }
}

static void floats_are_what_training_saw(void **state)
{
    (void)state;
    static const size_t counts[] = {1, ROWS};
    for (size_t i = 0; i < COUNT(counts); ++i) {
        const size_t n = counts[i];
        assert_read(write_floats(n, 0.5F, 0), &PIXELS, 0.5F, 0, "");
        assert_read(write_floats(n, 200.5F, 0), &PIXELS, 200.5F / 255, 0, "divided by 255");
        assert_read(write_floats(n, 200.5F, 0), &UNIT, 200.5F / 255, 0, "divided by 255");
        assert_read(write_floats(n, 0.5F, 0), &UNIT, 0.5F, 0, "");
        assert_read(write_floats(n, 200.5F, 0), &TO_255, 200.5F, 0, "");
        assert_read(write_floats(n, 0.5F, 0), &TO_255, 127.5F, 0, "multiplied by 255");
        assert_read(write_floats(n, -0.42F, 2.5F), &STANDARDISED, -0.42F, 2.5F, "");
        assert_read(write_floats(n, -1, 0.5F), &SYMMETRIC, -1, 0.5F, "");
        assert_read(write_floats(n, 52.5F, 47), &OFFSET_50, 52.5F, 47, "");
        assert_refused(write_floats(n, 200.5F, 0), &STANDARDISED);
    }
    assert_refused(write_floats(ROWS, -2, 2), &OFFSET_50);
    assert_refused(write_floats(ROWS, 52, 47), &STANDARDISED);
    assert_refused(write_floats(ROWS, -0.42F, 2.5F), &PIXELS);
    /* A single sample may be an exception. */
    assert_read(write_floats(1, -2, 2), &OFFSET_50, -2, 2, "prepared alike?");
    assert_read(write_floats(1, -0.42F, 2.5F), &PIXELS, -0.42F, 2.5F, "prepared alike?");
    assert_read(write_floats(ROWS, -2, 2), &UNIT, -2, 2, "prepared alike?");
}

/* Where the range is that of training, mean and deviation raise a doubt, and nothing is refused. */
static void many_samples_of_other_statistics_are_doubtful(void **state)
{
    (void)state;
    enum { MANY = 100 };
    assert_read(write_floats(MANY, 0.5F, 0), &UNIT, 0.5F, 0, "");
    assert_read(write_floats(MANY, 1, 0.5F), &UNIT, 1, 0.5F, "prepared alike?");
    assert_read(write_floats(5, 1, 0.5F), &UNIT, 1, 0.5F, "");
    assert_read(write_floats(MANY, 0.5F, 0), &SYMMETRIC, 0.5F, 0, "prepared alike?");
    assert_read(write_floats(MANY, -0.5F, -1), &SYMMETRIC, -0.5F, -1, "");
    assert_read(write_floats(MANY, 1, 0), &STANDARDISED, 1, 0, "");
    assert_read(write_floats(MANY, 0.25F, 0), &STANDARDISED, 0.25F, 0, "prepared alike?");
    assert_read(write_bytes(MANY, 1, 0), &PIXELS, 1 / 255.F, 0, "prepared alike?");
    assert_read(write_bytes(ROWS, 1, 0), &PIXELS, 1 / 255.F, 0, "prepared alike?");
    assert_read(write_bytes(5, 1, 0), &PIXELS, 1 / 255.F, 0, "");
    assert_read(write_bytes(MANY, 0, 0), &PIXELS, 0, 0, "");
    assert_read(write_bytes(MANY, 200, 0), &SMALL_INTEGERS, 200 / 255.F, 0, "prepared alike?");
}

static void what_training_saw_is_read_as_the_file_has_it_where_that_is_unknown(void **state)
{
    (void)state;
    const struct hg_input_scale unknown = {.numbers = HG_NUMBERS_UNKNOWN};
    struct hg_dataset *dataset;
    float row[2];
    const struct hg_input_scale *const like[] = {NULL, &unknown};
    for (size_t i = 0; i < COUNT(like); ++i) {
        assert_ok(hg_dataset_read_with(&dataset, write_text(1, "6,2"), &(struct hg_data_options){.like = like[i]}));
        hg_dataset_sample(dataset, 0, row);
        assert_float_equal(row[0], 6 / 255.F, 0);
        assert_string_equal(hg_dataset_note(dataset), "");
        hg_dataset_free(dataset);
    }
}

/* Most of a file decides, not an outlier. */
static void outliers_are_no_other_kind(void **state)
{
    (void)state;
    float values[2 * ROWS];
    for (size_t i = 0; i < COUNT(values); ++i)
        values[i] = (float)(i % 10);
    values[7] = 1e6F;
    struct hg_dataset *dataset;
    const char *path = temporary_write_npy(
        "data.npy", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 2), }", values, sizeof values);
    assert_ok(hg_dataset_read_with(&dataset, path, &(struct hg_data_options){.like = &TABLE}));
    hg_dataset_free(dataset);
}

static void statistics_are_those_of_the_numbers(void **state)
{
    (void)state;
    static const float values[] = {100001, 100003, 100005, 100007}; /* far from zero, mean 100004, deviation sqrt(5) */
    struct hg_dataset *dataset;
    struct hg_input_scale scale;
    assert_ok(hg_dataset_from_floats(&dataset, 2, 0, 2, values, NULL));
    hg_dataset_scale(dataset, &scale);
    assert_int_equal(scale.numbers, HG_NUMBERS_VALUES);
    assert_true(scale.mean == 100004 && scale.least == 100001 && scale.largest == 100007);
    assert_true(scale.deviation * scale.deviation > 5 - 1e-12 && scale.deviation * scale.deviation < 5 + 1e-12);
    hg_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_means_what_it_meant_in_training),
        cmocka_unit_test(bytes_are_what_training_saw),
        cmocka_unit_test(floats_are_what_training_saw),
        cmocka_unit_test(many_samples_of_other_statistics_are_doubtful),
        cmocka_unit_test(what_training_saw_is_read_as_the_file_has_it_where_that_is_unknown),
        cmocka_unit_test(outliers_are_no_other_kind),
        cmocka_unit_test(statistics_are_those_of_the_numbers),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
