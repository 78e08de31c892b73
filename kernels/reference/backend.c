#include "kernels/reference/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
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
    struct hg_host_context *host;
    HG_TRY(hg_allocate(&host, 1, "a backend"));
    hg_host_context_init(host, &REF_BACKEND, options);
    *out = &host->base;
    return HG_OK;
}

static void close_context(struct hg_context *ctx)
{
    free(ctx);
}

static enum hg_status data_create(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples)
{
    (void)ctx;
    struct hg_data *data;
    HG_TRY(hg_allocate(&data, 1, "a dataset on the backend"));
    data->samples = *samples;
    *out = data;
    return HG_OK;
}

static void data_free(struct hg_data *data)
{
    free(data);
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
    .epoch_stage = hg_host_epoch_stage,
    .epoch_start = hg_host_epoch_start,
    .totals_read = hg_host_totals_read,
    .ops = {HG_EACH_OP(HG_OP_ENTRY, REF_PREFIX)},
    .phase = hg_host_phase,
    .timings_read = hg_host_timings_read,
};
