/* Passes a failure on to the caller: for functions that hold nothing to release at that point. */
#ifndef HANDGRAD_KERNELS_BASE_TRY_H
#define HANDGRAD_KERNELS_BASE_TRY_H

#define HG_TRY(call)                                                                                                   \
    do {                                                                                                               \
        const enum hg_status hg_try_status = (call);                                                                   \
        if (hg_try_status != HG_OK)                                                                                    \
            return hg_try_status;                                                                                      \
    } while (0)

#endif
