/* Shared by the backends that compute in host memory (reference and cpu): the epoch under way, the factors of a step,
 * the totals and the clocks, and the functions of struct hg_backend that work on them. */
#ifndef HANDGRAD_KERNELS_HOST_CONTEXT_H
#define HANDGRAD_KERNELS_HOST_CONTEXT_H

#include "kernels/backend.h"

/* An epoch and how far it has got. */
struct hg_epoch_progress {
    struct hg_epoch epoch;
    size_t position; /* samples visited */
    size_t step;     /* steps begun */
};

/* The first member of such a backend's context. */
struct hg_host_context {
    struct hg_context base;
    struct hg_open_options options;
    /* In double. Rounded to float they are what float arithmetic would give, for batches of up to 2^24 rows. */
    double scalars[HG_SCALARS];
    struct hg_epoch staged;
    struct hg_epoch_progress current;
    struct hg_totals totals;
    struct hg_timings measured;
    enum hg_phase phase; /* the current one, which started at phase_began */
    double phase_began;
};

void hg_host_context_init(struct hg_host_context *host, const struct hg_backend *backend,
                          const struct hg_open_options *options);

/* The epoch from its step `first_step` on. */
struct hg_epoch_progress hg_epoch_from(const struct hg_epoch *epoch, size_t first_step);

/* Begins the next step of the current epoch: writes its factors, advances the epoch by `rows` samples, and returns the
 * indices of those samples. */
const uint32_t *hg_host_next_rows(struct hg_host_context *host, size_t rows);

/* Returns the sums and clears them. */
struct hg_totals hg_totals_take(struct hg_totals *totals);

/* epoch_stage, epoch_start, totals_read, phase and timings_read of struct hg_backend. */
enum hg_status hg_host_epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch);
enum hg_status hg_host_epoch_start(struct hg_context *ctx, size_t first_step);
enum hg_status hg_host_totals_read(struct hg_context *ctx, struct hg_totals *totals);
void hg_host_phase(struct hg_context *ctx, enum hg_phase next);
enum hg_status hg_host_timings_read(struct hg_context *ctx, struct hg_timings *timings);

#endif
