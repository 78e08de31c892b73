/* softmax_xent and autoencoder_terms: outputs, and the totals that they add to. */
#include <math.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/parts.h"
#include "kernels/base/memory.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Added to the scale, so that parts of a result below 2^-120 may underflow. */
static const double UNDERFLOW_SCALE = 0x1p-96;

/* ---- softmax_xent ---- */

/* TIES: small integers, so that rows have several largest logits. EXTREMES: exponentials of 10^4 in the textbook form.
 */
enum logits { LOGITS_NORMAL, LOGITS_TIES, LOGITS_EXTREMES, LOGITS_KINDS };

/* DESCENT: plain SGD, db is the bias itself. GRADIENT: db is another vector. EVALUATION: the totals alone. */
enum xent_form { XENT_DESCENT, XENT_GRADIENT, XENT_EVALUATION, XENT_FORMS };
static const char *const form_names[XENT_FORMS] = {"db in place of bias", "db apart", "evaluation"};

struct xent_case {
    size_t rows, cols;
    double *z, *bias, *db;
    uint8_t *labels;
    double *dz_scale, *db_scale;
    double loss_scale;
};

static void xent_fill(struct hg_rig *rig, struct xent_case *c, enum logits kind)
{
    static const double extremes[] = {1e4, -1e4, 88.9, -88.9, 104, -104, 0.5, -3};
    for (size_t i = 0; kind == LOGITS_EXTREMES && i < c->rows * c->cols; ++i)
        c->z[i] = (double)(float)extremes[hg_random_below(&rig->random, COUNT(extremes))];
    for (size_t i = 0; i < c->rows; ++i)
        c->labels[i] = (uint8_t)hg_random_below(&rig->random, (uint32_t)c->cols);
}

/* p = softmax(a), in units of one rounding: those of a and of a - max change the exponent by 4 max|a|, the exponential
 * and the quotient add 6, and the sum at most one for each class. */
static void xent_scales(const struct hg_rig *rig, struct xent_case *c, enum hg_scalar alpha, enum hg_scalar beta)
{
    const size_t cols = c->cols;
    c->loss_scale = 0;
    for (size_t j = 0; j < cols; ++j)
        c->db_scale[j] = 4 * fabs(rig->scalars[beta] * (c->db ? c->db[j] : c->bias[j]));
    for (size_t b = 0; b < c->rows; ++b) {
        const double *z = c->z + b * cols;
        double largest = -INFINITY, magnitude = 0, sum = 0;
        for (size_t j = 0; j < cols; ++j) {
            largest = fmax(largest, z[j] + c->bias[j]);
            magnitude = fmax(magnitude, fabs(z[j]) + fabs(c->bias[j]));
        }
        for (size_t j = 0; j < cols; ++j)
            sum += exp(z[j] + c->bias[j] - largest);
        const double units = 6 + 4 * magnitude + (double)cols;
        for (size_t j = 0; j < cols; ++j) {
            const double p = exp(z[j] + c->bias[j] - largest) / sum;
            const double dz = fabs(p - (j == c->labels[b] ? 1 : 0));
            c->dz_scale[b * cols + j] = units * p + dz + UNDERFLOW_SCALE;
            c->db_scale[j] += fabs(rig->scalars[alpha]) * ((double)(c->rows + 4) * dz + c->dz_scale[b * cols + j]);
        }
        const size_t label = c->labels[b];
        c->loss_scale += units + log(sum) + largest - z[label] - c->bias[label];
    }
}

