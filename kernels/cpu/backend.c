#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/cpu/blas.h"
#include "kernels/cpu/cores.h"
#include "kernels/cpu/ops/ops.h"
#include "kernels/cpu/steps/density.h"
#include "kernels/cpu/steps/kernels/kernels.h"
#include "kernels/host_memory.h"

/* The processor's name as /proc/cpuinfo tells it. */
static void read_processor(char *name, size_t size)
{
    snprintf(name, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file)
        return;
    char line[256];
    while (fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", strlen("model name")) != 0 || !value)
            continue;
        snprintf(name, size, "%s", value + strspn(value, ": \t"));
        name[strcspn(name, "\n")] = 0;
        break;
    }
    fclose(file);
}

static enum hg_status probe(struct hg_device_info *info)
{
    const struct hg_cpu_kernels *kernels = NULL;
    HG_TRY(hg_cpu_kernels_choose(&kernels));
    memset(info, 0, sizeof *info);
    read_processor(info->device, sizeof info->device);
    info->cores = (size_t)hg_cores_available();
    char blas[128];
    hg_blas_describe(blas, sizeof blas);
    const int threads = hg_threads_default();
    snprintf(info->detail, sizeof info->detail, "%s kernels, %d thread%s by default%s, BLAS: %s", kernels->name,
             threads, threads == 1 ? "" : "s", hg_threads_by_environment() ? " (OMP_NUM_THREADS)" : "", blas);
    return HG_OK;
}

static void close_context(struct hg_context *ctx)
{
    if (!ctx)
        return;
    struct hg_cpu *cpu = hg_cpu(ctx);
    free(cpu->partial);
    hg_team_free(cpu->team);
    free(cpu);
}

static enum hg_status open_context(struct hg_context **out, const struct hg_open_options *options)
{
    const int threads = options->threads > 0 ? options->threads : hg_threads_default();
    struct hg_cpu *cpu;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&cpu, 1, "a backend"));
    hg_host_context_init(&cpu->host, &hg_backend_cpu, options);
    cpu->host.base.threads = threads;
    HG_TRY_OR_CLEANUP(hg_cpu_kernels_choose(&cpu->kernels));
    cpu->ops = cpu->kernels->ops;
    HG_TRY_OR_CLEANUP(hg_team_create(&cpu->team, threads));
    HG_TRY_OR_CLEANUP(hg_allocate(&cpu->partial, (size_t)threads * HG_CPU_LINE, "the threads' partial sums"));
    hg_blas_single_thread();
    *out = &cpu->host.base;
    return HG_OK;

cleanup:
    close_context(&cpu->host.base);
    return status;
}

static enum hg_status data_create(struct hg_data **out, struct hg_context *ctx, const struct hg_samples *samples)
{
    (void)ctx;
    struct hg_data *data;
    HG_TRY(hg_allocate(&data, 1, "a dataset on the backend"));
    *data = (struct hg_data){*samples, hg_cpu_density(samples)};
    *out = data;
    return HG_OK;
}

static void data_free(struct hg_data *data)
{
    free(data);
}

const struct hg_backend hg_backend_cpu = {
    .name = "cpu",
    .element_size = sizeof(float),
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
    .ops = {HG_EACH_OP(HG_OP_ENTRY, hg_cpu_)},
    .phase = hg_host_phase,
    .timings_read = hg_host_timings_read,
    .network_create = hg_cpu_network_create,
    .second_moment = hg_cpu_second_moment,
    .second_moment_loss = hg_cpu_second_moment_loss,
    .product_add = hg_cpu_product_add,
    .peak = hg_cpu_peak,
};
