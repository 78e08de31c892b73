/* next_batch and load_rows: the samples, their labels and squares, and the factors of each step. Several epochs run
 * with different orders, batch sizes and rates, and each is staged while the one before it runs. */
#include <math.h>
#include <stdlib.h>

#include "host/proofs/crosscheck/parts.h"
#include "kernels/base/memory.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { SAMPLES = 61, EPOCHS = 3, MAX_STEPS = 8 };

struct dataset {
    const char *name;
    size_t features;
    struct hg_samples samples;
    struct hg_data *data[HG_SIDES];
};

struct plan {
    uint32_t order[SAMPLES];
    float rates[MAX_STEPS];
    struct hg_epoch epoch;
};

/* The claims, as check_dataset begins them. */
enum { CLAIM_X, CLAIM_SQUARES, CLAIM_FACTORS };

struct wanted {
    bool x, labels, squares;
};

static void compare_outputs(struct hg_rig *rig, size_t rows, size_t features, const struct hg_operand *x,
                            const struct hg_operand *labels, const struct hg_operand *squares)
{
    double *expected = hg_rig_zeros(rig, rows * features), *square_scale = hg_rig_zeros(rig, rows);
    if (rig->status == HG_OK && x) {
        hg_rig_read(rig, x, HG_EXPECTED, expected);
        for (size_t i = 0; i < rows * features; ++i) {
            square_scale[i / features] += expected[i] * expected[i];
            expected[i] = fabs(expected[i]);
        }
        hg_rig_compare(rig, CLAIM_X, x, expected); /* the scale of a value is itself */
    }
    if (labels)
        hg_rig_compare_labels(rig, CLAIM_X, labels);
    if (squares)
        hg_rig_compare(rig, CLAIM_SQUARES, squares, square_scale);
    free(square_scale);
    free(expected);
}

/* Reads each factor by using it as the alpha of a gemm that computes 1 * 1. */
static void compare_factors(struct hg_rig *rig, enum hg_scalar first)
{
    const double one = 1;
    hg_rig_case_begin(rig, HG_LAYOUT_ALIGNED, "factors");
    const struct hg_operand *a = hg_rig_input(rig, "one", 1, 1, &one), *b = hg_rig_input(rig, "one", 1, 1, &one);
    const double zeros[HG_SCALARS] = {0};
    const struct hg_operand *c = hg_rig_output(rig, "factors (0, 1, 1/B, -lr/B, lr)", 1, HG_SCALARS, zeros);
    HG_BOTH_SIDES(rig, side)
    {
        for (size_t s = first; rig->status == HG_OK && s < HG_SCALARS; ++s) {
            const struct hg_matrix element = hg_matrix_window(rig->ctx[side], c->m[side], 0, s, 1, 1);
            hg_rig_note(rig, HG_OPS(rig, side)->gemm(rig->ctx[side], (enum hg_scalar)s, hg_in(a->m[side]), HG_N,
                                                     hg_in(b->m[side]), HG_N, HG_ZERO, element));
        }
    }
    double scale[HG_SCALARS] = {0};
    hg_rig_read(rig, c, HG_EXPECTED, scale);
    for (size_t s = 0; s < HG_SCALARS; ++s)
        scale[s] = fabs(scale[s]);
    hg_rig_compare(rig, CLAIM_FACTORS, c, scale);
    hg_rig_case_end(rig);
}

static void next_batch(struct hg_rig *rig, const struct dataset *set, size_t rows, enum hg_rig_layout layout,
                       struct wanted wanted, size_t epoch, size_t step)
{
    hg_rig_case_begin(rig, layout, "epoch %zu, step %zu", epoch, step);
    const struct hg_operand *x = wanted.x ? hg_rig_output(rig, "x", rows, set->features, NULL) : NULL;
    const struct hg_operand *labels = wanted.labels ? hg_rig_labels(rig, rows, NULL) : NULL;
    const struct hg_operand *squares = wanted.squares ? hg_rig_output(rig, "squares", 1, rows, NULL) : NULL;
    HG_BOTH_SIDES(rig, side)
    {
        const struct hg_backend *backend = rig->ctx[side]->backend;
        if (backend->before_step)
            hg_rig_note(rig, backend->before_step(rig->ctx[side], rows));
        if (rig->status == HG_OK)
            hg_rig_note(rig, backend->ops.next_batch(rig->ctx[side], set->data[side], rows,
                                                     x ? x->m[side] : (struct hg_matrix){0},
                                                     labels ? labels->labels[side] : (struct hg_labels){0},
                                                     squares ? squares->m[side] : (struct hg_matrix){0}));
    }
    compare_outputs(rig, rows, set->features, x, labels, squares);
    hg_rig_case_end(rig);
}

static void load_rows(struct hg_rig *rig, const struct dataset *set, size_t first, size_t rows,
                      enum hg_rig_layout layout)
{
    hg_rig_case_begin(rig, layout, "rows from %zu", first);
    const struct hg_operand *x = hg_rig_output(rig, "x", rows, set->features, NULL);
    const struct hg_operand *labels = hg_rig_labels(rig, rows, NULL);
    const struct hg_operand *squares = hg_rig_output(rig, "squares", 1, rows, NULL);
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, HG_OPS(rig, side)->load_rows(rig->ctx[side], set->data[side], first, x->m[side],
                                                      labels->labels[side], squares->m[side]));
    }
    compare_outputs(rig, rows, set->features, x, labels, squares);
    hg_rig_case_end(rig);
}

