/* C = X^T X / N on a team of threads: each sums its own blocks of rows, then the threads' sums are added in their
 * order.
 *
 * Bytes are multiplied in float without being scaled to [0, 1] first. That is exact: the sums of a block are integers
 * below 2^24 (BYTE_ROWS), which float holds exactly, and doubles hold their total (below 2^53 up to 10^11 rows). The
 * only rounding is the division at the end. Float samples are converted and multiplied in double. */
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/cpu/blas.h"
#include "kernels/cpu/context.h"
#include "kernels/cpu/cores.h"
#include "kernels/cpu/team.h"

enum {
    BYTE_ROWS = 258,  /* 258 * 255 * 255 < 2^24 */
    FLOAT_ROWS = 256, /* keeps a block of the usual width within the second-level cache */
};

struct moment {
    const struct hg_samples *samples;
    size_t block; /* rows of one product */
    int threads;
    /* One for each thread: */
    double **sums;   /* [features][features], upper triangle; thread 0 sums into the result itself */
    void **rows;     /* [block][features] in the type of the products */
    float **product; /* [features][features], for bytes only */
    struct hg_team *team;
};

static void add_bytes(struct moment *m, int thread, size_t first, size_t count)
{
    const size_t n = m->samples->features;
    const uint8_t *from = (const uint8_t *)m->samples->values + first * n;
    float *rows = m->rows[thread];
    for (size_t i = 0; i < count * n; ++i)
        rows[i] = from[i];
    float *product = m->product[thread];
    hg_blas_ssyrk(n, count, rows, 0, product);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = i; j < n; ++j)
            m->sums[thread][i * n + j] += (double)product[i * n + j];
}

static void add_floats(struct moment *m, int thread, size_t first, size_t count)
{
    const size_t n = m->samples->features;
    const float *from = (const float *)m->samples->values + first * n;
    double *rows = m->rows[thread];
    for (size_t i = 0; i < count * n; ++i)
        rows[i] = (double)from[i];
    hg_blas_dsyrk(n, count, rows, 1, m->sums[thread]);
}

static void moment_thread(void *argument, int thread)
{
    struct moment *m = argument;
    const size_t n = m->samples->features;
    const bool bytes = m->samples->element == HG_U8;
    const size_t end = hg_cpu_share(m->samples->count, m->block, thread + 1, m->threads);
    for (size_t first = hg_cpu_share(m->samples->count, m->block, thread, m->threads); first < end; first += m->block) {
        const size_t count = end - first < m->block ? end - first : m->block;
        if (bytes)
            add_bytes(m, thread, first, count);
        else
            add_floats(m, thread, first, count);
    }
    hg_team_barrier(m->team);

    const double scale = (bytes ? 255.0 * 255.0 : 1.0) * (double)m->samples->count;
    double *c = m->sums[0];
    const size_t last = hg_cpu_share(n, 1, thread + 1, m->threads);
    for (size_t i = hg_cpu_share(n, 1, thread, m->threads); i < last; ++i) {
        for (size_t j = i; j < n; ++j) {
            double sum = c[i * n + j];
            for (int other = 1; other < m->threads; ++other)
                sum += m->sums[other][i * n + j];
            c[i * n + j] = c[j * n + i] = sum / scale;
        }
    }
}

/* What the threads need beside the result. The caller frees it, also where this fails halfway. */
static enum hg_status create_workspace(struct moment *m, double *c)
{
    const size_t n = m->samples->features;
    const bool bytes = m->samples->element == HG_U8;
    static const char what[] = "the second moment on a thread";
    HG_TRY(hg_allocate(&m->sums, (size_t)m->threads, what));
    HG_TRY(hg_allocate(&m->rows, (size_t)m->threads, what));
    HG_TRY(hg_allocate(&m->product, (size_t)m->threads, what));
    m->sums[0] = c;
    for (int i = 0; i < m->threads; ++i) {
        if (i > 0)
            HG_TRY(hg_allocate(&m->sums[i], n * n, what));
        HG_TRY(hg_allocate_bytes(&m->rows[i], m->block, n * (bytes ? sizeof(float) : sizeof(double)), what));
        if (bytes)
            HG_TRY(hg_allocate(&m->product[i], n * n, what));
    }
    return HG_OK;
}

static void free_workspace(struct moment *m)
{
    for (int i = 0; i < m->threads; ++i) {
        if (m->product)
            free(m->product[i]);
        if (m->rows)
            free(m->rows[i]);
        if (m->sums && i > 0)
            free(m->sums[i]);
    }
    free(m->product);
    free(m->rows);
    free(m->sums);
}

enum hg_status hg_cpu_second_moment(const struct hg_samples *samples, int threads, double *c, double *square_sum)
{
    const size_t n = samples->features;
    if (!hg_blas_fits(n, n) || n > SIZE_MAX / n / sizeof(double))
        return hg_fail(HG_USAGE, "%zu features are too many for their second moment", n);
    const size_t block = samples->element == HG_U8 ? BYTE_ROWS : FLOAT_ROWS;
    const size_t blocks = (samples->count + block - 1) / block;
    struct moment m = {.samples = samples, .block = block, .threads = threads > 0 ? threads : hg_threads_default()};
    if ((size_t)m.threads > blocks)
        m.threads = (int)blocks;
    memset(c, 0, n * n * sizeof *c);
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(create_workspace(&m, c));
    HG_TRY_OR_CLEANUP(hg_team_create(&m.team, m.threads));
    hg_blas_single_thread();
    hg_team_run(m.team, moment_thread, &m);
    double trace = 0;
    for (size_t i = 0; i < n; ++i)
        trace += c[i * n + i];
    *square_sum = trace * (double)samples->count;
cleanup:
    hg_team_free(m.team);
    free_workspace(&m);
    return status;
}

enum hg_status hg_cpu_second_moment_loss(const double *c, size_t features, const double *w, size_t latent, double *loss)
{
    const size_t m = latent, n = features;
    double *a = NULL, *s = NULL, *g = NULL; /* a = W C */
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&a, m, n * sizeof *a, "the loss by the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&s, m, m * sizeof *s, "the loss by the second moment"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&g, m, m * sizeof *g, "the loss by the second moment"));
    hg_blas_single_thread();
    hg_blas_dgemm(m, n, n, 1, w, n, HG_N, c, n, HG_N, 0, a, n);
    hg_blas_dgemm(m, m, n, 1, a, n, HG_N, w, n, HG_T, 0, s, m);
    hg_blas_dgemm(m, m, n, 1, w, n, HG_N, w, n, HG_T, 0, g, m);
    double sum = 0;
    for (size_t i = 0; i < m * m; ++i)
        sum += g[i] * s[i] / 2;
    for (size_t i = 0; i < m; ++i)
        sum -= s[i * m + i];
    for (size_t i = 0; i < n; ++i)
        sum += c[i * n + i] / 2;
    *loss = sum;
cleanup:
    free(g);
    free(s);
    free(a);
    return status;
}
