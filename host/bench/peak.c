#include "host/bench/bench.h"
#include "host/training/trainer.h"
#include "kernels/base/clock.h"
#include "kernels/base/try.h"
#include "kernels/choose.h"

enum { FIRST_SIZE = 512, LAST_SIZE = 8192, REPEATS = 5 };

/* Seconds: beside a product this long the cost of launching it is negligible on any machine. */
static const double LONG_ENOUGH = 0.02;

/* Seconds of the fastest of some products of size x size matrices. Their elements are zero, which makes no product
 * faster. */
static enum hg_status fastest_product(struct hg_context *ctx, size_t size, double *seconds)
{
    struct hg_matrix m[3] = {{0}};
    struct hg_totals totals;
    enum hg_status status = HG_OK;
    for (size_t i = 0; i < 3; ++i)
        HG_TRY_OR_CLEANUP(hg_matrix_create(&m[i], ctx, size, size));
    *seconds = 1e9;
    for (int repeat = 0; repeat < REPEATS; ++repeat) {
        const double began = hg_now();
        HG_TRY_OR_CLEANUP(ctx->backend->ops.gemm(ctx, HG_ONE, hg_in(m[0]), HG_N, hg_in(m[1]), HG_N, HG_ZERO, m[2]));
        HG_TRY_OR_CLEANUP(ctx->backend->totals_read(ctx, &totals)); /* waits */
        const double took = hg_now() - began;
        *seconds = took < *seconds ? took : *seconds;
    }

cleanup:
    for (size_t i = 0; i < 3; ++i)
        hg_matrix_free(&m[i], ctx);
    return status;
}

enum hg_status hg_bench_peak(struct hg_bench_peak *peak, const struct hg_train_options *options)
{
    struct hg_context *ctx = NULL;
    struct hg_device_info device;
    char reason[512];
    const struct hg_open_options open = {.threads = options->threads, .precision = options->tf32 ? HG_TF32 : HG_FP32};
    HG_TRY(hg_backend_choose(&ctx, options->backend, &open, &device, reason, sizeof reason));
    *peak = (struct hg_bench_peak){.gemm = 0};
    enum hg_status status = HG_OK;
    double seconds = 0;
    for (size_t size = FIRST_SIZE; size <= LAST_SIZE && seconds < LONG_ENOUGH; size *= 2) {
        HG_TRY_OR_CLEANUP(fastest_product(ctx, size, &seconds));
        peak->gemm = 2.0 * (double)size * (double)size * (double)size / seconds;
        peak->gemm_size = size;
    }
    if (ctx->backend->peak)
        HG_TRY_OR_CLEANUP(ctx->backend->peak(&peak->cpu, options->threads));

cleanup:
    ctx->backend->close(ctx);
    return status;
}
