/* The two ways to pass a failure on to the caller. Both add the place to the failure's trace. */
#ifndef HANDGRAD_KERNELS_BASE_TRY_H
#define HANDGRAD_KERNELS_BASE_TRY_H

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds a place to the trace of the thread's latest failure. Only the macros below call it. */
void hg_trace_add(const char *file, int line, const char *function);

#ifdef __cplusplus
}
#endif

/* Where nothing is held: returns the status. */
#define HG_TRY(call)                                                                                                   \
    do {                                                                                                               \
        const enum hg_status hg_try_status = (call);                                                                   \
        if (hg_try_status != HG_OK) {                                                                                  \
            hg_trace_add(__FILE__, __LINE__, __func__);                                                                \
            return hg_try_status;                                                                                      \
        }                                                                                                              \
    } while (0)

/* Where something is held: goes to the function's label `cleanup` with the result in its variable `status`, which is
 * HG_OK after a call that succeeded. */
#define HG_TRY_OR_CLEANUP(call)                                                                                        \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != HG_OK) {                                                                                         \
            hg_trace_add(__FILE__, __LINE__, __func__);                                                                \
            goto cleanup;                                                                                              \
        }                                                                                                              \
    } while (0)

#endif
