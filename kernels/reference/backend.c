#include "kernels/reference/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/clock.h"
#include "kernels/host_memory.h"

static enum hg_status probe(struct hg_device_info *info)
{
    memset(info, 0, sizeof *info);
    snprintf(info->device, sizeof info->device, "any processor");
    snprintf(info->detail, sizeof info->detail, "plain C loops in %s, one thread",
             sizeof(real) == sizeof(double) ? "double" : "float");
    return HG_OK;
}

static enum hg_status open_context(struct hg_context **out, const struct hg_open_options *options)
{
    (void)options;
    struct ref_context *ref = calloc(1, sizeof *ref);
    if (!ref)
        return hg_fail(HG_INTERNAL, "out of memory");
    ref->base.backend = &REF_BACKEND;
    ref->scalars[HG_ONE] = 1;
    *out = &ref->base;
    return HG_OK;
}

static void close_context(struct hg_context *ctx)
{
    free(ctx);
}

static enum hg_status data_create(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples)
{
    (void)ctx;
    struct hg_data *data = malloc(sizeof *data);
    if (!data)
        return hg_fail(HG_INTERNAL, "out of memory");
    data->samples = *samples;
    *out = data;
    return HG_OK;
}

static void data_free(struct hg_data *data)
{
    free(data);
}

static enum hg_status epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch)
{
    (void)data;
    ref_context(ctx)->staged.epoch = *epoch;
    return HG_OK;
}

static enum hg_status epoch_start(struct hg_context *ctx, size_t first_step)
{
    struct ref_context *ref = ref_context(ctx);
    ref->current = ref->staged;
    ref->current.step = first_step;
    ref->current.position = first_step * ref->current.epoch.batch;
    return HG_OK;
}

static enum hg_status totals_read(struct hg_context *ctx, struct hg_totals *totals)
{
    struct ref_context *ref = ref_context(ctx);
    *totals = ref->totals;
    memset(&ref->totals, 0, sizeof ref->totals);
    return HG_OK;
}

static void phase(struct hg_context *ctx, enum hg_phase next)
{
    struct ref_context *ref = ref_context(ctx);
    const double t = hg_now();
    if (ref->phase != HG_PHASE_NONE) {
        ref->timings.seconds[ref->phase] += t - ref->phase_began;
        ++ref->timings.count[ref->phase];
    }
    ref->phase = next;
    ref->phase_began = t;
}

static enum hg_status timings_read(struct hg_context *ctx, struct hg_timings *timings)
{
    struct ref_context *ref = ref_context(ctx);
    *timings = ref->timings;
    memset(&ref->timings, 0, sizeof ref->timings);
    return HG_OK;
}

const struct hg_backend REF_BACKEND = {
    .name = sizeof(real) == sizeof(double) ? "reference64" : "reference",
    .element_size = sizeof(real),
    .probe = probe,
    .open = open_context,
    .close = close_context,
    .allocate = hg_host_allocate,
    .release = hg_host_release,
    .upload = hg_host_copy,
    .download = hg_host_copy,
    .data_create = data_create,
    .data_free = data_free,
    .epoch_stage = epoch_stage,
    .epoch_start = epoch_start,
    .totals_read = totals_read,
    .ops = {HG_EACH_OP(HG_OP_ENTRY, REF_PREFIX)},
    .phase = phase,
    .timings_read = timings_read,
};
