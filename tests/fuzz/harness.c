#include "tests/fuzz/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/formats/array.h"

struct fuzz_file fuzz_file_create(const void *bytes, size_t size)
{
    struct fuzz_file file = {.descriptor = memfd_create("fuzz", MFD_CLOEXEC)};
    if (file.descriptor < 0 || write(file.descriptor, bytes, size) != (ssize_t)size)
        abort();
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.descriptor);
    return file;
}

void fuzz_file_remove(struct fuzz_file *file)
{
    close(file->descriptor);
}

void fuzz_array_consume(struct hg_array *array)
{
    size_t numbers = 1;
    for (size_t i = 0; i < array->dimensions; ++i)
        numbers *= array->shape[i];
    double sum = 0; /* of floats: finite if and only if each of them is */
    for (size_t i = 0; i < numbers; ++i)
        sum += array->element == HG_U8 ? (float)array->values.data[i] : ((const float *)array->values.data)[i];
    if (!isfinite(sum))
        abort();
    hg_array_free(array);
}
