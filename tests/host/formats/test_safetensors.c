/* Claims: what is written is the format, byte for byte, and comes back as it was; a file whose header does not hold
 * together is refused with a message that names it. The Python package agrees: test_formats.py. */
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/formats/safetensors.h"
#include "kernels/base/file.h"
#include "tests/support/temporary.h"

static const float weights[] = {1, -2, 0.5F, 1e-45F, 3e38F, -0.0F};
static const double loss = 0.1;
static const uint64_t steps = UINT64_MAX;
static const int64_t offset = INT64_MIN;

static const struct hg_tensor tensors[] = {
    {"fc1.weight", HG_TENSOR_F32, 2, {2, 3}, weights}, {"loss", HG_TENSOR_F64, 0, {0}, &loss},
    {"empty", HG_TENSOR_F32, 1, {0}, weights},         {"steps", HG_TENSOR_U64, 1, {1}, &steps},
    {"offset", HG_TENSOR_I64, 0, {0}, &offset},
};
static const struct hg_metadata metadata[] = {{"model", "mlp"}, {"note", "\"quoted\"\n\\ \xc3\xa9"}};

static const char *write_example(void)
{
    const char *path = temporary_path("example.safetensors");
    assert_ok(hg_safetensors_write(path, tensors, COUNT(tensors), metadata, COUNT(metadata)));
    return path;
}

static void bytes_are_those_of_the_format(void **state)
{
    (void)state;
    static const float two[] = {1.0F, -2.0F};
    const struct hg_tensor tensor = {"b", HG_TENSOR_F32, 1, {2}, two};
    const char *path = temporary_path("two.safetensors");
    assert_ok(hg_safetensors_write(path, &tensor, 1, NULL, 0));
    static const char expected[] = "\x38\0\0\0\0\0\0\0"
                                   "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  "
                                   "\0\0\x80\x3f\0\0\0\xc0";
    char *bytes;
    size_t size;
    assert_ok(hg_file_read(&bytes, &size, path, 1000));
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
}

static void tensors_come_back(void **state)
{
    (void)state;
    struct hg_safetensors *file;
    assert_ok(hg_safetensors_open(&file, write_example()));
    assert_int_equal(hg_safetensors_count(file), COUNT(tensors));
    for (size_t i = 0; i < COUNT(tensors); ++i) {
        const struct hg_tensor *read = hg_safetensors_tensor(file, i);
        assert_string_equal(read->name, tensors[i].name);
        assert_int_equal(read->type, tensors[i].type);
        assert_int_equal(read->dimensions, tensors[i].dimensions);
        assert_memory_equal(read->shape, tensors[i].shape, sizeof read->shape);
        assert_int_equal((uintptr_t)read->data % 8, 0); /* all sizes here are multiples of 8 */
        assert_ptr_equal(hg_safetensors_find(file, tensors[i].name), read);
    }
    float floats[6];
    double value;
    uint64_t count;
    int64_t number;
    assert_ok(hg_safetensors_read(file, "fc1.weight", HG_TENSOR_F32, 2, (size_t[]){2, 3}, floats));
    assert_memory_equal(floats, weights, sizeof floats);
    assert_ok(hg_safetensors_read(file, "loss", HG_TENSOR_F64, 0, NULL, &value));
    assert_memory_equal(&value, &loss, sizeof value);
    assert_ok(hg_safetensors_read(file, "steps", HG_TENSOR_U64, 1, (size_t[]){1}, &count));
    assert_true(count == steps);
    assert_ok(hg_safetensors_read(file, "offset", HG_TENSOR_I64, 0, NULL, &number));
    assert_true(number == offset);

    double doubles[6];
    assert_ok(hg_safetensors_read_double(file, "fc1.weight", 2, (size_t[]){2, 3}, doubles));
    for (size_t i = 0; i < COUNT(doubles); ++i)
        assert_true(doubles[i] == weights[i] && !signbit(doubles[i]) == !signbit(weights[i]));
    assert_ok(hg_safetensors_read_double(file, "loss", 0, NULL, &value));
    assert_true(value == loss);

    assert_string_equal(hg_safetensors_metadata(file, "model"), "mlp");
    assert_string_equal(hg_safetensors_metadata(file, "note"), metadata[1].value);
    assert_null(hg_safetensors_metadata(file, "absent"));
    assert_null(hg_safetensors_find(file, "absent"));
    hg_safetensors_close(file);
    hg_safetensors_close(NULL);
}

