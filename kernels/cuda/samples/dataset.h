/* A dataset as the CUDA backend keeps it: resident in device memory, or streamed from the host's. */
#ifndef HANDGRAD_KERNELS_CUDA_SAMPLES_DATASET_H
#define HANDGRAD_KERNELS_CUDA_SAMPLES_DATASET_H

#include "kernels/cuda/context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hg_cuda_ring;

/* A buffer through which load_rows brings rows of a streamed dataset to the device: rows first, then their labels. */
struct hg_cuda_staging {
    unsigned char *pinned, *device;
    cudaEvent_t copied; /* on the compute stream: pinned may be overwritten */
};

struct hg_data {
    struct hg_cuda_context *cuda;
    struct hg_samples samples;
    size_t row_bytes; /* a row on the device, padded with zeros to a multiple of 16 bytes for vector loads */

    /* Resident: [count] rows and labels in device memory. NULL if streamed. */
    void *values;
    uint8_t *labels;

    /* Streamed: for steps, and for load_rows. */
    struct hg_cuda_ring *ring;
    struct hg_cuda_staging staging[2];
    unsigned staged; /* how often a staging buffer has been filled; they take turns */
};

static inline size_t hg_element_size(enum hg_element element)
{
    return element == HG_U8 ? sizeof(uint8_t) : sizeof(float);
}

static inline size_t hg_data_row_size(const struct hg_data *data)
{
    return data->samples.features * hg_element_size(data->samples.element);
}

enum hg_status hg_cuda_data_create(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples);
void hg_cuda_data_free(struct hg_data *data);

#ifdef __cplusplus
}
#endif
#endif
