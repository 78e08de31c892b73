/* What the emulation promises, checked. Each function returns 0 where all its checks hold. */
#ifndef HG_EMULATION_SEMANTICS_H
#define HG_EMULATION_SEMANTICS_H

#include "counters.h"
#include "planted.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                       \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

int gemm_is_column_major();
int gemm_scalars();
int gemm_leading_dimensions();
int geam_and_ger();
int threads_and_blocks();
int shared_memory();
int warps();
int atomics();
int struct_arguments();
int launch_limits();
int events_and_streams();
int graphs();
int capture_rules();
int copies();
int memory_is_bounded();
int errors_stick();

#endif
