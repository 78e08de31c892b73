#include "tests/kernels/cpu/step_definition.h"

#include <math.h>
#include <stdlib.h>

#include "tests/support/check.h"

static void *zeros(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    assert_non_null(memory);
    return memory;
}

static uint32_t random_state;

static double random_unit(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) / 16777216.0;
}

size_t step_steps_per_epoch(const struct step_setting *s)
{
    return (s->spec.samples + s->spec.batch - 1) / s->spec.batch;
}

void step_problem_create(struct step_problem *p, const struct step_setting *s)
{
    const bool mlp = s->spec.kind == HG_NETWORK_MLP;
    const size_t sizes[] = {s->spec.hidden * s->spec.features, s->spec.hidden, s->spec.classes * s->spec.hidden,
                            s->spec.classes};
    *p = (struct step_problem){
        .set = s, .spec = &s->spec, .tensors = mlp ? 4 : 1, .outputs = hg_network_outputs(&s->spec)};
    memcpy(p->sizes, sizes, sizeof sizes);
    random_state = 1;
    const size_t count = s->spec.samples * s->spec.features;
    p->values = zeros(count, 1);
    p->labels = zeros(s->spec.samples, 1);
    p->x = zeros(count, sizeof *p->x);
    for (size_t i = 0; i < count; ++i) {
        if (random_unit() < 0.25)
            p->values[i] = (uint8_t)(1 + 255 * random_unit());
        p->x[i] = p->values[i] / 255.0;
    }
    for (size_t i = 0; mlp && i < s->spec.samples; ++i)
        p->labels[i] = (uint8_t)((double)s->spec.classes * random_unit());
    p->order = zeros(s->spec.samples, sizeof *p->order);
    for (size_t i = 0; i < s->spec.samples; ++i) {
        const size_t j = (size_t)((double)(i + 1) * random_unit());
        p->order[i] = p->order[j];
        p->order[j] = (uint32_t)i;
    }
    p->rates = zeros(s->steps, sizeof *p->rates);
    for (size_t k = 0; k < s->steps; ++k) /* chosen so that every setting converges: chaos would hide errors */
        p->rates[k] =
            (float)((mlp ? 0.1 : 0.02) * (s->spec.momentum > 0 ? 0.2 : 1) * (1 - 0.5 * (double)k / (double)s->steps));
    for (size_t t = 0; t < p->tensors; ++t) {
        p->start[t] = zeros(p->sizes[t], sizeof(double));
        const double spread = t == 2 ? 1 / sqrt((double)s->spec.hidden) : 1 / sqrt((double)s->spec.features);
        for (size_t i = 0; i < p->sizes[t]; ++i)
            p->start[t][i] = (double)(float)(spread * (2 * random_unit() - 1));
    }
}

void step_problem_free(struct step_problem *p)
{
    for (size_t t = 0; t < p->tensors; ++t)
        free(p->start[t]);
    free(p->rates);
    free(p->order);
    free(p->x);
    free(p->labels);
    free(p->values);
}

/* ---- the definition, in double ---- */

/* One sample of the MLP: adds its gradient to g (NULL: none is wanted); gives its loss, and its logits. */
static double mlp_sample(const struct step_problem *p, double *const w[], const double *x, size_t label,
                         double *const g[], double *logits, bool *correct)
{
    const size_t D = p->spec->features, H = p->spec->hidden, C = p->spec->classes;
    double *h = zeros(H, sizeof *h), *slope = zeros(H, sizeof *slope), *dz = zeros(C, sizeof *dz);
    for (size_t j = 0; j < H; ++j) {
        double z = w[1][j];
        for (size_t d = 0; d < D; ++d)
            z += w[0][j * D + d] * x[d];
        const double s = 1 / (1 + exp(-z));
        h[j] = z * s;
        slope[j] = s + z * s * (1 - s);
    }
    double most = -INFINITY, sum = 0;
    size_t best = 0;
    for (size_t c = 0; c < C; ++c) {
        logits[c] = w[3][c];
        for (size_t j = 0; j < H; ++j)
            logits[c] += w[2][c * H + j] * h[j];
        if (logits[c] > most) {
            most = logits[c];
            best = c;
        }
    }
    for (size_t c = 0; c < C; ++c)
        sum += exp(logits[c] - most);
    *correct = best == label;
    for (size_t c = 0; g && c < C; ++c) {
        dz[c] = exp(logits[c] - most) / sum - (c == label);
        g[3][c] += dz[c];
        for (size_t j = 0; j < H; ++j)
            g[2][c * H + j] += dz[c] * h[j];
    }
    for (size_t j = 0; g && j < H; ++j) {
        double dh = 0;
        for (size_t c = 0; c < C; ++c)
            dh += w[2][c * H + j] * dz[c];
        g[1][j] += dh * slope[j];
        for (size_t d = 0; d < D; ++d)
            g[0][j * D + d] += dh * slope[j] * x[d];
    }
    const double loss = log(sum) + most - logits[label];
    free(dz);
    free(slope);
    free(h);
    return loss;
}