static void wrong_tensors_are_named(void **state)
{
    (void)state;
    struct hg_safetensors *file;
    double values[6];
    assert_ok(hg_safetensors_open(&file, write_example()));
    assert_fails(HG_BAD_DATA, "example.safetensors: fc1.weight is [2,3], expected [3,2]",
                 hg_safetensors_read_double(file, "fc1.weight", 2, (size_t[]){3, 2}, values));
    assert_fails(HG_BAD_DATA, "fc1.weight is [2,3], expected []",
                 hg_safetensors_read_double(file, "fc1.weight", 0, NULL, values));
    assert_fails(HG_BAD_DATA, "fc1.weight is of type F32, expected F64",
                 hg_safetensors_read(file, "fc1.weight", HG_TENSOR_F64, 2, (size_t[]){2, 3}, values));
    assert_fails(HG_BAD_DATA, "steps is of type U64, expected F32, F64, F16 or BF16",
                 hg_safetensors_read_double(file, "steps", 1, (size_t[]){1}, values));
    assert_fails(HG_BAD_DATA, "holds no tensor fc2.weight",
                 hg_safetensors_read_double(file, "fc2.weight", 2, (size_t[]){2, 3}, values));
    hg_safetensors_close(file);

    static const double not_finite[] = {1, NAN};
    const struct hg_tensor tensor = {"w", HG_TENSOR_F64, 1, {2}, not_finite};
    const char *path = temporary_path("nan.safetensors");
    assert_ok(hg_safetensors_write(path, &tensor, 1, NULL, 0));
    assert_ok(hg_safetensors_open(&file, path));
    assert_fails(HG_BAD_DATA, "element 1 of w is not finite",
                 hg_safetensors_read_double(file, "w", 1, (size_t[]){2}, values));
    hg_safetensors_close(file);
}

/* Headers that are followed by eight bytes of data. */
static const struct {
    const char *header;
    const char *says; /* NULL: it is good */
} headers[] = {
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", NULL},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} \n", NULL},
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}", NULL},
    {"{\"b\":{\"dtype\":\"U8\",\"shape\":[7],\"data_offsets\":[1,8]},\"a\":{\"dtype\":\"I8\",\"shape\":[1],"
     "\"data_offsets\":[0,1]}}",
     NULL},
    {"", "not a JSON object"},
    {"[]", "not a JSON object"},
    {"{\"a\":", "not a JSON object"},
    {"{} {}", "not a JSON object"},
    {"{}", "has 8 bytes of data, but its tensors end at 0"},
    {"{\"a\":7}", "unknown dtype (none)"},
    {"{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "a has the unknown dtype F31"},
    {"{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype (none)"},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "a has no shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "no size"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0.5],\"data_offsets\":[0,8]}}", "no size"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", "no size"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1e300],\"data_offsets\":[0,8]}}", "no size"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "larger than any file"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}", "more than 8 dimensions"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "no data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "no data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}", "no data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "bytes 4 to 12 of 8 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "bytes 8 to 0 of 8 bytes"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
     "a has 8 bytes, but its shape and dtype need 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "its tensors end at 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "leave a gap at byte 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[4,8]}}",
     "overlap at byte 4"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[4,8]}}",
     "has a twice"},
    {"{\"__metadata__\":[],\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "not an object"},
    {"{\"__metadata__\":{\"k\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     "k, which is not text"},
};

static const char *write_header(uint64_t length, const char *header)
{
    unsigned char bytes[1024];
    size_t size = 0;
    while (size < 8) {
        bytes[size] = (unsigned char)(length >> (8 * size));
        ++size;
    }
    memcpy(bytes + size, header, strlen(header));
    size += strlen(header);
    memset(bytes + size, 0, 8);
    return temporary_write("header.safetensors", bytes, size + 8);
}

static void headers_that_do_not_hold_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); ++i) {
        struct hg_safetensors *file = NULL;
        const char *path = write_header(strlen(headers[i].header), headers[i].header);
        if (!headers[i].says) {
            assert_ok(hg_safetensors_open(&file, path));
        } else {
            assert_fails(HG_BAD_DATA, headers[i].says, hg_safetensors_open(&file, path));
            assert_non_null(strstr(hg_message(), path));
            assert_null(file);
        }
        hg_safetensors_close(file);
    }
    struct hg_safetensors *file;
    assert_fails(HG_BAD_DATA, "header of 11 bytes", hg_safetensors_open(&file, write_header(11, "{}")));
    assert_fails(HG_BAD_DATA, "header of 18446744073709551615 bytes",
                 hg_safetensors_open(&file, write_header(UINT64_MAX, "{}")));
    assert_fails(HG_BAD_DATA, "it has 7 bytes",
                 hg_safetensors_open(&file, temporary_write("short.safetensors", "\2\0\0\0\0\0\0", 7)));
    assert_fails(HG_BAD_DATA, "it has 0 bytes", hg_safetensors_open(&file, temporary_write("empty", "", 0)));
    assert_fails(HG_NO_INPUT, "absent", hg_safetensors_open(&file, temporary_path("absent")));
}

