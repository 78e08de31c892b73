#include "kernels/host_memory.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"

enum hg_status hg_host_allocate(struct hg_context *ctx, size_t bytes, void **out)
{
    (void)ctx;
    enum { ALIGNMENT = 256 };
    return hg_allocate_aligned(out, ALIGNMENT, bytes, "a tensor");
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
