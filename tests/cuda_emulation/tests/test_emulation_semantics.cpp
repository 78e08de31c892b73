/* Runs every check of semantics.h. */
#include "semantics.h"

int main()
{
    int (*const checks[])() = {gemm_is_column_major,
                               gemm_scalars,
                               gemm_leading_dimensions,
                               geam_and_ger,
                               threads_and_blocks,
                               shared_memory,
                               warps,
                               atomics,
                               struct_arguments,
                               launch_limits,
                               events_and_streams,
                               graphs,
                               capture_rules,
                               copies,
                               memory_is_bounded,
                               errors_stick};
    int failures = 0;
    for (int (*check)() : checks)
        failures += check() != 0;
    std::printf("%d of %zu failed\n", failures, sizeof checks / sizeof checks[0]);
    return failures > 0;
}