/* One sample of the autoencoder, with residuals: r = W^T z - x; encoder path (W r) x^T, decoder path z r^T. */
static double tied_sample(const struct step_problem *p, const double *w, const double *x, double *g, double *z)
{
    const size_t D = p->spec->features, m = p->spec->hidden;
    double *r = zeros(D, sizeof *r), loss = 0;
    for (size_t i = 0; i < m; ++i) {
        z[i] = 0;
        for (size_t d = 0; d < D; ++d)
            z[i] += w[i * D + d] * x[d];
    }
    for (size_t d = 0; d < D; ++d) {
        r[d] = -x[d];
        for (size_t i = 0; i < m; ++i)
            r[d] += w[i * D + d] * z[i];
        loss += r[d] * r[d] / 2;
    }
    for (size_t i = 0; g && i < m; ++i) {
        double wr = 0;
        for (size_t d = 0; d < D; ++d)
            wr += w[i * D + d] * r[d];
        for (size_t d = 0; d < D; ++d)
            g[i * D + d] += (double)p->spec->encoder * wr * x[d] + (double)p->spec->decoder * z[i] * r[d];
    }
    free(r);
    return loss;
}

static void add_sample(const struct step_problem *p, double *const w[], size_t sample, double *const g[],
                       double *outputs, struct hg_totals *totals)
{
    const double *x = p->x + sample * p->spec->features;
    bool correct = false;
    totals->loss += p->spec->kind == HG_NETWORK_MLP ? mlp_sample(p, w, x, p->labels[sample], g, outputs, &correct)
                                                    : tied_sample(p, w[0], x, g ? g[0] : NULL, outputs);
    totals->correct += correct;
    ++totals->samples;
}

void step_run_definition(const struct step_problem *p, struct hg_network_state *r)
{
    const struct step_setting *s = p->set;
    double *g[HG_MAX_TENSORS], *outputs = zeros(p->outputs, sizeof *outputs);
    for (size_t t = 0; t < HG_MAX_TENSORS; ++t)
        g[t] = zeros(p->sizes[t] + 1, sizeof(double)); /* of every tensor, used or not, and never of no size */
    for (size_t t = 0; t < p->tensors; ++t)
        memcpy(r->tensors[HG_PARAMETER][t], p->start[t], p->sizes[t] * sizeof(double));
    for (size_t k = 0; k < s->steps; ++k) {
        const size_t first = k % step_steps_per_epoch(s) * s->spec.batch;
        const size_t rows = s->spec.samples - first < s->spec.batch ? s->spec.samples - first : s->spec.batch;
        for (size_t t = 0; t < p->tensors; ++t)
            memset(g[t], 0, p->sizes[t] * sizeof(double));
        for (size_t b = 0; b < rows; ++b)
            add_sample(p, r->tensors[HG_PARAMETER], p->order[first + b], g, outputs, &r->trained);
        const double lr = (double)p->rates[k], mu = (double)s->spec.momentum;
        for (size_t t = 0; t < p->tensors; ++t) {
            const double scale = t == 0 && s->spec.input_scale > 0 ? (double)s->spec.input_scale : 1;
            double *w = r->tensors[HG_PARAMETER][t], *v = r->tensors[HG_VELOCITY][t];
            for (size_t i = 0; i < p->sizes[t]; ++i) {
                const double d = scale * scale * g[t][i] / (double)rows + (double)s->spec.weight_decay * w[i];
                v[i] = mu * v[i] + d;
                w[i] -= lr * (s->spec.nesterov ? d + mu * v[i] : v[i]);
            }
        }
    }
    for (size_t b = 0; b < s->spec.samples; ++b) {
        add_sample(p, r->tensors[HG_PARAMETER], b, NULL, outputs, &r->evaluated);
        for (size_t i = 0; b > 0 && i < p->outputs; ++i)
            r->outputs[(b - 1) * p->outputs + i] = (float)outputs[i];
    }
    for (size_t t = 0; t < HG_MAX_TENSORS; ++t)
        free(g[t]);
    free(outputs);
}
