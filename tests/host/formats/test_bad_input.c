/* Claim: every class of malformed data file is refused with HG_BAD_DATA and a message that names the file and says what
 * is wrong; before any memory is taken for what a header announces; and nothing is written. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "handgrad/dataset.h"
#include "tests/support/temporary.h"

#define BYTES(literal) literal, sizeof(literal) - 1

struct bad_file {
    const char *name;
    const char *bytes;
    size_t size;
    const char *says;
};

static const struct bad_file idx[] = {
    {"empty-ubyte", BYTES(""), "ends within its header, after 0 bytes"},
    {"short-ubyte", BYTES("\0\0\x08"), "ends within its header"},
    {"short-dimensions-ubyte", BYTES("\0\0\x08\x03\0\0\0\x01\0\0"), "ends within its header"},
    {"text-ubyte", BYTES("P5 8 8 255\n"), "begins with bytes 50 35"},
    {"floats-ubyte", BYTES("\0\0\x0d\x02\0\0\0\x01\0\0\0\x01\0\0\0\0"), "type 0x0d"},
    {"scalar-ubyte", BYTES("\0\0\x08\x00"), "0 dimensions"},
    {"colours-ubyte", BYTES("\0\0\x08\x04\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x03rgb"), "4 dimensions"},
    {"labels-ubyte", BYTES("\0\0\x08\x01\0\0\0\x02\1\2"), "samples have 2 to 4"},
    {"less-ubyte", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3"), "announces 4 bytes of data, but 3 follow"},
    {"more-ubyte", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3\4\5"), "announces 4 bytes of data, but 5 follow"},
    {"overflow-ubyte", BYTES("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
     "more bytes than any file"},
    {"no-samples-ubyte", BYTES("\0\0\x08\x02\0\0\0\x00\0\0\0\x02"), "holds 0 samples"},
    {"no-features-ubyte", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x00"), "have 0 features"},
    {"less-ubyte.gz", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3"), "announces 4 bytes of data, but 3 follow"},
    {"more-ubyte.gz", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3\4\5"),
     "announces 4 bytes of data, but more than 4 follow"},
    /* 2^32 - 1 samples of 784 bytes announced in a file of some 40: refused by what 40 bytes can expand to */
    {"huge-ubyte.gz", BYTES("\0\0\x08\x03\xff\xff\xff\xff\0\0\0\x1c\0\0\0\x1c\1\2\3"), "more than"},
};

static const struct bad_file csv[] = {
    {"empty.csv", BYTES(""), "no rows"},
    {"header.csv", BYTES("a,b\n"), "no rows"},
    {"word.csv", BYTES("1,2\n3,four\n"), "line 2, column 2: \"four\" is not a finite number"},
    {"word-behind-header.csv", BYTES("a,b\n\n1,2\n3,x\n"), "line 4, column 2"},
    {"empty-field.csv", BYTES("1,2\n3,\n"), "line 2, column 2: \"\""},
    {"nan.csv", BYTES("1,2\n3,nan\n"), "\"nan\" is not a finite number"},
    {"infinite.csv", BYTES("1,2\n3,1e39\n"), "\"1e39\" is not a finite number"},
    {"hexadecimal.csv", BYTES("1,2\n3,0x10\n"), "\"0x10\""},
    {"two-numbers.csv", BYTES("1,2\n3,4 5\n"), "\"4 5\""},
    {"decimal-comma.csv", BYTES("1;2\n3;4,5\n"), "\"4,5\""},
    {"open-quote.csv", BYTES("1,2\n\"3,4\n"), "line 2, column 1"},
    {"quoted-word.csv", BYTES("1,2\n\"3x\",4\n"), "line 2, column 1"},
    {"shorter.csv", BYTES("1,2\n3\n"), "line 2 has 1 columns, the lines before it have 2"},
    {"longer.csv", BYTES("1,2\n3,4,5\n"), "line 2 has 3 columns, the lines before it have 2"},
    {"carriage-return.csv", BYTES("1,2\r3,4\r"), "line 1, column 2"},
    {"nul.csv", BYTES("1,2\n3,\0004\n"), "line 2, column 2"},
    {"escape.csv", BYTES("1,2\n3,\033[31m\n"), "\"?[31m\""}, /* a message must not colour the terminal */
    {"long-field.csv", BYTES("1,2\n3,0000000000000000000000000000000000000000000000000000000000000000000000x\n"),
     "line 2, column 2: \"00000000000000000000\""},
    {"label-too-large.csv", BYTES("label,a\n256,1\n"), "line 2: the label"},
    {"label-fraction.csv", BYTES("label,a\n1.5,1\n"), "line 2: the label"},
    {"label-alone.csv", BYTES("label\n1\n"), "no samples"},
};

