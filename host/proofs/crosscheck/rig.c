#include "host/proofs/crosscheck/rig.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/proofs/compare.h"
#include "kernels/base/memory.h"

/* Elements before and after an operand. 64 of them keep the start aligned to 256 bytes in float. */
enum { GUARD = 64 };
/* All bits set is NaN in float and in double. */
enum { POISON = 0xFF };

void hg_rig_note(struct hg_rig *rig, enum hg_status status)
{
    if (rig->status == HG_OK)
        rig->status = status;
}

/* ---- rows ---- */

void hg_rig_row_begin(struct hg_rig *rig, const char *op, double limit, const char *size, ...)
{
    assert(rig->claims < HG_RIG_CLAIMS);
    struct hg_crosscheck_row *row = &rig->rows[rig->claims++];
    *row = (struct hg_crosscheck_row){.limit = limit};
    snprintf(row->op, sizeof row->op, "%s", op);
    va_list arguments;
    va_start(arguments, size);
    vsnprintf(row->size, sizeof row->size, size, arguments);
    va_end(arguments);
}

void hg_rig_row_error(struct hg_rig *rig, size_t claim, double error, const char *where, ...)
{
    struct hg_crosscheck_row *row = &rig->rows[claim];
    if (rig->status != HG_OK || (row->where[0] && error <= row->error))
        return;
    row->error = error;
    const int used = snprintf(row->where, sizeof row->where, "%s: ", rig->situation);
    va_list arguments;
    va_start(arguments, where);
    vsnprintf(row->where + used, sizeof row->where - (size_t)used, where, arguments);
    va_end(arguments);
}

static void report_row(struct hg_rig *rig, const struct hg_crosscheck_row *row)
{
    struct hg_crosscheck_report *report = rig->report;
    /* The capacity is doubled whenever the count reaches a power of two. */
    if ((report->count & (report->count - 1)) == 0) {
        hg_rig_note(rig, hg_reallocate(&report->rows, report->count ? 2 * report->count : 1, "the rows of the report"));
        if (rig->status != HG_OK)
            return;
    }
    struct hg_crosscheck_row *out = &report->rows[report->count++];
    *out = *row;
    /* A row for which nothing was compared fails. */
    out->passed = row->where[0] && hg_within(row->error, row->limit);
    report->failed += !out->passed;
}

void hg_rig_rows_end(struct hg_rig *rig)
{
    for (size_t i = 0; rig->status == HG_OK && i < rig->claims; ++i)
        report_row(rig, &rig->rows[i]);
    rig->claims = 0;
}

/* ---- operands ---- */

void hg_rig_case_begin(struct hg_rig *rig, enum hg_rig_layout layout, const char *situation, ...)
{
    static const char *const names[HG_LAYOUTS] = {"aligned", "padded", "odd window"};
    rig->layout = layout;
    const int used = snprintf(rig->situation, sizeof rig->situation, "%s, ", names[layout]);
    va_list arguments;
    va_start(arguments, situation);
    vsnprintf(rig->situation + used, sizeof rig->situation - (size_t)used, situation, arguments);
    va_end(arguments);
}

/* Memory for `rows` rows of `cols` elements on one side, all of it poisoned. */
static void memory_create(struct hg_rig *rig, struct hg_rig_memory *memory, size_t side, size_t element, size_t rows,
                          size_t cols, size_t stride, size_t first)
{
    const struct hg_backend *backend = rig->ctx[side]->backend;
    memory->bytes = (first + rows * stride + GUARD) * element;
    memory->first = first * element;
    memory->row_bytes = cols * element;
    memory->stride_bytes = stride * element;
    hg_rig_note(rig, hg_allocate(&memory->image, memory->bytes, "an operand"));
    if (rig->status != HG_OK)
        return;
    memset(memory->image, POISON, memory->bytes);
    void *device = NULL;
    hg_rig_note(rig, backend->allocate(rig->ctx[side], memory->bytes, &device));
    memory->device = device;
    if (rig->status == HG_OK)
        hg_rig_note(rig, backend->upload(rig->ctx[side], device, memory->image, memory->bytes));
}

