/* C = X^T X / N on the team: each member sums its own blocks of rows, then the members' sums are added in their order.
 *
 * Bytes are multiplied as they are, in float, which is exact: a block's sums stay below 2^24 (BYTE_ROWS below), every
 * float holds such an integer, and doubles hold their total (below 2^53 for 10^11 rows). One division ends it. Floats
 * are converted and multiplied in double. */
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
    int members;
    /* Of each member: */
    double **sums;   /* [features][features], upper triangle; of member 0 the result itself */
    void **rows;     /* [block][features] in the type of the products */
    float **product; /* [features][features], bytes only */
    struct hg_team *team;
};

static void add_bytes(struct moment *m, int member, size_t first, size_t count)
{
    const size_t n = m->samples->features;
    const uint8_t *from = (const uint8_t *)m->samples->values + first * n;
    float *rows = m->rows[member];
    for (size_t i = 0; i < count * n; ++i)
        rows[i] = from[i];
    float *product = m->product[member];
    hg_blas_ssyrk(n, count, rows, 0, product);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = i; j < n; ++j)
            m->sums[member][i * n + j] += (double)product[i * n + j];
}

static void add_floats(struct moment *m, int member, size_t first, size_t count)
{
    const size_t n = m->samples->features;
    const float *from = (const float *)m->samples->values + first * n;
    double *rows = m->rows[member];
    for (size_t i = 0; i < count * n; ++i)
        rows[i] = (double)from[i];
    hg_blas_dsyrk(n, count, rows, 1, m->sums[member]);
}

static void moment_member(void *argument, int member)
{
    struct moment *m = argument;
    const size_t n = m->samples->features;
    const bool bytes = m->samples->element == HG_U8;
    const size_t end = hg_cpu_share(m->samples->count, m->block, member + 1, m->members);
    for (size_t first = hg_cpu_share(m->samples->count, m->block, member, m->members); first < end; first += m->block) {
        const size_t count = end - first < m->block ? end - first : m->block;
        if (bytes)
            add_bytes(m, member, first, count);
        else
            add_floats(m, member, first, count);
    }
    hg_team_barrier(m->team);

    const double scale = (bytes ? 255.0 * 255.0 : 1.0) * (double)m->samples->count;
    double *c = m->sums[0];
    const size_t last = hg_cpu_share(n, 1, member + 1, m->members);
    for (size_t i = hg_cpu_share(n, 1, member, m->members); i < last; ++i) {
        for (size_t j = i; j < n; ++j) {
            double sum = c[i * n + j];
            for (int other = 1; other < m->members; ++other)
                sum += m->sums[other][i * n + j];
            c[i * n + j] = c[j * n + i] = sum / scale;
        }
    }
}

/* Memory of the members beside the result; all of it is released by the caller, on failure too. */
static enum hg_status create_members(struct moment *m, double *c)
{
    const size_t n = m->samples->features;
    const bool bytes = m->samples->element == HG_U8;
    static const char what[] = "the second moment on a thread";
    HG_TRY(hg_allocate(&m->sums, (size_t)m->members, what));
    HG_TRY(hg_allocate(&m->rows, (size_t)m->members, what));
    HG_TRY(hg_allocate(&m->product, (size_t)m->members, what));
    m->sums[0] = c;
    for (int i = 0; i < m->members; ++i) {
        if (i > 0)
            HG_TRY(hg_allocate(&m->sums[i], n * n, what));
        HG_TRY(hg_allocate_bytes(&m->rows[i], m->block, n * (bytes ? sizeof(float) : sizeof(double)), what));
        if (bytes)
            HG_TRY(hg_allocate(&m->product[i], n * n, what));
    }
    return HG_OK;
}

static void free_members(struct moment *m)
{
    for (int i = 0; i < m->members; ++i) {
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
    int members = threads > 0 ? threads : hg_threads_default();
    if ((size_t)members > blocks)
        members = (int)blocks;
    struct moment m = {.samples = samples, .block = block, .members = members};
    memset(c, 0, n * n * sizeof *c);
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(create_members(&m, c));
    HG_TRY_OR_CLEANUP(hg_team_create(&m.team, members));
    hg_blas_single_thread();
    hg_team_run(m.team, moment_member, &m);
    double trace = 0;
    for (size_t i = 0; i < n; ++i)
        trace += c[i * n + i];
    *square_sum = trace * (double)samples->count;
cleanup:
    hg_team_free(m.team);
    free_members(&m);
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