/* What people bring as data, under a name that a reader takes and under one that none does. */
static const struct bad_file foreign[] = {
    {"x", BYTES("GIF89a\1\0\1\0"), "PIL.Image.open"},
    {"x", BYTES("PK\3\4\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml"),
     "pandas.read_excel"},
    {"x", BYTES("PK\3\4\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\0train.csv"), "unpack it with unzip"},
    {"x",
     BYTES("PK\3\4\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\0\0\0a/name/that/is/much/longer/than/what/is/"
           "looked/at/of/it/a/name/that/is/much/longer"),
     "is a ZIP archive"},
    {"x",
     BYTES("\xff\xfe"
           "1\0,\0002\0\n\0"),
     "iconv -f UTF-16 -t UTF-8"},
    {"x", BYTES("\xfe\xff\0001\0,\0002\0\n"), "is text in UTF-16"},
    {"x", BYTES("1\0,\0002\0\n\0"), "is text in UTF-16"},
    {"x", BYTES("\x89HDF\r\n\x1a\n\0"), "h5py.File"},
    {"x", BYTES("\x80\4\x95\x10\0\0\0\0\0\0\0}\x94"), "is a Python pickle"},
    {"x", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "is an Excel"},
    {"x", BYTES("PAR1\x15\4\x15\x10\x15"), "pandas.read_parquet"},
    {"x.gz", BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3"), "is compressed with gzip twice"},
    {"x", BYTES("BZh91AY&SY\1"), "bunzip2"},
    {"x", BYTES("\x40\0\0\0\0\0\0\0{\"fc1.weight\":"), "is a file of weights"},
    {"x", BYTES("<!doctype html><html>"), "the download failed"},
    {"x", BYTES("@RELATION iris\n"), "is an ARFF file"},
};

#define DICTIONARY(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"

static const struct {
    const char *dictionary;
    size_t size; /* of the data: zero bytes */
    const char *says;
} npy[] = {
    {"", 0, "expected {"},
    {"{}", 0, "lacks descr"},
    {"{'descr': '<f4'", 0, ", or }"},
    {"{'descr'", 0, "expected :"},
    {"{'descr': '<f4", 0, "a short string"},
    {"{'descr': '<f4', 'descr': '<f4'}", 0, "'descr' is unknown or there twice"},
    {"{'colour': 'red'}", 0, "'colour' is unknown"},
    {"{'a key of more than sixteen characters': 1}", 0, "a short string"},
    {DICTIONARY("'<f4'", "Maybe", "(1, 1)"), 4, "True or False"},
    {DICTIONARY("'<f4'", "True", "(2, 1)"), 8, "Fortran order"},
    {DICTIONARY("'>f4'", "False", "(1, 1)"), 4, "not little-endian; save x.astype('<f4')"},
    {DICTIONARY("'<f2'", "False", "(1, 1)"), 2, "type '<f2'"},
    {DICTIONARY("'<c8'", "False", "(1, 1)"), 8, "type '<c8'"},
    {DICTIONARY("'|O'", "False", "(1, 1)"), 8, "type '|O'"},
    {DICTIONARY("''", "False", "(1, 1)"), 8, "type ''"},
    {DICTIONARY("[('a', '<f4')]", "False", "(1,)"), 4, "holds records of fields, expected numbers"},
    {DICTIONARY("'<i4'", "False", "(1, 1)"), 4, "expected u1, f4 or f8"},
    {DICTIONARY("'<f4'", "False", "(1, 1, 1, 1, 1)"), 4, "more than 4 dimensions"},
    {DICTIONARY("'|u1'", "False", "(1, 2, 2, 4)"), 16, "save x.mean(axis=3) for one colour, or x.reshape(len(x), -1)"},
    {DICTIONARY("'|u1'", "False", "(1, 3, 2, 2)"), 12, "save numpy.ascontiguousarray(numpy.moveaxis(x, 1, 3))"},
    {DICTIONARY("'<i8'", "False", "(1, 1)"), 8,
     "save x.astype('u1') of pixels from 0 to 255, x.astype('<f4') of other"},
    {DICTIONARY("'|b1'", "False", "(1, 1)"), 1, "save x.astype('<f4')"},
    {DICTIONARY("'<U6'", "False", "(1, 1)"), 24, "numpy.unique(y, return_inverse=True)[1]"},
    {DICTIONARY("'<f4'", "False", "()"), 4, "a single number"},
    {DICTIONARY("'<f4'", "False", "(1,)"), 4, "samples have 2 to 4"},
    {DICTIONARY("'<f4'", "False", "(1 1)"), 4, ", or )"},
    {DICTIONARY("'<f4'", "False", "(-1, 1)"), 4, "a size"},
    {DICTIONARY("'<f4'", "False", "(1, 2)"), 4, "announces 8 bytes of data, but 4 follow"},
    {DICTIONARY("'<f4'", "False", "(1, 1)"), 8, "announces 4 bytes of data, but 8 follow"},
    {DICTIONARY("'<f4'", "False", "(0, 1)"), 0, "holds 0 samples"},
    {DICTIONARY("'<f4'", "False", "(18446744073709551616, 1)"), 4, "more bytes than any file"},
    {DICTIONARY("'<f4'", "False", "(4294967296, 4294967296)"), 4, "more bytes than any file"},
    {DICTIONARY("'<f4'", "False", "(1, 1)") "x", 4, "expected its end"},
};

/* Sanitizers reserve terabytes; gcc and clang each have their own way to say that one is in use. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||               \
    __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* A program that believed a header would run into this limit and say so. */
static int limit_memory(void **state)
{
    const struct rlimit limit = {(rlim_t)1 << 28, (rlim_t)1 << 28};
    if (!SANITIZED && setrlimit(RLIMIT_AS, &limit) != 0)
        return -1;
    return temporary_create(state);
}

static void assert_refused(const char *path, const char *says)
{
    struct hg_dataset *dataset = NULL;
    const size_t files = temporary_count();
    assert_fails(HG_BAD_DATA, says, hg_dataset_read(&dataset, path));
    if (strncmp(hg_message(), path, strlen(path)) != 0)
        fail_msg("\"%s\" does not begin with %s", hg_message(), path);
    assert_null(dataset);
    assert_int_equal(temporary_count(), files);
}

static void assert_all_refused(const struct bad_file *files, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        assert_refused(temporary_write(files[i].name, files[i].bytes, files[i].size), files[i].says);
}

static void malformed_idx(void **state)
{
    (void)state;
    assert_all_refused(idx, COUNT(idx));
}

static void malformed_csv(void **state)
{
    (void)state;
    assert_all_refused(csv, COUNT(csv));
}

static void foreign_files(void **state)
{
    (void)state;
    static const char *const names[] = {"", ".csv", ".npy", "-ubyte"};
    for (size_t i = 0; i < COUNT(foreign); ++i) {
        for (size_t n = 0; n < COUNT(names); ++n) {
            char name[16];
            const bool compressed = strcmp(foreign[i].name, "x.gz") == 0;
            snprintf(name, sizeof name, "x%s%s", names[n], compressed ? ".gz" : "");
            const char *path = temporary_write(name, foreign[i].bytes, foreign[i].size);
            assert_refused(path, foreign[i].says);
            struct hg_dataset *dataset;
            assert_fails(HG_BAD_DATA, foreign[i].says, hg_dataset_load(&dataset, path, HG_TRAIN));
            if (n == 0) /* and in the directory that should hold a dataset */
                assert_fails(HG_BAD_DATA, foreign[i].says, hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
            assert_int_equal(unlink(path), 0);
        }
    }
    /* Words that such files begin with may begin a table, too. */
    struct hg_dataset *dataset;
    assert_ok(hg_dataset_read(&dataset, temporary_write("x.csv", BYTES("PAR1,PAR2\n1,2\n"))));
    hg_dataset_free(dataset);
    assert_ok(hg_dataset_read(&dataset, temporary_write("x.csv", BYTES("BMI,II\n1,2\n"))));
    hg_dataset_free(dataset);
    assert_int_equal(unlink(temporary_path("x.csv")), 0);
}

static void malformed_npy(void **state)
{
    (void)state;
    static const char zeros[4096];
    for (size_t i = 0; i < COUNT(npy); ++i) {
        assert_true(npy[i].size <= sizeof zeros);
        for (int version = 1; version <= 3; ++version) {
            const char *path = temporary_write_npy("bad.npy", version, npy[i].dictionary, zeros, npy[i].size);
            assert_refused(path, npy[i].says);
        }
    }
    static const float not_finite[] = {1.0F, 1.0F / 0.0F};
    static const double too_large[] = {1.0, 1e300};
    const char *narrow = DICTIONARY("'<f4'", "False", "(1, 2)");
    const char *wide = DICTIONARY("'<f8'", "False", "(1, 2)");
    assert_refused(temporary_write_npy("bad.npy", 1, narrow, not_finite, sizeof not_finite),
                   "element 1 is not a finite");
    assert_refused(temporary_write_npy("bad.npy", 1, wide, too_large, sizeof too_large), "element 1 is not a finite");
    assert_refused(temporary_write_npy("bad.npy", 4, narrow, zeros, 8), "version 4");
    assert_refused(temporary_write("bad.npy", BYTES("\x93NUMPZ\1\0\0\0")), "does not begin with");
    assert_refused(temporary_write("bad.npy", BYTES("\x93NUMPY\1\0\x10")), "ends within its header");
    assert_refused(temporary_write("bad.npy", BYTES("\x93NUMPY\1\0\x10\0{")), "ends within its header");
    assert_refused(temporary_write("bad.npy", BYTES("\x93NUMPY\2\0\0\0\0\x80{")), "header of 2147483648 bytes");
    assert_refused(temporary_write("bad.npy", BYTES("\x93NUMPY\1\0\2\0{\0")), "NUL byte");
}

static void malformed_gzip(void **state)
{
    (void)state;
    static const char data[] = "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3\4";
    unsigned char good[256];
    FILE *file = fopen(temporary_write("good.gz", BYTES(data)), "rb");
    assert_non_null(file);
    const size_t size = fread(good, 1, sizeof good, file);
    fclose(file);
    struct hg_dataset *dataset;
    assert_ok(hg_dataset_read(&dataset, temporary_write("bad", good, size)));
    hg_dataset_free(dataset);

    for (size_t cut = 2; cut < size; ++cut)
        assert_refused(temporary_write("bad", good, cut), "cut off");
    for (size_t i = size - 8; i < size; ++i) { /* the checksum and the length at the end */
        good[i] ^= 1;
        assert_refused(temporary_write("bad", good, size), "damaged");
        good[i] ^= 1;
    }
    good[size] = 'x';
    assert_refused(temporary_write("bad", good, size + 1), "1 bytes follow the end");
}

static void named_gz_without_being_it(void **state)
{
    (void)state;
    /* temporary_write would compress it */
    const char *path = temporary_path("plain-ubyte.gz");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("plain", file);
    fclose(file);
    assert_refused(path, "is not gzip data");
}

static void labels_that_do_not_fit_the_samples(void **state)
{
    (void)state;
    struct hg_dataset *dataset;
    temporary_write("train-images-idx3-ubyte", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x01\1\2"));
    temporary_write("train-labels-idx1-ubyte", BYTES("\0\0\x08\x01\0\0\0\x03\1\2\3"));
    assert_fails(HG_BAD_DATA, "holds 3 labels, but", hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));
    temporary_write("train-labels-idx1-ubyte", BYTES("\0\0\x08\x02\0\0\0\x01\0\0\0\x02\1\2"));
    assert_fails(HG_BAD_DATA, "labels have 1", hg_dataset_load(&dataset, temporary_path("."), HG_TRAIN));

    temporary_write_npy("x_test.npy", 1, DICTIONARY("'|u1'", "False", "(2, 1)"), "\1\2", 2);
    static const struct {
        const char *dictionary;
        const char *bytes;
        size_t size;
        const char *says;
    } bad_labels[] = {
        {DICTIONARY("'<i2'", "False", "(2,)"), BYTES("\1\0\1\1"), "label 1 is not an integer in 0 ... 255"},
        {DICTIONARY("'|i1'", "False", "(2,)"), BYTES("\1\xff"), "label 1 is not an integer in 0 ... 255"},
        {DICTIONARY("'<i8'", "False", "(2,)"), BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0"), "label 0"},
        {DICTIONARY("'<f4'", "False", "(2,)"), BYTES("\0\0\0\0\0\0\xc0\x3f"), "label 1 is not an integer"}, /* 1.5 */
        {DICTIONARY("'<f4'", "False", "(2,)"), BYTES("\0\0\xc0\x7f\0\0\0\0"), "label 0 is not an integer"}, /* NaN */
        {DICTIONARY("'<U1'", "False", "(2,)"), BYTES("a\0\0\0b\0\0\0"), "numpy.unique(y, return_inverse=True)[1]"},
        {DICTIONARY("'|u1'", "False", "(1,)"), BYTES("\1"), "holds 1 labels, but"},
        {DICTIONARY("'|u1'", "False", "(2, 1, 1)"), BYTES("\1\1"), "labels have 1"},
        {DICTIONARY("'|u1'", "False", "(2, 2)"), BYTES("\1\0\1\1"), "row 1 of its 2 columns is not one-hot"},
        {DICTIONARY("'|u1'", "False", "(2, 2)"), BYTES("\1\0\0\0"), "save numpy.argmax(y, axis=1)"},
        {DICTIONARY("'|u1'", "False", "(2, 2)"), BYTES("\1\0\0\2"), "not one-hot"},
    };
    for (size_t i = 0; i < COUNT(bad_labels); ++i) {
        temporary_write_npy("y_test.npy", 1, bad_labels[i].dictionary, bad_labels[i].bytes, bad_labels[i].size);
        assert_fails(HG_BAD_DATA, bad_labels[i].says, hg_dataset_load(&dataset, temporary_path("."), HG_TEST));
        assert_non_null(strstr(hg_message(), "y_test.npy"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_files), /* first: the directory is empty */
        cmocka_unit_test(malformed_idx),
        cmocka_unit_test(malformed_csv),
        cmocka_unit_test(malformed_npy),
        cmocka_unit_test(malformed_gzip),
        cmocka_unit_test(named_gz_without_being_it),
        cmocka_unit_test(labels_that_do_not_fit_the_samples),
    };
    return cmocka_run_group_tests(tests, limit_memory, temporary_remove);
}
