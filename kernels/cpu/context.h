/* Inside of the backend "cpu": its context and dataset, shared by its ops and its whole-step networks. */
#ifndef HANDGRAD_KERNELS_CPU_CONTEXT_H
#define HANDGRAD_KERNELS_CPU_CONTEXT_H

#include "kernels/backend.h"
#include "kernels/cpu/dispatch.h"
#include "kernels/cpu/team.h"
#include "kernels/host_context.h"

struct hg_cpu {
    struct hg_host_context host;
    struct hg_team *team;                 /* the only threads: BLAS is told to start none */
    const struct hg_cpu_kernels *kernels; /* of the chosen instruction set */
    const struct hg_cpu_op_kernels *ops;  /* those of the ops among them */
    double *partial;                      /* [threads][HG_CPU_LINE]: each thread's summand of a sum over all of them */
};

extern const struct hg_backend hg_backend_cpu;

struct hg_data {
    struct hg_samples samples;
    double density; /* fraction of the values that are not zero, in a sample of the rows */
};

static inline struct hg_cpu *hg_cpu(struct hg_context *ctx)
{
    return (struct hg_cpu *)ctx;
}

static inline float hg_cpu_scalar(const struct hg_cpu *cpu, enum hg_scalar scalar)
{
    return (float)cpu->host.scalars[scalar];
}

/* Divides `count` items among threads, in whole units and as evenly as these allow. The items of thread t are those
 * from the result for t up to, but without, the result for t + 1. */
static inline size_t hg_cpu_share(size_t count, size_t unit, int thread, int threads)
{
    const size_t units = (count + unit - 1) / unit;
    const size_t begin = units * (size_t)thread / (size_t)threads * unit;
    return begin < count ? begin : count;
}

enum { HG_CPU_LINE = 8 }; /* doubles in a cache line */

/* second_moment.c, product.c and peak.c */
__typeof__(hg_second_moment) hg_cpu_second_moment;
__typeof__(hg_second_moment_loss) hg_cpu_second_moment_loss;
__typeof__(hg_product_add) hg_cpu_product_add;
enum hg_status hg_cpu_peak(struct hg_peak *peak, int threads);

/* A network with whole training steps that skip the zeros of the data (steps/), where the dataset has enough of them or
 * options.input says so. Else *out is NULL, and the list of ops runs. */
enum hg_status hg_cpu_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec);

#endif
