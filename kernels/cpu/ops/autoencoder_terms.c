/* The autoencoder's loss and the coefficients of its gradient: docs/MATH.md (A13), (A14). G and S are each read once.
 */
#include "kernels/cpu/ops/ops.h"

struct terms {
    struct hg_cpu *cpu;
    float encoder, decoder;
    struct hg_const_matrix g, s;
    struct hg_matrix p;
};

/* tr(GS) over a row, G symmetric. Eight independent sums, so that no addition waits for the one before. */
static double dot(const float *g, const float *s, size_t count)
{
    double sums[8] = {0};
    size_t j = 0;
    for (; j + 8 <= count; j += 8)
        for (size_t i = 0; i < 8; ++i)
            sums[i] += (double)g[j + i] * (double)s[j + i];
    for (; j < count; ++j)
        sums[0] += (double)g[j] * (double)s[j];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static void terms_rows(void *argument, int thread, int threads)
{
    const struct terms *t = argument;
    const size_t m = t->g.rows;
    double trace_gs = 0, trace_s = 0;
    const size_t end = hg_cpu_share(m, 1, thread + 1, threads);
    for (size_t i = hg_cpu_share(m, 1, thread, threads); i < end; ++i) {
        const float *g = (const float *)t->g.data + i * t->g.stride;
        const float *s = (const float *)t->s.data + i * t->s.stride;
        trace_gs += dot(g, s, m);
        trace_s += (double)s[i];
        if (!t->p.data)
            continue;
        float *p = (float *)t->p.data + i * t->p.stride;
        for (size_t j = 0; j < m; ++j) {
            p[j] = t->decoder * s[j];
            p[m + j] = t->encoder * g[j];
        }
        p[m + i] -= t->encoder + t->decoder;
    }
    t->cpu->partial[thread * HG_CPU_LINE] = trace_gs / 2 - trace_s;
}

enum hg_status hg_cpu_autoencoder_terms(struct hg_context *ctx, size_t samples, float encoder, float decoder,
                                        struct hg_const_matrix g, struct hg_const_matrix s,
                                        struct hg_const_matrix squares, struct hg_matrix p)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    struct terms terms = {cpu, encoder, decoder, g, s, p};
    const int threads = hg_cpu_divide(cpu, g.rows * g.cols, terms_rows, &terms);
    double traces = 0, square_sum = 0;
    for (int thread = 0; thread < threads; ++thread)
        traces += cpu->partial[thread * HG_CPU_LINE];
    for (size_t k = 0; k < squares.cols; ++k)
        square_sum += (double)((const float *)squares.data)[k];
    cpu->host.totals.loss += (double)samples * traces + square_sum / 2;
    cpu->host.totals.samples += samples;
    return HG_OK;
}
