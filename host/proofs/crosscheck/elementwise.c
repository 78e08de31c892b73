/* bias_swish, swish_backward, sgd_update: their limits are the roundings that the arithmetic of each needs
 * (docs/NUMERICS.md). */
#include <math.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/parts.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const size_t sizes[][2] = {{1, 1}, {1, 10}, {3, 37}, {7, 255}, {2, 256}, {5, 257}, {33, 64}, {128, 256}};

/* ---- bias_swish ---- */

/* Both signs of zero, the root of the derivative, values for which exp in the textbook forms underflows or overflows,
 * and almost the largest floats. */
static const double edges[] = {0.0,  -0.0,  1e-30, -1.2784645, 20.0,   -20.0, 88.7,
                               89.5, -88.7, 104.0, -104.0,     -150.0, 3e38,  -3e38};

/* Added to the scale, so that results below 2^-120 need not be right: fast exponentials end at the smallest normal
 * float, and no sum is affected by such numbers. */
static const double UNDERFLOW_SCALE = 0x1p-96;

/* Each term has four roundings; and the rounding of z + bias changes the result in proportion to its derivative. */
static void swish_scales(size_t n, size_t cols, const double *z, const double *bias, double *h, double *slope)
{
    for (size_t i = 0; i < n; ++i) {
        const double a = z[i] + bias[i % cols], s = 1 / (1 + exp(-a));
        const double first = s + a * s * (1 - s);
        const double second = s * (1 - s) * (2 + a * (1 - 2 * s));
        /* 1 - s is off by one rounding of s, or all of it where s rounds to 1. */
        const double complement = fmin(1, exp(-a) / HG_FLOAT_UNIT);
        h[i] = 4 * fabs(a * s) + fabs(a * first) + UNDERFLOW_SCALE;
        slope[i] = 4 * s + 4 * fabs(a) * s * complement + fabs(a * second) + UNDERFLOW_SCALE;
    }
}

struct swish_case {
    size_t rows, cols;
    const double *z, *bias;
    bool in_place, with_slope;
};

static void swish_case(struct hg_rig *rig, const struct swish_case *c, enum hg_rig_layout layout)
{
    const size_t n = c->rows * c->cols;
    double *h_scale = hg_rig_zeros(rig, n), *slope_scale = hg_rig_zeros(rig, n);
    if (rig->status == HG_OK) {
        hg_rig_case_begin(rig, layout, "%s", c->in_place ? "h in place of z" : "h apart");
        const struct hg_operand *z = c->in_place ? hg_rig_output(rig, "h", c->rows, c->cols, c->z)
                                                 : hg_rig_input(rig, "z", c->rows, c->cols, c->z);
        const struct hg_operand *bias = hg_rig_input(rig, "bias", 1, c->cols, c->bias);
        const struct hg_operand *h = c->in_place ? z : hg_rig_output(rig, "h", c->rows, c->cols, NULL);
        const struct hg_operand *slope = c->with_slope ? hg_rig_output(rig, "slope", c->rows, c->cols, NULL) : NULL;
        HG_BOTH_SIDES(rig, side)
        {
            hg_rig_note(rig, HG_OPS(rig, side)->bias_swish(rig->ctx[side], hg_in(z->m[side]), hg_in(bias->m[side]),
                                                           h->m[side], slope ? slope->m[side] : (struct hg_matrix){0}));
        }
        swish_scales(n, c->cols, c->z, c->bias, h_scale, slope_scale);
        hg_rig_compare(rig, 0, h, h_scale);
        if (slope)
            hg_rig_compare(rig, 1, slope, slope_scale);
        hg_rig_case_end(rig);
    }
    free(slope_scale);
    free(h_scale);
}

static void swish_cases(struct hg_rig *rig, size_t rows, size_t cols, const double *z, const double *bias)
{
    for (size_t layout = 0; layout < HG_LAYOUTS; ++layout)
        for (size_t form = 0; form < 4; ++form) {
            const struct swish_case c = {rows, cols, z, bias, form & 1, !(form & 2)};
            swish_case(rig, &c, (enum hg_rig_layout)layout);
        }
    hg_rig_rows_end(rig);
}