static struct hg_operand *operand_create(struct hg_rig *rig, const char *name, size_t rows, size_t cols, bool output,
                                         const double *values)
{
    assert(rig->operand_count < HG_RIG_OPERANDS);
    struct hg_operand *operand = &rig->operands[rig->operand_count++];
    *operand = (struct hg_operand){.rows = rows, .cols = cols, .output = output, .name = name};
    const size_t aligned = (cols + 3) / 4 * 4;
    const size_t stride = aligned + (rig->layout == HG_LAYOUT_PADDED ? 4 : rig->layout == HG_LAYOUT_ODD ? 3 : 0);
    const size_t first = GUARD + (rig->layout == HG_LAYOUT_ODD ? 1 : 0);
    HG_BOTH_SIDES(rig, side)
    {
        struct hg_rig_memory *memory = &operand->memory[side];
        memory_create(rig, memory, side, rig->ctx[side]->backend->element_size, rows, cols, stride, first);
        operand->m[side] = (struct hg_matrix){memory->device + memory->first, rows, cols, stride};
        if (rig->status == HG_OK && values)
            hg_rig_note(rig, hg_matrix_write(rig->ctx[side], operand->m[side], values));
        if (rig->status == HG_OK && values)
            hg_rig_note(
                rig, rig->ctx[side]->backend->download(rig->ctx[side], memory->image, memory->device, memory->bytes));
    }
    return operand;
}

const struct hg_operand *hg_rig_input(struct hg_rig *rig, const char *name, size_t rows, size_t cols,
                                      const double *values)
{
    return operand_create(rig, name, rows, cols, false, values);
}

const struct hg_operand *hg_rig_output(struct hg_rig *rig, const char *name, size_t rows, size_t cols,
                                       const double *values)
{
    return operand_create(rig, name, rows, cols, true, values);
}

const struct hg_operand *hg_rig_labels(struct hg_rig *rig, size_t count, const uint8_t *values)
{
    assert(rig->operand_count < HG_RIG_OPERANDS);
    struct hg_operand *operand = &rig->operands[rig->operand_count++];
    *operand = (struct hg_operand){.rows = 1, .cols = count, .output = !values, .name = "labels"};
    HG_BOTH_SIDES(rig, side)
    {
        struct hg_rig_memory *memory = &operand->memory[side];
        memory_create(rig, memory, side, 1, 1, count, count, GUARD + (rig->layout == HG_LAYOUT_ODD ? 1 : 0));
        operand->labels[side] = (struct hg_labels){memory->device + memory->first, count};
        if (rig->status != HG_OK || !values)
            continue;
        memcpy(memory->image + memory->first, values, count);
        hg_rig_note(rig, rig->ctx[side]->backend->upload(rig->ctx[side], memory->device, memory->image, memory->bytes));
    }
    return operand;
}

/* Whether the op may write byte i. */
static bool may_change(const struct hg_operand *operand, const struct hg_rig_memory *memory, size_t i)
{
    if (!operand->output || i < memory->first)
        return false;
    const size_t row = (i - memory->first) / memory->stride_bytes, col = (i - memory->first) % memory->stride_bytes;
    return row < operand->rows && col < memory->row_bytes;
}

static void check_untouched(struct hg_rig *rig, const struct hg_operand *operand)
{
    const struct hg_rig_memory *memory = &operand->memory[HG_TESTED];
    unsigned char *bytes = NULL;
    hg_rig_note(rig, hg_allocate(&bytes, memory->bytes, "an operand"));
    if (rig->status == HG_OK)
        hg_rig_note(rig,
                    rig->ctx[HG_TESTED]->backend->download(rig->ctx[HG_TESTED], bytes, memory->device, memory->bytes));
    for (size_t i = 0; rig->status == HG_OK && i < memory->bytes; ++i)
        if (bytes[i] != memory->image[i] && !may_change(operand, memory, i)) {
            hg_rig_row_error(rig, 0, INFINITY, "%s: byte %td from its first element was overwritten", operand->name,
                             (ptrdiff_t)i - (ptrdiff_t)memory->first);
            break;
        }
    free(bytes);
}

