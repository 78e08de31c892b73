#include "kernels/cpu/ops/ops.h"

#include "kernels/cpu/ops/op_kernels.h"

/* Fewer elements than this, some microseconds' work, are not worth waking the other threads. */
enum { WORTH_A_THREAD = 8192 };

/* Slices of columns begin at cache lines, so that no line is written by two threads. */
enum { LINE_FLOATS = 16 };

struct division {
    void (*work)(void *argument, int thread, int threads);
    void *argument;
    int threads;
};

static void run_thread(void *argument, int thread)
{
    const struct division *d = argument;
    d->work(d->argument, thread, d->threads);
}

int hg_cpu_divide(struct hg_cpu *cpu, size_t elements, void (*work)(void *argument, int thread, int threads),
                  void *argument)
{
    struct division division = {work, argument, hg_team_size(cpu->team)};
    if (elements < WORTH_A_THREAD)
        division.threads = 1;
    if (division.threads == 1)
        work(argument, 0, 1);
    else
        hg_team_run(cpu->team, run_thread, &division);
    return division.threads;
}

static float *row(struct hg_matrix m, size_t r)
{
    return (float *)m.data + r * m.stride;
}

static const float *row_in(struct hg_const_matrix m, size_t r)
{
    return (const float *)m.data + r * m.stride;
}

/* Columns from `col` of the rows from `r` on. */
static struct hg_cpu_rows slice(struct hg_matrix m, size_t r, size_t col)
{
    return (struct hg_cpu_rows){m.data ? row(m, r) + col : NULL, m.stride};
}

static struct hg_cpu_const_rows slice_in(struct hg_const_matrix m, size_t r, size_t col)
{
    return (struct hg_cpu_const_rows){row_in(m, r) + col, m.stride};
}

static struct hg_cpu_sums sums_of(const struct hg_cpu *cpu, enum hg_scalar alpha, enum hg_scalar beta,
                                  struct hg_matrix db, size_t col)
{
    return (struct hg_cpu_sums){hg_cpu_scalar(cpu, alpha), hg_cpu_scalar(cpu, beta), (float *)db.data + col};
}

/* ---- samples ---- */

struct gather {
    const struct hg_cpu_op_kernels *kernels;
    const struct hg_samples *samples;
    const uint32_t *order; /* NULL: consecutive samples from `first` on */
    size_t first;
    struct hg_matrix x;
    struct hg_labels labels;
    struct hg_matrix squares;
    size_t rows;
};

static void gather_rows(void *argument, int thread, int threads)
{
    const struct gather *g = argument;
    const struct hg_samples *samples = g->samples;
    const size_t features = samples->features;
    const size_t end = hg_cpu_share(g->rows, 1, thread + 1, threads);
    for (size_t b = hg_cpu_share(g->rows, 1, thread, threads); b < end; ++b) {
        const size_t index = g->order ? g->order[b] : g->first + b;
        float sum = 0;
        if (g->x.data && samples->element == HG_U8)
            sum = g->kernels->scale_bytes(features, (const uint8_t *)samples->values + index * features, row(g->x, b),
                                          g->squares.data != NULL);
        else if (g->x.data)
            sum = g->kernels->copy_floats(features, (const float *)samples->values + index * features, row(g->x, b),
                                          g->squares.data != NULL);
        if (g->labels.data)
            g->labels.data[b] = samples->labels[index];
        if (g->squares.data)
            ((float *)g->squares.data)[b] = sum;
    }
}

enum hg_status hg_cpu_next_batch(struct hg_context *ctx, const struct hg_data *data, size_t rows, struct hg_matrix x,
                                 struct hg_labels labels, struct hg_matrix squares)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    const uint32_t *order = hg_host_next_rows(&cpu->host, rows);
    struct gather gather = {cpu->ops, &data->samples, order, 0, x, labels, squares, rows};
    hg_cpu_divide(cpu, x.data ? rows * data->samples.features : rows, gather_rows, &gather);
    return HG_OK;
}

enum hg_status hg_cpu_load_rows(struct hg_context *ctx, const struct hg_data *data, size_t first, struct hg_matrix x,
                                struct hg_labels labels, struct hg_matrix squares)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    cpu->host.scalars[HG_MEAN] = 1 / (double)x.rows;
    struct gather gather = {cpu->ops, &data->samples, NULL, first, x, labels, squares, x.rows};
    hg_cpu_divide(cpu, x.data ? x.rows * data->samples.features : x.rows, gather_rows, &gather);
    return HG_OK;
}

/* ---- Swish ---- */

struct swish {
    const struct hg_cpu *cpu;
    struct hg_const_matrix z, bias;
    struct hg_matrix h, slope;
};

static void swish_rows(void *argument, int thread, int threads)
{
    const struct swish *s = argument;
    const size_t begin = hg_cpu_share(s->z.rows, 1, thread, threads);
    const size_t end = hg_cpu_share(s->z.rows, 1, thread + 1, threads);
    s->cpu->ops->bias_swish(end - begin, s->z.cols, slice_in(s->z, begin, 0), s->bias.data, slice(s->h, begin, 0),
                            slice(s->slope, begin, 0));
}

