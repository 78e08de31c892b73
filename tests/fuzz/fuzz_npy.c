#include "host/formats/array.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_file file = fuzz_file_create(bytes, size);
    struct hg_array array;
    if (hg_npy_read(&array, file.path) == HG_OK)
        fuzz_array_consume(&array);
    if (hg_npy_read_labels(&array, file.path) == HG_OK)
        fuzz_array_consume(&array);
    fuzz_file_remove(&file);
    return 0;
}
