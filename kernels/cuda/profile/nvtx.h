/* Named ranges on the timeline of a profiler (NVTX): domain "handgrad", names epoch, step, data, forward, backward,
 * update, evaluate. These calls do nothing in a build without CUDA's NVTX headers, or while no profiler listens. */
#ifndef HANDGRAD_KERNELS_CUDA_PROFILE_NVTX_H
#define HANDGRAD_KERNELS_CUDA_PROFILE_NVTX_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum hg_range {
    HG_RANGE_DATA,
    HG_RANGE_FORWARD,
    HG_RANGE_BACKWARD,
    HG_RANGE_UPDATE,
    HG_RANGE_EVALUATE,
    HG_RANGE_STEP,
    HG_RANGE_EPOCH,
    HG_RANGES
};

struct hg_nvtx {
    void *domain; /* NULL: no profiler listens */
    void *names[HG_RANGES];
    uint64_t epoch;
    bool in_epoch;
};

void hg_nvtx_open(struct hg_nvtx *nvtx);
void hg_nvtx_close(struct hg_nvtx *nvtx);
/* Begins and ends a range of the calling thread; such ranges nest. */
void hg_nvtx_push(const struct hg_nvtx *nvtx, enum hg_range range);
void hg_nvtx_pop(const struct hg_nvtx *nvtx);
/* The range of an epoch may begin and end at any depth of nesting. A new one ends the last; ending none does nothing.
 */
void hg_nvtx_epoch_begin(struct hg_nvtx *nvtx);
void hg_nvtx_epoch_end(struct hg_nvtx *nvtx);

#ifdef __cplusplus
}
#endif
#endif
