/* Inside of the backend "cpu": its context and dataset, shared by its ops and its whole-step networks. */
#ifndef HANDGRAD_KERNELS_CPU_CONTEXT_H
#define HANDGRAD_KERNELS_CPU_CONTEXT_H

#include <assert.h>

#include "kernels/backend.h"
#include "kernels/cpu/isa/dispatch.h"
#include "kernels/cpu/team.h"

/* An epoch and how far it has got. */
struct hg_cpu_epoch {
    struct hg_epoch epoch;
    size_t position; /* samples visited */
    size_t step;     /* steps begun */
};

struct hg_cpu {
    struct hg_context base;
    struct hg_open_options options;
    struct hg_team *team; /* the only threads: BLAS runs single-threaded in each member */
    const struct hg_cpu_kernels *kernels;
    float scalars[HG_SCALARS];
    struct hg_cpu_epoch current, staged;
    struct hg_totals totals;
    double *partial; /* one cache line a member, for sums over members: hg_cpu_partial */
    struct hg_timings timings;
    enum hg_phase phase;
    double phase_began;
};

extern const struct hg_backend hg_backend_cpu;

struct hg_data {
    struct hg_samples samples;
    double density; /* share of values that are not zero, of rows spread evenly over the dataset */
};

static inline struct hg_cpu *hg_cpu(struct hg_context *ctx)
{
    return (struct hg_cpu *)ctx;
}

/* Begins the next step of the current epoch: writes its factors, advances the epoch by `rows` samples, and gives the
 * indices of those samples. */
static inline const uint32_t *hg_cpu_next_rows(struct hg_cpu *cpu, size_t rows)
{
    struct hg_cpu_epoch *e = &cpu->current;
    assert(e->position + rows <= e->epoch.samples && e->step < e->epoch.steps);
    const uint32_t *order = e->epoch.order + e->position;
    const float lr = e->epoch.rates[e->step];
    cpu->scalars[HG_MEAN] = 1 / (float)rows;
    cpu->scalars[HG_DESCENT] = -lr / (float)rows;
    cpu->scalars[HG_RATE] = lr;
    e->position += rows;
    ++e->step;
    return order;
}

/* Part `member` of `count` items in `members` parts whose sizes differ by at most one unit: it begins at the result,
 * the next part where this one ends. */
static inline size_t hg_cpu_share(size_t count, size_t unit, int member, int members)
{
    const size_t units = (count + unit - 1) / unit;
    const size_t begin = units * (size_t)member / (size_t)members * unit;
    return begin < count ? begin : count;
}

enum { HG_CPU_LINE = 8 }; /* doubles in a cache line */

/* Whole steps where the dataset is sparse enough (or options.input says so): sparse networks; *out NULL: none. */
enum hg_status hg_cpu_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec);

#endif