void hg_rig_case_end(struct hg_rig *rig)
{
    for (size_t i = 0; i < rig->operand_count; ++i) {
        struct hg_operand *operand = &rig->operands[i];
        if (rig->status == HG_OK)
            check_untouched(rig, operand);
        for (size_t side = 0; side < HG_SIDES; ++side) {
            free(operand->memory[side].image);
            if (operand->memory[side].device)
                rig->ctx[side]->backend->release(rig->ctx[side], operand->memory[side].device);
        }
    }
    rig->operand_count = 0;
}

/* ---- comparisons ---- */

void hg_rig_read(struct hg_rig *rig, const struct hg_operand *operand, enum hg_rig_side side, double *out)
{
    if (rig->status == HG_OK)
        hg_rig_note(rig, hg_matrix_read(rig->ctx[side], operand->m[side], out));
}

void hg_rig_compare(struct hg_rig *rig, size_t claim, const struct hg_operand *operand, const double *scale)
{
    const size_t n = operand->rows * operand->cols;
    double *actual = hg_rig_zeros(rig, n), *expected = hg_rig_zeros(rig, n);
    hg_rig_read(rig, operand, HG_TESTED, actual);
    hg_rig_read(rig, operand, HG_EXPECTED, expected);
    if (rig->status == HG_OK) {
        const struct hg_comparison worst = hg_compare(n, actual, expected, scale);
        hg_rig_row_error(rig, claim, worst.error, "%s[%zu][%zu] is %.9g, expected %.9g", operand->name,
                         worst.index / operand->cols, worst.index % operand->cols, worst.actual, worst.expected);
    }
    free(expected);
    free(actual);
}

void hg_rig_compare_labels(struct hg_rig *rig, size_t claim, const struct hg_operand *operand)
{
    uint8_t *values[HG_SIDES] = {NULL};
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, hg_allocate(&values[side], operand->cols, "labels"));
        if (rig->status == HG_OK)
            hg_rig_note(rig, rig->ctx[side]->backend->download(rig->ctx[side], values[side], operand->labels[side].data,
                                                               operand->cols));
    }
    for (size_t i = 0; rig->status == HG_OK && i < operand->cols; ++i)
        hg_rig_row_error(rig, claim, values[HG_TESTED][i] == values[HG_EXPECTED][i] ? 0 : INFINITY,
                         "labels[%zu] is %d, expected %d", i, values[HG_TESTED][i], values[HG_EXPECTED][i]);
    free(values[HG_TESTED]);
    free(values[HG_EXPECTED]);
}

void hg_rig_compare_totals(struct hg_rig *rig, size_t claim, double loss_scale)
{
    struct hg_totals totals[HG_SIDES] = {{0}};
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, rig->ctx[side]->backend->totals_read(rig->ctx[side], &totals[side]));
    }
    const struct hg_totals *actual = &totals[HG_TESTED], *expected = &totals[HG_EXPECTED];
    hg_rig_row_error(rig, claim, hg_relative_error(actual->loss, expected->loss, loss_scale),
                     "loss is %.9g, expected %.9g", actual->loss, expected->loss);
    if (actual->correct != expected->correct || actual->samples != expected->samples)
        hg_rig_row_error(rig, claim, INFINITY, "%ju correct of %ju, expected %ju of %ju", (uintmax_t)actual->correct,
                         (uintmax_t)actual->samples, (uintmax_t)expected->correct, (uintmax_t)expected->samples);
}

/* ---- factors ---- */