/* Whatever byte is damaged or cut off: refused or read, never a crash; the sanitizers watch. */
static void damaged_files(void **state)
{
    (void)state;
    char *bytes;
    size_t size;
    assert_ok(hg_file_read(&bytes, &size, write_example(), 4096));
    for (size_t i = 0; i < size; ++i) {
        struct hg_safetensors *file = NULL;
        assert_fails(HG_BAD_DATA, "cut", hg_safetensors_open(&file, temporary_write("cut", bytes, i)));
        bytes[i] ^= 0x11;
        if (hg_safetensors_open(&file, temporary_write("damaged", bytes, size)) == HG_OK)
            hg_safetensors_close(file);
        bytes[i] ^= 0x11;
    }
    free(bytes);
}

static void writing_fails_with_the_files_status(void **state)
{
    (void)state;
    assert_fails(HG_CANNOT_CREATE, "no/such", hg_safetensors_write(temporary_path("no/such"), tensors, 1, NULL, 0));
}

/* By the definitions of IEEE 754's binary16 and of bfloat16: sign, exponent, fraction. */
static void reads_16_bit_weights(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        uint16_t bits;
        double value; /* INFINITY: refused */
    } cases[] = {
        {"F16", 0x3c00, 1},           {"F16", 0xc000, -2},
        {"F16", 0x0001, 0x1p-24},     {"F16", 0x83ff, -1023 * 0x1p-24},
        {"F16", 0x0400, 0x1p-14},     {"F16", 0x7bff, 65504},
        {"F16", 0x7c00, INFINITY},    {"F16", 0x7e00, INFINITY},
        {"BF16", 0x3f80, 1},          {"BF16", 0xc040, -3},
        {"BF16", 0x7f7f, 0x1.fep127}, {"BF16", 0xff80, INFINITY},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        unsigned char bytes[128] = {0};
        const int length = snprintf((char *)bytes + 8, sizeof bytes - 8,
                                    "{\"w\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,2]}}", cases[i].type);
        bytes[0] = (unsigned char)length;
        bytes[8 + length] = (unsigned char)cases[i].bits;
        bytes[9 + length] = (unsigned char)(cases[i].bits >> 8);
        struct hg_safetensors *file;
        double value = 0;
        assert_ok(hg_safetensors_open(&file, temporary_write("narrow.safetensors", bytes, 10 + (size_t)length)));
        if (isinf(cases[i].value)) {
            assert_fails(HG_BAD_DATA, "element 0 of w is not finite",
                         hg_safetensors_read_double(file, "w", 1, (size_t[]){1}, &value));
        } else {
            assert_ok(hg_safetensors_read_double(file, "w", 1, (size_t[]){1}, &value));
            assert_true(value == cases[i].value);
        }
        hg_safetensors_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(tensors_come_back),
        cmocka_unit_test(reads_16_bit_weights),
        cmocka_unit_test(wrong_tensors_are_named),
        cmocka_unit_test(headers_that_do_not_hold_together),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(writing_fails_with_the_files_status),
    };
    return cmocka_run_group_tests(tests, temporary_create, temporary_remove);
}
