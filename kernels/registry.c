#include <string.h>

#include "kernels/backend.h"

extern const struct hg_backend hg_backend_reference, hg_backend_reference64, hg_backend_cpu;
#ifdef HG_HAVE_CUDA
extern const struct hg_backend hg_backend_cuda;
#endif

static const struct hg_backend *const backends[] = {
#ifdef HG_HAVE_CUDA
    &hg_backend_cuda,
#endif
    &hg_backend_cpu, &hg_backend_reference, &hg_backend_reference64, NULL};

const struct hg_backend *const *hg_backends(void)
{
    return backends;
}

const struct hg_backend *hg_backend_find(const char *name)
{
    for (const struct hg_backend *const *b = backends; *b; ++b)
        if (strcmp((*b)->name, name) == 0)
            return *b;
    return NULL;
}
