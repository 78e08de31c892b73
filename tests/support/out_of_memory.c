#include "tests/support/out_of_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/json.h"
#include "kernels/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/temporary.h"

enum { MOST_ALLOCATIONS = 5000 };

void survives(operation_function *operation, const void *argument, size_t tolerated)
{
    size_t without = 0;
    assert_ok(operation(argument));
    for (size_t n = 1; n < MOST_ALLOCATIONS; ++n) {
        hg_memory_fail_at(n);
        const enum hg_status status = operation(argument);
        const bool failed = hg_memory_failed();
        hg_memory_fail_at(0);
        if (!failed) {
            assert_ok(status);
            assert_true(n > 1);
            assert_true(without <= tolerated);
            return;
        }
        if (status == HG_OK) {
            ++without;
            continue;
        }
        if (status != HG_INTERNAL || !strstr(hg_message(), "memory"))
            fail_msg("allocation %zu: status %d: %s\n%s", n, status, hg_message(), hg_trace());
        if (!strstr(hg_trace(), ".c:"))
            fail_msg("allocation %zu: no trace: \"%s\"", n, hg_trace());
    }
    fail_msg("the operation never ends");
}

static const unsigned char *idx_file(bool labels, size_t *size)
{
    static unsigned char bytes[16 + SAMPLES * SIDE * SIDE];
    const unsigned char header[] = {0, 0, 8, labels ? 1 : 3, 0, 0, 0, SAMPLES, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    const size_t length = labels ? 8 : 16, values = labels ? SAMPLES : SAMPLES * SIDE * SIDE;
    memcpy(bytes, header, length);
    for (size_t i = 0; i < values; ++i)
        bytes[length + i] = (unsigned char)(labels ? i % 3 : i * 37 % 251);
    *size = length + values;
    return bytes;
}

int out_of_memory_begin(void **state)
{
    static const char *const endings[] = {"", ".gz"};
    if (temporary_create(state) != 0)
        return -1;
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hg_memory_malloc, .free_fn = free});
    for (size_t split = 0; split < 2; ++split)
        for (size_t labels = 0; labels < 2; ++labels) {
            char name[64];
            size_t size;
            snprintf(name, sizeof name, "%s-%s%s", split ? "t10k" : "train",
                     labels ? "labels-idx1-ubyte" : "images-idx3-ubyte", endings[labels]);
            const unsigned char *bytes = idx_file(labels, &size);
            temporary_write(name, bytes, size);
        }
    return 0;
}

const char *out_of_memory_data(void)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s", temporary_path("."));
    return path;
}
