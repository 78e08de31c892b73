#include <stdlib.h>
#include <string.h>

#include "kernels/base/clock.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/cpu/context.h"
#include "kernels/cpu/cores.h"
#include "kernels/cpu/ops/op_kernels.h"
#include "kernels/cpu/steps/kernels/kernels.h"

enum {
    REPEATS = 5,
    ROUNDS = 400000,         /* some milliseconds */
    ARRAY = (256 << 20) / 4, /* floats: 256 MiB, beyond any cache but the largest servers' */
};

struct measurement {
    const struct hg_cpu_op_kernels *kernels;
    struct hg_team *team;
    float *array;
    float *sink; /* [threads]: results that nobody needs; without them the compiler would remove the work */
    double flops, bandwidth;
};

/* All threads work between two barriers, and thread 0 takes the time from one to the next. */
static void measure(void *argument, int thread)
{
    struct measurement *m = argument;
    const int threads = hg_team_size(m->team);
    const size_t begin = hg_cpu_share(ARRAY, HG_CPU_LINE, thread, threads);
    const size_t count = hg_cpu_share(ARRAY, HG_CPU_LINE, thread + 1, threads) - begin;
    memset(m->array + begin, 0, count * sizeof(float)); /* memory near the thread that reads it */
    size_t operations = 0;
    for (int repeat = 0; repeat < REPEATS; ++repeat) {
        hg_team_barrier(m->team);
        const double began = hg_now();
        m->sink[thread] += m->kernels->peak_multiply_add(ROUNDS, &operations);
        hg_team_barrier(m->team);
        const double computed = hg_now();
        m->sink[thread] += m->kernels->peak_read(m->array + begin, count);
        hg_team_barrier(m->team);
        const double read = hg_now();
        if (thread != 0)
            continue;
        const double flops = (double)operations * threads / (computed - began);
        const double bandwidth = ARRAY * sizeof(float) / (read - computed);
        m->flops = flops > m->flops ? flops : m->flops;
        m->bandwidth = bandwidth > m->bandwidth ? bandwidth : m->bandwidth;
    }
}

enum hg_status hg_cpu_peak(struct hg_peak *peak, int threads)
{
    const int count = threads > 0 ? threads : hg_threads_default();
    struct measurement m = {.team = NULL};
    const struct hg_cpu_kernels *kernels;
    enum hg_status status = HG_OK;
    HG_TRY(hg_cpu_kernels_choose(&kernels));
    m.kernels = kernels->ops;
    HG_TRY_OR_CLEANUP(hg_allocate(&m.array, ARRAY, "measuring the memory's speed"));
    HG_TRY_OR_CLEANUP(hg_allocate(&m.sink, (size_t)count, "measuring the memory's speed"));
    HG_TRY_OR_CLEANUP(hg_team_create(&m.team, count));
    hg_team_run(m.team, measure, &m);
    *peak = (struct hg_peak){count, m.flops, m.bandwidth};
cleanup:
    hg_team_free(m.team);
    free(m.sink);
    free(m.array);
    return status;
}
