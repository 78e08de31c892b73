/* Claim: whichever allocation fails while data are read, tests/support/out_of_memory.h holds. */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "host/data/dataset.h"
#include "host/pictures/ink.h"
#include "host/pictures/picture.h"
#include "kernels/base/file.h"
#include "tests/support/out_of_memory.h"
#include "tests/support/temporary.h"

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
    if (out_of_memory_begin(state) != 0)
        return -1;
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

static enum hg_status load_data(const void *argument)
{
    (void)argument;
    struct hg_dataset *dataset = NULL;
    const enum hg_status status = hg_dataset_load(&dataset, out_of_memory_data(), HG_TEST);
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
        hg_dataset_load_with(&dataset, out_of_memory_data(), HG_TEST, &(struct hg_data_options){.like = &values});
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(datasets)};
    return cmocka_run_group_tests(tests, create_files, temporary_remove);
}
