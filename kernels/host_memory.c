#include "kernels/host_memory.h"

#include <stdlib.h>
#include <string.h>

enum hg_status hg_host_allocate(struct hg_context *ctx, size_t bytes, void **out)
{
    (void)ctx;
    enum { ALIGNMENT = 256 };
    if (bytes > SIZE_MAX - ALIGNMENT)
        return hg_fail(HG_INTERNAL, "out of memory: %zu bytes", bytes);
    const size_t rounded = (bytes / ALIGNMENT + 1) * ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, rounded);
    if (!memory)
        return hg_fail(HG_INTERNAL, "out of memory: %zu bytes", bytes);
    memset(memory, 0, rounded);
    *out = memory;
    return HG_OK;
}

void hg_host_release(struct hg_context *ctx, void *memory)
{
    (void)ctx;
    free(memory);
}

enum hg_status hg_host_copy(struct hg_context *ctx, void *to, const void *from, size_t bytes)
{
    (void)ctx;
    memcpy(to, from, bytes);
    return HG_OK;
}