static void check_swish(struct hg_rig *rig)
{
    /* The edges have bias 0, so that they are met exactly; a last column has another bias. */
    double z[COUNT(edges) + 1] = {0}, bias[COUNT(edges) + 1] = {0};
    for (size_t i = 0; i < COUNT(edges); ++i)
        z[i] = (double)(float)edges[i];
    bias[COUNT(edges)] = 0.5;
    hg_rig_row_begin(rig, "bias_swish h", HG_FLOAT_UNIT, "edges");
    hg_rig_row_begin(rig, "bias_swish slope", HG_FLOAT_UNIT, "edges");
    swish_cases(rig, 1, COUNT(z), z, bias);

    for (size_t i = 0; i < COUNT(sizes); ++i) {
        const size_t rows = sizes[i][0], cols = sizes[i][1];
        hg_rig_row_begin(rig, "bias_swish h", HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        hg_rig_row_begin(rig, "bias_swish slope", HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        double *normal = hg_rig_normal(rig, rows * cols, 4), *shift = hg_rig_normal(rig, cols, 1);
        swish_cases(rig, rows, cols, normal, shift);
        free(shift);
        free(normal);
    }
}

/* ---- swish_backward ---- */

static void backward_case(struct hg_rig *rig, size_t rows, size_t cols, enum hg_rig_layout layout, bool in_place,
                          enum hg_scalar alpha, enum hg_scalar beta)
{
    const size_t n = rows * cols;
    double *slope = hg_rig_normal(rig, n, 1), *dh = hg_rig_normal(rig, n, 1), *db = hg_rig_normal(rig, cols, 1);
    double *dz_scale = hg_rig_zeros(rig, n), *db_scale = hg_rig_zeros(rig, cols);
    if (rig->status == HG_OK) {
        hg_rig_case_begin(rig, layout, "%s, beta %s", in_place ? "dz in place of dh" : "dz apart",
                          beta == HG_ZERO ? "0" : "1");
        const struct hg_operand *slopes = hg_rig_input(rig, "slope", rows, cols, slope);
        const struct hg_operand *dhs =
            in_place ? hg_rig_output(rig, "dz", rows, cols, dh) : hg_rig_input(rig, "dh", rows, cols, dh);
        const struct hg_operand *dz = in_place ? dhs : hg_rig_output(rig, "dz", rows, cols, NULL);
        const struct hg_operand *bias = hg_rig_output(rig, "db", 1, cols, beta == HG_ZERO ? NULL : db);
        HG_BOTH_SIDES(rig, side)
        {
            hg_rig_note(rig,
                        HG_OPS(rig, side)->swish_backward(rig->ctx[side], hg_in(slopes->m[side]), hg_in(dhs->m[side]),
                                                          dz->m[side], alpha, beta, bias->m[side]));
        }
        for (size_t j = 0; j < cols; ++j)
            db_scale[j] = fabs(rig->scalars[beta] * db[j]);
        for (size_t i = 0; i < n; ++i) {
            dz_scale[i] = fabs(slope[i] * dh[i]);
            db_scale[i % cols] += fabs(rig->scalars[alpha]) * dz_scale[i];
        }
        hg_rig_compare(rig, 0, dz, dz_scale);
        hg_rig_compare(rig, 1, bias, db_scale);
        hg_rig_case_end(rig);
    }
    free(db_scale);
    free(dz_scale);
    free(db);
    free(dh);
    free(slope);
}

static void check_backward(struct hg_rig *rig)
{
    hg_rig_set_scalars(rig, 7, 0.1f);
    for (size_t i = 0; i < COUNT(sizes); ++i) {
        const size_t rows = sizes[i][0], cols = sizes[i][1];
        hg_rig_row_begin(rig, "swish_backward dz", HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        hg_rig_row_begin(rig, "swish_backward db", (double)(rows + 5) * HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        for (size_t layout = 0; layout < HG_LAYOUTS; ++layout)
            for (size_t form = 0; form < 4; ++form)
                backward_case(rig, rows, cols, (enum hg_rig_layout)layout, form & 1, form & 2 ? HG_MEAN : HG_DESCENT,
                              form & 2 ? HG_ZERO : HG_ONE);
        hg_rig_rows_end(rig);
    }
}

/* ---- sgd_update ---- */

struct sgd_form {
    const char *name;
    float gain, momentum, weight_decay;
    bool nesterov;
};

static const struct sgd_form forms[] = {{"plain", 1, 0, 0, false},
                                        {"decay", 1, 0, 0.01f, false},
                                        {"momentum", 1, 0.9f, 0, false},
                                        {"momentum, decay", 1, 0.9f, 0.01f, false},
                                        {"nesterov", 1, 0.9f, 0, true},
                                        {"nesterov, decay", 1, 0.9f, 0.01f, true},
                                        {"gain, decay", 16, 0, 0.01f, false},
                                        {"gain, nesterov", 0.25f, 0.9f, 0, true}};

/* v has four roundings, the change of w three more, and adding it to w one. */
static void sgd_scales(const struct sgd_form *form, double rate, size_t n, const double *w, const double *g,
                       const double *v, double *w_scale, double *v_scale)
{
    const double momentum = (double)form->momentum, decay = (double)form->weight_decay;
    for (size_t i = 0; i < n; ++i) {
        const double d = (double)form->gain * fabs(g[i]) + decay * fabs(w[i]);
        v_scale[i] = momentum * fabs(v[i]) + d;
        const double change = form->nesterov ? d + momentum * v_scale[i] : v_scale[i];
        w_scale[i] = fabs(w[i]) + 8 * rate * change;
    }
}

static void sgd_case(struct hg_rig *rig, size_t rows, size_t cols, enum hg_rig_layout layout,
                     const struct sgd_form *form)
{
    const size_t n = rows * cols;
    double *w = hg_rig_normal(rig, n, 1), *g = hg_rig_normal(rig, n, 1), *v = hg_rig_normal(rig, n, 1);
    double *w_scale = hg_rig_zeros(rig, n), *v_scale = hg_rig_zeros(rig, n);
    if (rig->status == HG_OK) {
        hg_rig_case_begin(rig, layout, "%s", form->name);
        const struct hg_operand *ws = hg_rig_output(rig, "w", rows, cols, w);
        const struct hg_operand *gs = hg_rig_input(rig, "g", rows, cols, g);
        const struct hg_operand *vs = form->momentum > 0 ? hg_rig_output(rig, "v", rows, cols, v) : NULL;
        HG_BOTH_SIDES(rig, side)
        {
            hg_rig_note(rig, HG_OPS(rig, side)->sgd_update(rig->ctx[side], ws->m[side], hg_in(gs->m[side]),
                                                           vs ? vs->m[side] : (struct hg_matrix){0}, form->gain,
                                                           form->momentum, form->weight_decay, form->nesterov));
        }
        sgd_scales(form, rig->scalars[HG_RATE], n, w, g, v, w_scale, v_scale);
        hg_rig_compare(rig, 0, ws, w_scale);
        if (vs)
            hg_rig_compare(rig, 1, vs, v_scale);
        hg_rig_case_end(rig);
    }
    free(v_scale);
    free(w_scale);
    free(v);
    free(g);
    free(w);
}

static void check_sgd(struct hg_rig *rig)
{
    hg_rig_set_scalars(rig, 7, 0.1f);
    for (size_t i = 0; i < COUNT(sizes); ++i) {
        const size_t rows = sizes[i][0], cols = sizes[i][1];
        hg_rig_row_begin(rig, "sgd_update w", HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        hg_rig_row_begin(rig, "sgd_update v", 4 * HG_FLOAT_UNIT, "%zux%zu", rows, cols);
        for (size_t layout = 0; layout < HG_LAYOUTS; ++layout)
            for (size_t f = 0; f < COUNT(forms); ++f)
                sgd_case(rig, rows, cols, (enum hg_rig_layout)layout, &forms[f]);
        hg_rig_rows_end(rig);
    }
}

void hg_crosscheck_elementwise(struct hg_rig *rig)
{
    check_swish(rig);
    check_backward(rig);
    check_sgd(rig);
}