static void xent_run(struct hg_rig *rig, struct xent_case *c, enum hg_rig_layout layout, enum xent_form form,
                     bool in_place)
{
    const enum hg_scalar alpha = form == XENT_DESCENT ? HG_DESCENT : HG_MEAN;
    const enum hg_scalar beta = form == XENT_DESCENT ? HG_ONE : HG_ZERO;
    const bool evaluation = form == XENT_EVALUATION;
    const struct hg_matrix none = {0};

    hg_rig_case_begin(rig, layout, "%s, %s", form_names[form], in_place ? "dz in place of z" : "dz apart");
    const struct hg_operand *z = in_place && !evaluation ? hg_rig_output(rig, "dz", c->rows, c->cols, c->z)
                                                         : hg_rig_input(rig, "z", c->rows, c->cols, c->z);
    const struct hg_operand *bias = form == XENT_DESCENT ? hg_rig_output(rig, "db", 1, c->cols, c->bias)
                                                         : hg_rig_input(rig, "bias", 1, c->cols, c->bias);
    const struct hg_operand *labels = hg_rig_labels(rig, c->rows, c->labels);
    const struct hg_operand *dz = in_place || evaluation ? z : hg_rig_output(rig, "dz", c->rows, c->cols, NULL);
    const struct hg_operand *db = form == XENT_GRADIENT ? hg_rig_output(rig, "db", 1, c->cols, NULL) : bias;
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig,
                    HG_OPS(rig, side)->softmax_xent(rig->ctx[side], hg_in(z->m[side]), hg_in(bias->m[side]),
                                                    hg_labels_in(labels->labels[side]), evaluation ? none : dz->m[side],
                                                    alpha, beta, evaluation ? none : db->m[side]));
    }
    xent_scales(rig, c, alpha, beta);
    hg_rig_compare_totals(rig, 0, c->loss_scale);
    if (!evaluation) {
        hg_rig_compare(rig, 1, dz, c->dz_scale);
        hg_rig_compare(rig, 2, db, c->db_scale);
    }
    hg_rig_case_end(rig);
}

static void xent_size(struct hg_rig *rig, size_t rows, size_t cols)
{
    static const char *const claims[] = {"softmax_xent totals", "softmax_xent dz", "softmax_xent db"};
    for (size_t i = 0; i < COUNT(claims); ++i)
        hg_rig_row_begin(rig, claims[i], HG_FLOAT_UNIT, "%zux%zu", rows, cols);
    for (size_t kind = 0; kind < LOGITS_KINDS; ++kind) {
        const bool ties = kind == LOGITS_TIES;
        struct xent_case c = {
            .rows = rows,
            .cols = cols,
            .z = ties ? hg_rig_integers(rig, rows * cols, 2) : hg_rig_normal(rig, rows * cols, 3),
            .bias = ties ? hg_rig_integers(rig, cols, 1) : hg_rig_normal(rig, cols, 1),
            .dz_scale = hg_rig_zeros(rig, rows * cols),
            .db_scale = hg_rig_zeros(rig, cols),
        };
        hg_rig_note(rig, hg_allocate(&c.labels, rows, "labels"));
        if (rig->status == HG_OK)
            xent_fill(rig, &c, (enum logits)kind);
        for (size_t layout = 0; rig->status == HG_OK && layout < HG_LAYOUTS; ++layout)
            for (size_t form = 0; form < XENT_FORMS; ++form)
                for (size_t in_place = 0; in_place < 2; ++in_place)
                    xent_run(rig, &c, (enum hg_rig_layout)layout, (enum xent_form)form, in_place);
        free(c.db_scale);
        free(c.dz_scale);
        free(c.labels);
        free(c.bias);
        free(c.z);
    }
    hg_rig_rows_end(rig);
}

/* ---- autoencoder_terms ---- */

struct paths {
    float encoder, decoder;
};
static const struct paths paths[] = {{1, 1}, {2, 0}, {0, 2}};

struct terms_case {
    size_t m, rows; /* latent size; samples, whose squares are given */
    double *g, *s, *squares, *p_scale;
};

