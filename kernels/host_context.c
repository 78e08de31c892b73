#include "kernels/host_context.h"

#include <assert.h>

#include "kernels/base/clock.h"

static struct hg_host_context *host_context(struct hg_context *ctx)
{
    return (struct hg_host_context *)ctx;
}

void hg_host_context_init(struct hg_host_context *host, const struct hg_backend *backend,
                          const struct hg_open_options *options)
{
    *host = (struct hg_host_context){.base.backend = backend, .options = *options, .scalars[HG_ONE] = 1};
}

struct hg_epoch_progress hg_epoch_from(const struct hg_epoch *epoch, size_t first_step)
{
    return (struct hg_epoch_progress){*epoch, first_step * epoch->batch, first_step};
}

const uint32_t *hg_host_next_rows(struct hg_host_context *host, size_t rows)
{
    struct hg_epoch_progress *e = &host->current;
    assert(e->position + rows <= e->epoch.samples && e->step < e->epoch.steps);
    const uint32_t *order = e->epoch.order + e->position;
    const double lr = (double)e->epoch.rates[e->step];
    host->scalars[HG_MEAN] = 1 / (double)rows;
    host->scalars[HG_DESCENT] = -lr / (double)rows;
    host->scalars[HG_RATE] = lr;
    e->position += rows;
    ++e->step;
    return order;
}

struct hg_totals hg_totals_take(struct hg_totals *totals)
{
    const struct hg_totals sums = *totals;
    *totals = (struct hg_totals){0};
    return sums;
}

enum hg_status hg_host_epoch_stage(struct hg_context *ctx, const struct hg_data *data, const struct hg_epoch *epoch)
{
    (void)data;
    host_context(ctx)->staged = *epoch;
    return HG_OK;
}

enum hg_status hg_host_epoch_start(struct hg_context *ctx, size_t first_step)
{
    struct hg_host_context *host = host_context(ctx);
    host->current = hg_epoch_from(&host->staged, first_step);
    return HG_OK;
}

enum hg_status hg_host_totals_read(struct hg_context *ctx, struct hg_totals *totals)
{
    *totals = hg_totals_take(&host_context(ctx)->totals);
    return HG_OK;
}

void hg_host_phase(struct hg_context *ctx, enum hg_phase next)
{
    struct hg_host_context *host = host_context(ctx);
    if (!host->options.timings)
        return;
    const double now = hg_now();
    if (host->phase != HG_PHASE_NONE) {
        host->measured.seconds[host->phase] += now - host->phase_began;
        ++host->measured.count[host->phase];
    }
    host->phase = next;
    host->phase_began = now;
}

enum hg_status hg_host_timings_read(struct hg_context *ctx, struct hg_timings *timings)
{
    struct hg_host_context *host = host_context(ctx);
    *timings = host->measured;
    host->measured = (struct hg_timings){0};
    return HG_OK;
}