enum { SCALAR_SAMPLES = 256 };
static const uint8_t scalar_values[SCALAR_SAMPLES];
static const struct hg_samples scalar_samples = {SCALAR_SAMPLES, 1, HG_U8, scalar_values, scalar_values};

void hg_rig_set_scalars(struct hg_rig *rig, size_t rows, float rate)
{
    static const uint32_t order[SCALAR_SAMPLES];
    const struct hg_epoch epoch = {order, rows, rows, 1, &rate};
    HG_BOTH_SIDES(rig, side)
    {
        const struct hg_backend *backend = rig->ctx[side]->backend;
        hg_rig_note(rig, backend->epoch_stage(rig->ctx[side], rig->data[side], &epoch));
        if (rig->status == HG_OK)
            hg_rig_note(rig, backend->epoch_start(rig->ctx[side], 0));
        if (rig->status == HG_OK && backend->before_step)
            hg_rig_note(rig, backend->before_step(rig->ctx[side], rows));
        if (rig->status == HG_OK)
            hg_rig_note(rig, backend->ops.next_batch(rig->ctx[side], rig->data[side], rows, (struct hg_matrix){0},
                                                     (struct hg_labels){0}, (struct hg_matrix){0}));
        struct hg_totals ignored; /* read only to wait until `epoch` is no longer used */
        if (rig->status == HG_OK)
            hg_rig_note(rig, backend->totals_read(rig->ctx[side], &ignored));
    }
    const double scalars[HG_SCALARS] = {[HG_ZERO] = 0,
                                        [HG_ONE] = 1,
                                        [HG_MEAN] = 1 / (double)rows,
                                        [HG_DESCENT] = -(double)rate / (double)rows,
                                        [HG_RATE] = (double)rate};
    memcpy(rig->scalars, scalars, sizeof scalars);
}

/* ---- numbers ---- */

double *hg_rig_zeros(struct hg_rig *rig, size_t n)
{
    double *values = NULL;
    hg_rig_note(rig, hg_allocate(&values, n, "numbers to compare"));
    return values;
}

double *hg_rig_normal(struct hg_rig *rig, size_t n, double scale)
{
    double *values = hg_rig_zeros(rig, n);
    for (size_t i = 0; values && i < n; ++i)
        while (values[i] == 0)
            values[i] = (double)(float)(scale * hg_random_normal(&rig->random));
    return values;
}

double *hg_rig_integers(struct hg_rig *rig, size_t n, int limit)
{
    double *values = hg_rig_zeros(rig, n);
    for (size_t i = 0; values && i < n; ++i) {
        const int magnitude = 1 + (int)hg_random_below(&rig->random, (uint32_t)limit);
        values[i] = hg_random_below(&rig->random, 2) ? magnitude : -magnitude;
    }
    return values;
}

/* ---- the bench ---- */

enum hg_status hg_rig_open(struct hg_rig *rig, const struct hg_backend *tested, const struct hg_open_options *options,
                           struct hg_crosscheck_report *report)
{
    const struct hg_backend *const backends[HG_SIDES] = {tested, hg_backend_find("reference64")};
    *rig = (struct hg_rig){.report = report, .random = hg_random_stream(1, HG_RANDOM_SYNTHETIC, 0)};
    HG_BOTH_SIDES(rig, side)
    {
        hg_rig_note(rig, backends[side]->open(&rig->ctx[side], options));
        if (rig->status == HG_OK)
            hg_rig_note(rig, backends[side]->data_create(&rig->data[side], rig->ctx[side], &scalar_samples));
    }
    return rig->status;
}

void hg_rig_close(struct hg_rig *rig)
{
    for (size_t side = 0; side < HG_SIDES; ++side) {
        if (rig->data[side])
            rig->ctx[side]->backend->data_free(rig->data[side]);
        if (rig->ctx[side])
            rig->ctx[side]->backend->close(rig->ctx[side]);
    }
}