static void terms_run(struct hg_rig *rig, struct terms_case *c, enum hg_rig_layout layout, struct paths path,
                      bool evaluation)
{
    const size_t m = c->m;
    hg_rig_case_begin(rig, layout, "paths (%g, %g)%s", (double)path.encoder, (double)path.decoder,
                      evaluation ? ", evaluation" : "");
    const struct hg_operand *g = hg_rig_input(rig, "g", m, m, c->g), *s = hg_rig_input(rig, "s", m, m, c->s);
    const struct hg_operand *squares = hg_rig_input(rig, "squares", 1, c->rows, c->squares);
    const struct hg_operand *p = evaluation ? NULL : hg_rig_output(rig, "p", m, 2 * m, NULL);
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, HG_OPS(rig, side)->autoencoder_terms(
                             rig->ctx[side], c->rows, path.encoder, path.decoder, hg_in(g->m[side]), hg_in(s->m[side]),
                             hg_in(squares->m[side]), p ? p->m[side] : (struct hg_matrix){0}));
    }
    double loss_scale = 0;
    for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < m; ++j) {
            const double g_ij = fabs(c->g[i * m + j]), s_ij = fabs(c->s[i * m + j]);
            const double diagonal = i == j ? (double)(path.encoder + path.decoder) : 0;
            c->p_scale[i * 2 * m + j] = (double)path.decoder * s_ij;
            c->p_scale[i * 2 * m + m + j] = 2 * ((double)path.encoder * g_ij + diagonal);
            loss_scale += (double)c->rows * (g_ij * fabs(c->s[j * m + i]) / 2 + (i == j ? s_ij : 0));
        }
    for (size_t k = 0; k < c->rows; ++k)
        loss_scale += c->squares[k] / 2;
    hg_rig_compare_totals(rig, 0, loss_scale);
    if (p)
        hg_rig_compare(rig, 1, p, c->p_scale);
    hg_rig_case_end(rig);
}

static void make_symmetric(size_t m, double *a)
{
    for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < i; ++j)
            a[i * m + j] = a[j * m + i];
}

static void terms_size(struct hg_rig *rig, size_t m, size_t rows)
{
    hg_rig_row_begin(rig, "autoencoder_terms loss", HG_FLOAT_UNIT, "m=%zu, %zu samples", m, rows);
    hg_rig_row_begin(rig, "autoencoder_terms p", HG_FLOAT_UNIT, "m=%zu, %zu samples", m, rows);
    struct terms_case c = {m,
                           rows,
                           hg_rig_normal(rig, m * m, 1),
                           hg_rig_normal(rig, m * m, 1),
                           hg_rig_normal(rig, rows, 10),
                           hg_rig_zeros(rig, 2 * m * m)};
    for (size_t k = 0; rig->status == HG_OK && k < rows; ++k)
        c.squares[k] = fabs(c.squares[k]);
    if (rig->status == HG_OK) {
        make_symmetric(m, c.g);
        make_symmetric(m, c.s);
    }
    for (size_t layout = 0; rig->status == HG_OK && layout < HG_LAYOUTS; ++layout)
        for (size_t i = 0; i < COUNT(paths); ++i)
            for (size_t evaluation = 0; evaluation < 2; ++evaluation)
                terms_run(rig, &c, (enum hg_rig_layout)layout, paths[i], evaluation);
    free(c.p_scale);
    free(c.squares);
    free(c.s);
    free(c.g);
    hg_rig_rows_end(rig);
}

void hg_crosscheck_losses(struct hg_rig *rig)
{
    static const size_t xent_sizes[][2] = {{1, 1}, {1, 2}, {3, 10}, {7, 37}, {128, 10}, {53, 3}, {5, 256}};
    static const size_t terms_sizes[][2] = {{1, 1}, {3, 7}, {16, 128}, {37, 53}, {64, 128}};
    hg_rig_set_scalars(rig, 7, 0.1f);
    for (size_t i = 0; i < COUNT(xent_sizes); ++i)
        xent_size(rig, xent_sizes[i][0], xent_sizes[i][1]);
    for (size_t i = 0; i < COUNT(terms_sizes); ++i)
        terms_size(rig, terms_sizes[i][0], terms_sizes[i][1]);
}