enum hg_status hg_cpu_bias_swish(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                 struct hg_matrix h, struct hg_matrix slope)
{
    struct swish swish = {hg_cpu(ctx), z, bias, h, slope};
    hg_cpu_divide(hg_cpu(ctx), z.rows * z.cols, swish_rows, &swish);
    return HG_OK;
}

struct swish_back {
    const struct hg_cpu *cpu;
    struct hg_const_matrix slope, dh;
    struct hg_matrix dz, db;
    enum hg_scalar alpha, beta;
};

/* By columns: each thread sums its own columns over all rows, so the number of threads does not change the sums. */
static void swish_back_columns(void *argument, int thread, int threads)
{
    const struct swish_back *s = argument;
    const size_t begin = hg_cpu_share(s->dz.cols, LINE_FLOATS, thread, threads);
    const size_t end = hg_cpu_share(s->dz.cols, LINE_FLOATS, thread + 1, threads);
    s->cpu->ops->swish_backward(s->dz.rows, end - begin, slice_in(s->slope, 0, begin), slice_in(s->dh, 0, begin),
                                slice(s->dz, 0, begin), sums_of(s->cpu, s->alpha, s->beta, s->db, begin));
}

enum hg_status hg_cpu_swish_backward(struct hg_context *ctx, struct hg_const_matrix slope, struct hg_const_matrix dh,
                                     struct hg_matrix dz, enum hg_scalar alpha, enum hg_scalar beta,
                                     struct hg_matrix db)
{
    struct swish_back back = {hg_cpu(ctx), slope, dh, dz, db, alpha, beta};
    hg_cpu_divide(hg_cpu(ctx), dz.rows * dz.cols, swish_back_columns, &back);
    return HG_OK;
}

/* ---- softmax ---- */

struct softmax {
    struct hg_cpu *cpu;
    struct hg_const_matrix z, bias;
    struct hg_const_labels labels;
    struct hg_matrix dz;
};

static void softmax_rows(void *argument, int thread, int threads)
{
    const struct softmax *s = argument;
    const size_t begin = hg_cpu_share(s->z.rows, 1, thread, threads);
    const size_t end = hg_cpu_share(s->z.rows, 1, thread + 1, threads);
    uint64_t correct = 0;
    double *partial = s->cpu->partial + (size_t)thread * HG_CPU_LINE;
    partial[0] = s->cpu->ops->softmax_xent(end - begin, s->z.cols, slice_in(s->z, begin, 0), s->bias.data,
                                           s->labels.data + begin, slice(s->dz, begin, 0), &correct);
    partial[1] = (double)correct;
}

enum hg_status hg_cpu_softmax_xent(struct hg_context *ctx, struct hg_const_matrix z, struct hg_const_matrix bias,
                                   struct hg_const_labels labels, struct hg_matrix dz, enum hg_scalar alpha,
                                   enum hg_scalar beta, struct hg_matrix db)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    struct softmax softmax = {cpu, z, bias, labels, dz};
    const int threads = hg_cpu_divide(cpu, z.rows * z.cols, softmax_rows, &softmax);
    for (int thread = 0; thread < threads; ++thread) {
        cpu->host.totals.loss += cpu->partial[thread * HG_CPU_LINE];
        cpu->host.totals.correct += (uint64_t)cpu->partial[thread * HG_CPU_LINE + 1];
    }
    cpu->host.totals.samples += z.rows;
    if (dz.data) /* after all rows: db may be the bias that they read */
        cpu->ops->column_sums(dz.rows, dz.cols, slice_in(hg_in(dz), 0, 0), sums_of(cpu, alpha, beta, db, 0));
    return HG_OK;
}

/* ---- update ---- */

struct update {
    const struct hg_cpu_op_kernels *kernels;
    struct hg_const_matrix g;
    struct hg_matrix w, v;
    struct hg_cpu_sgd sgd;
};

static void update_rows(void *argument, int thread, int threads)
{
    const struct update *u = argument;
    const size_t end = hg_cpu_share(u->w.rows, 1, thread + 1, threads);
    for (size_t r = hg_cpu_share(u->w.rows, 1, thread, threads); r < end; ++r)
        u->kernels->sgd_update(u->w.cols, row(u->w, r), row_in(u->g, r), u->v.data ? row(u->v, r) : NULL, u->sgd);
}

enum hg_status hg_cpu_sgd_update(struct hg_context *ctx, struct hg_matrix w, struct hg_const_matrix g,
                                 struct hg_matrix v, float gain, float momentum, float weight_decay, bool nesterov)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    struct update update = {cpu->ops, g, w, v, {hg_cpu_scalar(cpu, HG_RATE), gain, momentum, weight_decay, nesterov}};
    hg_cpu_divide(cpu, w.rows * w.cols, update_rows, &update);
    return HG_OK;
}
