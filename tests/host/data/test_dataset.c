/* Claims: every layout and format of docs/FORMATS.md is read as it says, compressed or not; large files are mapped, not
 * read; slices and borrowed arrays share memory. Tables: test_csv.c; malformed files: test_bad_input.c. */
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/data/dataset.h"
#include "host/pictures/picture.h"
#include "tests/support/temporary.h"

#define IMAGES "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03" /* 2 images of 2 x 3 */
#define LABELS "\0\0\x08\x01\0\0\0\x02"
static const char images[] = IMAGES "\x00\x01\x02\x03\x04\x05\xff\xfe\xfd\xfc\xfb\xfa";
static const char labels[] = LABELS "\x07\x03";

static void write_string_file(const char *name, const char *text)
{
    temporary_write(name, text, strlen(text));
}

static void assert_two_images(struct hg_dataset *dataset, bool labelled)
{
    assert_int_equal(hg_dataset_count(dataset), 2);
    assert_int_equal(hg_dataset_features(dataset), 6);
    assert_int_equal(hg_dataset_height(dataset), 2);
    assert_int_equal(hg_dataset_width(dataset), 3);
    assert_int_equal(hg_dataset_classes(dataset), labelled ? 8 : 0);
    const struct hg_samples *samples = hg_dataset_samples(dataset);
    assert_int_equal(samples->element, HG_U8);
    assert_memory_equal(samples->values, images + sizeof IMAGES - 1, 12);
    if (labelled)
        assert_memory_equal(hg_dataset_labels(dataset), "\x07\x03", 2);
    else
        assert_null(hg_dataset_labels(dataset));
    hg_dataset_free(dataset);
}

