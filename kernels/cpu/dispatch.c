#include "kernels/cpu/dispatch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu/steps/kernels/kernels.h"

extern const struct hg_cpu_kernels hg_cpu_kernels_portable;
#ifdef HG_HAVE_AVX2
extern const struct hg_cpu_kernels hg_cpu_kernels_avx2, hg_cpu_kernels_avx512;

/* __builtin_cpu_supports asks the operating system too: it is true only where the registers are saved. */
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif
#ifdef HG_HAVE_WIDE
extern const struct hg_cpu_kernels hg_cpu_kernels_wide;
#endif

static bool always(void)
{
    return true;
}

/* Best first; "wide" is for the tests, which ask for it by name. */
static const struct {
    const struct hg_cpu_kernels *kernels;
    bool (*available)(void);
} variants[] = {
#ifdef HG_HAVE_AVX2
    {&hg_cpu_kernels_avx512, has_avx512},
    {&hg_cpu_kernels_avx2, has_avx2},
#endif
    {&hg_cpu_kernels_portable, always},
#ifdef HG_HAVE_WIDE
    {&hg_cpu_kernels_wide, always},
#endif
};

enum hg_status hg_cpu_kernels_choose(const struct hg_cpu_kernels **out)
{
    const char *wanted = getenv("HANDGRAD_ISA");
    const bool any = !wanted || !*wanted;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; ++i) {
        if (!any && strcmp(variants[i].kernels->name, wanted) != 0)
            continue;
        if (variants[i].available()) {
            *out = variants[i].kernels;
            return HG_OK;
        }
        if (!any)
            return hg_fail(HG_UNAVAILABLE,
                           "HANDGRAD_ISA=%s: this processor or operating system does not have it; "
                           "unset the variable, or ask for avx2 or portable",
                           wanted);
    }
    return hg_fail(HG_USAGE, "HANDGRAD_ISA=%s: unknown instruction set; use avx512, avx2 or portable", wanted);
}