static void plan_epochs(struct hg_rig *rig, struct plan plans[EPOCHS])
{
    static const size_t batches[EPOCHS] = {16, 9, 45}; /* 45 samples: a ragged last batch, none, one batch */
    for (size_t e = 0; e < EPOCHS; ++e) {
        struct plan *plan = &plans[e];
        hg_random_permutation(&rig->random, plan->order, SAMPLES);
        for (size_t s = 0; s < MAX_STEPS; ++s)
            plan->rates[s] = (float)(0.01 + 0.5 * hg_random_uniform(&rig->random));
        const size_t samples = 45, batch = batches[e];
        plan->epoch = (struct hg_epoch){plan->order, samples, batch, (samples + batch - 1) / batch, plan->rates};
    }
}

static void stage(struct hg_rig *rig, const struct dataset *set, const struct plan *plan)
{
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, rig->ctx[side]->backend->epoch_stage(rig->ctx[side], set->data[side], &plan->epoch));
    }
}

static void run_epochs(struct hg_rig *rig, const struct dataset *set, const struct plan plans[EPOCHS])
{
    static const struct wanted all = {true, true, true},
                               some[] = {
                                   {true, true, true}, {true, false, true}, {true, true, false}, {false, false, false}};
    stage(rig, set, &plans[0]);
    for (size_t e = 0; e < EPOCHS; ++e) {
        const struct hg_epoch *epoch = &plans[e].epoch;
        const size_t first = e == 1 ? 2 : 0; /* one epoch starts in its middle */
        HG_BOTH_SIDES(rig, side)
        {
            hg_rig_note(rig, rig->ctx[side]->backend->epoch_start(rig->ctx[side], first));
        }
        if (e + 1 < EPOCHS)
            stage(rig, set, &plans[e + 1]);
        for (size_t s = first; s < epoch->steps; ++s) {
            const size_t left = epoch->samples - s * epoch->batch, rows = left < epoch->batch ? left : epoch->batch;
            const struct wanted wanted = e == 0 && s == 0 ? all : some[(e + s) % COUNT(some)];
            const enum hg_rig_layout layout = (enum hg_rig_layout)((e + s) % HG_LAYOUTS);
            next_batch(rig, set, rows, layout, wanted, e, s);
            compare_factors(rig, HG_ZERO);
            /* load_rows in the middle of an epoch must not change the epoch's position. */
            load_rows(rig, set, (7 * s) % (SAMPLES - 11), 11, layout);
            compare_factors(rig, HG_ZERO);
        }
    }
    hg_rig_compare_totals(rig, CLAIM_X, 1); /* waits; batches add nothing */
}

static void check_dataset(struct hg_rig *rig, struct dataset *set)
{
    static struct plan plans[EPOCHS];
    plan_epochs(rig, plans);
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, rig->ctx[side]->backend->data_create(&set->data[side], rig->ctx[side], &set->samples));
    }
    hg_rig_row_begin(rig, "next_batch, load_rows x", HG_FLOAT_UNIT, "%s, %zu features", set->name, set->features);
    hg_rig_row_begin(rig, "next_batch, load_rows squares", (double)(set->features + 3) * HG_FLOAT_UNIT,
                     "%s, %zu features", set->name, set->features);
    hg_rig_row_begin(rig, "next_batch, load_rows factors", 3 * HG_FLOAT_UNIT, "%s, %zu features", set->name,
                     set->features);
    run_epochs(rig, set, plans);
    hg_rig_rows_end(rig);
    for (size_t side = 0; side < HG_SIDES; ++side)
        if (set->data[side])
            rig->ctx[side]->backend->data_free(set->data[side]);
}

void hg_crosscheck_batches(struct hg_rig *rig)
{
    static const size_t features[] = {1, 37, 784};
    for (size_t i = 0; i < COUNT(features); ++i) {
        const size_t n = SAMPLES * features[i];
        uint8_t *bytes = NULL, labels[SAMPLES];
        float *floats = NULL;
        hg_rig_note(rig, hg_allocate(&bytes, n, "samples"));
        hg_rig_note(rig, hg_allocate(&floats, n, "samples"));
        for (size_t k = 0; rig->status == HG_OK && k < n; ++k) {
            bytes[k] = (uint8_t)hg_random_below(&rig->random, 256);
            floats[k] = (float)hg_random_normal(&rig->random);
        }
        for (size_t k = 0; k < SAMPLES; ++k)
            labels[k] = (uint8_t)hg_random_below(&rig->random, 256);
        struct dataset of_bytes = {"bytes", features[i], {SAMPLES, features[i], HG_U8, bytes, labels}, {NULL}};
        struct dataset of_floats = {"floats", features[i], {SAMPLES, features[i], HG_F32, floats, labels}, {NULL}};
        if (rig->status == HG_OK)
            check_dataset(rig, &of_bytes);
        if (rig->status == HG_OK)
            check_dataset(rig, &of_floats);
        free(floats);
        free(bytes);
    }
}