static void idx_directories_in_either_spelling(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
        {"train-images.idx3-ubyte", "train-labels.idx1-ubyte"},
        {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"},
        {"train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz"},
    };
    for (size_t i = 0; i < COUNT(names); ++i) {
        struct hg_dataset *dataset;
        const char *image_path = temporary_write(names[i][0], images, sizeof images - 1);
        const char *label_path = temporary_write(names[i][1], labels, sizeof labels - 1);
        assert_ok(hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
        assert_non_null(strstr(hg_dataset_name(dataset), names[i][0]));
        assert_two_images(dataset, true);
        assert_int_equal(unlink(image_path), 0);
        assert_int_equal(unlink(label_path), 0);
    }
    struct hg_dataset *dataset;
    assert_fails(HG_NO_INPUT, "train-images-idx3-ubyte", hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
    const char *image_path = temporary_write(names[0][0], images, sizeof images - 1);
    assert_fails(HG_NO_INPUT, names[0][1], hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
    assert_fails(HG_NO_INPUT, "t10k-images-idx3-ubyte", hg_dataset_load(&dataset, temporary_path("."), HG_TEST));
    assert_fails(HG_NO_INPUT, "expected a directory", hg_dataset_load(&dataset, image_path, HG_TRAIN));
    assert_fails(HG_NO_INPUT, "nowhere", hg_dataset_load(&dataset, "nowhere", HG_TRAIN));
    assert_int_equal(unlink(image_path), 0);
}

/* EMNIST's images are transposed, which is said; QMNIST's labels have eight columns of 32 bits, of which the first is
 * the digit. */
static void the_files_of_emnist_and_qmnist(void **state)
{
    (void)state;
    struct hg_dataset *dataset;
    temporary_write("emnist-letters-train-images-idx3-ubyte.gz", images, sizeof images - 1);
    temporary_write("emnist-letters-train-labels-idx1-ubyte.gz", labels, sizeof labels - 1);
    temporary_write("emnist-letters-test-images-idx3-ubyte", images, sizeof images - 1);
    temporary_write("emnist-letters-test-labels-idx1-ubyte", labels, sizeof labels - 1);
    assert_ok(hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
    assert_non_null(strstr(hg_dataset_note(dataset), "rows and columns exchanged"));
    assert_two_images(dataset, true);
    assert_ok(
        hg_dataset_load_with(&dataset, temporary_path("."), HG_TEST, &(struct hg_data_options){.feature_count = 6}));
    assert_string_equal(hg_dataset_note(dataset), ""); /* it was said of the training set */
    assert_two_images(dataset, true);
    temporary_write("emnist-mnist-train-images-idx3-ubyte", images, sizeof images - 1);
    assert_fails(HG_BAD_DATA, "a directory of its own", hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));

    static const char digits[] = "\0\0\x0c\x02\0\0\0\x02\0\0\0\x08"
                                 "\0\0\0\x07\0\0\0\x04\0\0\x0a\x4b\0\0\0\1\0\0\0\7\0\x01\x51\x12\0\0\0\0\0\0\0\0"
                                 "\0\0\0\x03\0\0\0\x04\0\0\x0a\x4b\0\0\0\1\0\0\0\7\0\x01\x51\x12\0\0\0\0\0\0\0\0";
    temporary_write("qmnist-test-images-idx3-ubyte.gz", images, sizeof images - 1);
    temporary_write("qmnist-test-labels-idx2-int.gz", digits, sizeof digits - 1);
    assert_ok(hg_dataset_load(&dataset, temporary_path("."), HG_TEST));
    assert_two_images(dataset, true);
    static const char *const names[] = {"emnist-letters-train-images-idx3-ubyte.gz",
                                        "emnist-letters-train-labels-idx1-ubyte.gz",
                                        "emnist-letters-test-images-idx3-ubyte",
                                        "emnist-letters-test-labels-idx1-ubyte",
                                        "emnist-mnist-train-images-idx3-ubyte",
                                        "qmnist-test-images-idx3-ubyte.gz",
                                        "qmnist-test-labels-idx2-int.gz"};
    for (size_t i = 0; i < COUNT(names); ++i)
        assert_int_equal(unlink(temporary_path(names[i])), 0);
}

static void format_follows_from_name_or_content(void **state)
{
    (void)state;
    static const char *const names[] = {"a.idx", "a-ubyte.gz", "whatever", "whatever.gz"};
    for (size_t i = 0; i < COUNT(names); ++i) {
        struct hg_dataset *dataset;
        assert_ok(hg_dataset_read(&dataset, temporary_write(names[i], images, sizeof images - 1)));
        assert_two_images(dataset, false);
    }
}

/* One member after another, as gzip(1) joins them; the first ends in the middle of the data. */
static void gzip_members_follow_each_other(void **state)
{
    (void)state;
    struct hg_dataset *dataset;
    const char *first = temporary_write("first.gz", images, 20);
    const char *second = temporary_write("second.gz", images + 20, sizeof images - 1 - 20);
    unsigned char bytes[512];
    size_t size = 0;
    for (int i = 0; i < 2; ++i) {
        FILE *file = fopen(i == 0 ? first : second, "rb");
        assert_non_null(file);
        size += fread(bytes + size, 1, sizeof bytes - size, file);
        fclose(file);
    }
    assert_ok(hg_dataset_read(&dataset, temporary_write("joined", bytes, size)));
    assert_two_images(dataset, false);
}

/* The means of MNIST's training and test pixels are known to everybody who normalises by 0.1307. */
static void mnist_is_mnist(void **state)
{
    (void)state;
    static const struct {
        enum hg_split split;
        size_t count;
        double mean;
        uint8_t labels[5];
    } expected[] = {{HG_TRAIN, 60000, 0.1306605, {5, 0, 4, 1, 9}}, {HG_TEST, 10000, 0.1325146, {7, 2, 1, 0, 4}}};
    for (size_t i = 0; i < COUNT(expected); ++i) {
        struct hg_dataset *dataset;
        assert_ok(hg_dataset_load(&dataset, HANDGRAD_DATA, expected[i].split));
        assert_int_equal(hg_dataset_count(dataset), expected[i].count);
        assert_int_equal(hg_dataset_height(dataset), 28);
        assert_int_equal(hg_dataset_width(dataset), 28);
        assert_int_equal(hg_dataset_classes(dataset), 10);
        assert_memory_equal(hg_dataset_labels(dataset), expected[i].labels, sizeof expected[i].labels);
        double sum = 0;
        float sample[28 * 28];
        for (size_t n = 0; n < expected[i].count; ++n) {
            hg_dataset_sample(dataset, n, sample);
            for (size_t d = 0; d < COUNT(sample); ++d)
                sum += sample[d];
        }
        /* Half a unit of the constant's last digit, and what 784 floats of 24 bits add to it. */
        assert_true(fabs(sum / ((double)expected[i].count * COUNT(sample)) - expected[i].mean) < 6e-8);
        hg_dataset_free(dataset);
    }
}

/* 47 GB that occupy no disk: only a mapping can serve a few of them. */
static void large_files_are_mapped(void **state)
{
    (void)state;
    const size_t count = 60000000;
    const unsigned char header[] = {0, 0, 8, 3, 0x03, 0x93, 0x87, 0x00, 0, 0, 0, 28, 0, 0, 0, 28};
    const char *path = temporary_write("large.idx", header, sizeof header);
    if (truncate(path, (off_t)(sizeof header + count * 784)) != 0)
        skip(); /* a file system without sparse files of that size */
    struct hg_dataset *dataset;
    assert_ok(hg_dataset_read(&dataset, path));
    assert_int_equal(hg_dataset_count(dataset), count);
    float sample[784] = {1.0F};
    hg_dataset_sample(dataset, count - 1, sample);
    assert_true(sample[0] == 0.0F);
    hg_dataset_free(dataset);
    assert_int_equal(unlink(path), 0);
}

static void npy_directory(void **state)
{
    (void)state;
    static const char y[] = "\x07\0\0\0\0\0\0\0\x03\0\0\0\0\0\0";
    const char *x_path =
        temporary_write_npy("x_test.npy.gz", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }   \n",
                            images + sizeof IMAGES - 1, 12);
    const char *y_path =
        temporary_write_npy("y_test.npy", 2, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}\n", y, sizeof y);
    struct hg_dataset *dataset;
    assert_ok(hg_dataset_load(&dataset, temporary_path("."), HG_TEST));
    assert_two_images(dataset, true);
    assert_int_equal(unlink(x_path), 0);
    assert_int_equal(unlink(y_path), 0);
}

/* What NumPy itself writes: test_formats.py. */
static void npy_floats_whatever_their_alignment(void **state)
{
    (void)state;
    static const float floats[] = {-1.5F, 0, 1e-45F, 3e38F};
    static const double doubles[] = {-1.5, 0, 1.4e-45, 3.00000000000001e38};
    static const char *const spaces[] = {"", " ", "  ", "   "};
    for (size_t i = 0; i < 2 * COUNT(spaces); ++i) {
        const bool wide = i % 2 == 1;
        char dictionary[100];
        snprintf(dictionary, sizeof dictionary, "{'descr':'<f%d','fortran_order':False,'shape':(2,2)}%s", wide ? 8 : 4,
                 spaces[i / 2]);
        struct hg_dataset *dataset;
        assert_ok(hg_dataset_read(&dataset, temporary_write_npy("floats.npy", 3, dictionary,
                                                                wide ? (const void *)doubles : floats,
                                                                wide ? sizeof doubles : sizeof floats)));
        const struct hg_samples *samples = hg_dataset_samples(dataset);
        assert_int_equal(samples->element, HG_F32);
        assert_int_equal((uintptr_t)samples->values % sizeof(float), 0);
        assert_memory_equal(samples->values, floats, sizeof floats);
        hg_dataset_free(dataset);
    }
}

static void csv_directory(void **state)
{
    (void)state;
    struct hg_dataset *dataset;
    write_string_file("train.csv", "label,a,b\n3,0,255\n9,17,4\n");
    assert_ok(hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
    const struct hg_samples *samples = hg_dataset_samples(dataset);
    assert_int_equal(samples->element, HG_U8);
    assert_int_equal(samples->features, 2);
    assert_memory_equal(samples->values, "\x00\xff\x11\x04", 4);
    assert_memory_equal(samples->labels, "\x03\x09", 2);
    assert_int_equal(hg_dataset_classes(dataset), 10);
    assert_int_equal(hg_dataset_height(dataset), 0);
    assert_int_equal(hg_dataset_width(dataset), 0);
    hg_dataset_free(dataset);
    assert_int_equal(unlink(temporary_path("train.csv")), 0);
}

static void memory_is_borrowed_and_sliced(void **state)
{
    (void)state;
    static const float values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const uint8_t four_labels[] = {0, 9, 1, 1};
    struct hg_dataset *whole;
    struct hg_dataset *part;
    assert_ok(hg_dataset_from_floats(&whole, 4, 0, 2, values, four_labels));
    assert_ptr_equal(hg_dataset_samples(whole)->values, values);
    assert_ok(hg_dataset_slice(&part, whole, 2, 2));
    assert_int_equal(hg_dataset_count(part), 2);
    assert_ptr_equal(hg_dataset_samples(part)->values, values + 4);
    assert_ptr_equal(hg_dataset_labels(part), four_labels + 2);
    assert_int_equal(hg_dataset_classes(part), 10); /* of the whole, though these two are of class 1 */
    assert_fails(HG_BAD_DATA, "memory", hg_dataset_slice(&part, whole, 2, 3));
    assert_fails(HG_BAD_DATA, "memory", hg_dataset_slice(&part, whole, 4, 1));
    assert_fails(HG_BAD_DATA, "memory", hg_dataset_slice(&part, whole, 1, SIZE_MAX));
    assert_fails(HG_BAD_DATA, "memory", hg_dataset_slice(&part, whole, 0, 0));
    hg_dataset_free(part);
    hg_dataset_free(whole);

    static const uint8_t bytes[] = {0, 51, 255, 1, 2, 3};
    float sample[3];
    assert_ok(hg_dataset_from_bytes(&whole, 2, 1, 3, bytes, NULL));
    hg_dataset_sample(whole, 0, sample);
    assert_true(sample[0] == 0.0F && sample[1] == 0.2F && sample[2] == 1.0F);
    assert_int_equal(hg_dataset_height(whole), 1);
    assert_int_equal(hg_dataset_classes(whole), 0);
    hg_dataset_free(whole);
    hg_dataset_free(NULL);
}

static void parts_keep_the_files_of_their_samples(void **state)
{
    (void)state;
    static uint8_t pixels[] = {1, 2};
    const struct hg_picture picture = {.height = 1, .width = 2, .channels = 1, .pixels = pixels};
    const char *const files[] = {temporary_path("a.png"), temporary_path("b.png"), temporary_path("c.png")};
    struct hg_dataset *whole, *part;
    for (size_t i = 0; i < COUNT(files); ++i)
        assert_ok(hg_png_write(files[i], &picture));
    assert_ok(hg_dataset_read_files(&whole, files, COUNT(files), NULL));
    assert_ok(hg_dataset_slice(&part, whole, 1, 2));
    assert_string_equal(hg_dataset_sample_name(part, 0), files[1]);
    assert_string_equal(hg_dataset_sample_name(part, 1), files[2]);
    hg_dataset_free(part);
    assert_ok(hg_dataset_gather(&part, whole, (const uint32_t[]){2, 0}, 2));
    assert_string_equal(hg_dataset_sample_name(part, 0), files[2]);
    assert_string_equal(hg_dataset_sample_name(part, 1), files[0]);
    hg_dataset_free(part);
    hg_dataset_free(whole);
}

static void memory_that_makes_no_dataset(void **state)
{
    (void)state;
    static const float values[] = {0, NAN};
    static const uint8_t byte = 0;
    struct hg_dataset *dataset;
    assert_fails(HG_BAD_DATA, "not finite", hg_dataset_from_floats(&dataset, 1, 0, 2, values, NULL));
    assert_fails(HG_BAD_DATA, "0 samples", hg_dataset_from_bytes(&dataset, 0, 1, 1, &byte, NULL));
    assert_fails(HG_BAD_DATA, "0 features", hg_dataset_from_bytes(&dataset, 1, 0, 0, &byte, NULL));
    assert_fails(HG_BAD_DATA, "4294967296 samples",
                 hg_dataset_from_bytes(&dataset, (size_t)1 << 32, 1, 1, &byte, NULL));
    assert_fails(HG_BAD_DATA, "features", hg_dataset_from_bytes(&dataset, 1, 1 << 16, 1 << 16, &byte, NULL));
    assert_fails(HG_BAD_DATA, "too large", hg_dataset_from_bytes(&dataset, 1, SIZE_MAX, 2, &byte, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx_directories_in_either_spelling),
        cmocka_unit_test(the_files_of_emnist_and_qmnist),
        cmocka_unit_test(format_follows_from_name_or_content),
        cmocka_unit_test(gzip_members_follow_each_other),
        cmocka_unit_test(mnist_is_mnist),
        cmocka_unit_test(large_files_are_mapped),
        cmocka_unit_test(npy_directory),
        cmocka_unit_test(npy_floats_whatever_their_alignment),
        cmocka_unit_test(csv_directory),
        cmocka_unit_test(memory_is_borrowed_and_sliced),
        cmocka_unit_test(parts_keep_the_files_of_their_samples),
        cmocka_unit_test(memory_that_makes_no_dataset),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
