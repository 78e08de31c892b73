/* The test bench of crosscheck: runs an op on the same operands on the tested backend and on "reference64", compares
 * the results, and collects the rows of the report.
 *
 * Every operand lies between guard zones, in one of several layouts (aligned or not, with or without padding between
 * rows). The guard zones and the padding are filled with NaN, and so are outputs that the op does not read. After each
 * case the inputs, the guard zones and the padding must be unchanged, byte for byte.
 *
 * The first failure of a call is kept in rig->status, and all functions after it do nothing: cases need no error paths.
 */
#ifndef HANDGRAD_HOST_PROOFS_CROSSCHECK_RIG_H
#define HANDGRAD_HOST_PROOFS_CROSSCHECK_RIG_H

#include "handgrad/check.h"
#include "kernels/backend.h"
#include "kernels/base/random.h"

#define HG_FLOAT_UNIT 0x1p-24 /* half the distance from 1 to the next float: the error of one rounding */

enum hg_rig_side { HG_TESTED, HG_EXPECTED, HG_SIDES };

/* ALIGNED: as hg_matrix_create makes matrices. PADDED: aligned rows with padding between them. ODD: a window that
 * starts at an odd element, with an odd number of elements after each row that do not belong to it. */
enum hg_rig_layout { HG_LAYOUT_ALIGNED, HG_LAYOUT_PADDED, HG_LAYOUT_ODD, HG_LAYOUTS };

enum { HG_RIG_OPERANDS = 8, HG_RIG_CLAIMS = 3 };

struct hg_operand {
    struct hg_matrix m[HG_SIDES];
    struct hg_labels labels[HG_SIDES]; /* of an operand made by hg_rig_labels; m is then unused */
    size_t rows, cols;
    bool output;
    const char *name;
    struct hg_rig_memory {
        unsigned char *device; /* in the memory of the backend, guards included */
        unsigned char *image;  /* what it held when the case began */
        size_t bytes;
        size_t first, row_bytes, stride_bytes; /* the operand within it */
    } memory[HG_SIDES];
};

struct hg_rig {
    enum hg_status status;
    struct hg_context *ctx[HG_SIDES];
    struct hg_data *data[HG_SIDES]; /* for next_batch, which sets the factors */
    double scalars[HG_SCALARS];     /* the current factors, as HG_EXPECTED has them */
    struct hg_random random;

    enum hg_rig_layout layout;
    struct hg_operand operands[HG_RIG_OPERANDS];
    size_t operand_count;
    char situation[96]; /* the case under way, in words */

    struct hg_crosscheck_row rows[HG_RIG_CLAIMS]; /* being filled: one for each claim */
    size_t claims;
    struct hg_crosscheck_report *report;
};

/* NOLINTNEXTLINE(bugprone-macro-parentheses): `side` is declared, which takes no parentheses */
#define HG_BOTH_SIDES(rig, side) for (size_t side = 0; (rig)->status == HG_OK && side < HG_SIDES; ++side)
#define HG_OPS(rig, side) (&(rig)->ctx[side]->backend->ops)

enum hg_status hg_rig_open(struct hg_rig *rig, const struct hg_backend *tested, const struct hg_open_options *options,
                           struct hg_crosscheck_report *report);
void hg_rig_close(struct hg_rig *rig);
/* Keeps the status of a call in rig->status if it is the first failure. */
void hg_rig_note(struct hg_rig *rig, enum hg_status status);

/* The claims about one op at one size, a row of the report each, numbered from 0 as they are begun. A row keeps the
 * worst error of all cases until hg_rig_rows_end adds the rows to the report. */
void hg_rig_row_begin(struct hg_rig *rig, const char *op, double limit, const char *size, ...)
    __attribute__((format(printf, 4, 5)));
void hg_rig_row_error(struct hg_rig *rig, size_t claim, double error, const char *where, ...)
    __attribute__((format(printf, 4, 5)));
void hg_rig_rows_end(struct hg_rig *rig);

/* A case: operands, calls of an op, comparisons. hg_rig_case_end checks inputs and guard zones, a fault in
 * which counts against claim 0, and frees the operands. */
void hg_rig_case_begin(struct hg_rig *rig, enum hg_rig_layout layout, const char *situation, ...)
    __attribute__((format(printf, 3, 4)));
void hg_rig_case_end(struct hg_rig *rig);

/* values: [rows][cols], rounded to float on both sides. An output without values starts as NaN. The operand lives until
 * hg_rig_case_end; never NULL. */
const struct hg_operand *hg_rig_input(struct hg_rig *rig, const char *name, size_t rows, size_t cols,
                                      const double *values);
const struct hg_operand *hg_rig_output(struct hg_rig *rig, const char *name, size_t rows, size_t cols,
                                       const double *values);
/* values NULL: an output of `count` labels. */
const struct hg_operand *hg_rig_labels(struct hg_rig *rig, size_t count, const uint8_t *values);

/* Copies what an operand holds on one side to out[rows][cols]. */
void hg_rig_read(struct hg_rig *rig, const struct hg_operand *operand, enum hg_rig_side side, double *out);
/* Compares what an operand holds on both sides, and adds the worst error to a claim. scale: [rows][cols]. */
void hg_rig_compare(struct hg_rig *rig, size_t claim, const struct hg_operand *operand, const double *scale);
/* The same for labels, which must be equal. */
void hg_rig_compare_labels(struct hg_rig *rig, size_t claim, const struct hg_operand *operand);
/* Reads and compares the totals of both sides; `loss_scale` is the scale of the loss, counts must be equal. */
void hg_rig_compare_totals(struct hg_rig *rig, size_t claim, double loss_scale);

/* Sets the factors of both sides to those of a step of `rows` rows with this rate. */
void hg_rig_set_scalars(struct hg_rig *rig, size_t rows, float rate);

/* n standard normal numbers times `scale`, rounded to float; memory of the caller, freed with free(). NULL, with
 * rig->status set, where there is no memory. None of them is zero. */
double *hg_rig_normal(struct hg_rig *rig, size_t n, double scale);
/* n integers from -limit to limit without 0. */
double *hg_rig_integers(struct hg_rig *rig, size_t n, int limit);
/* n zeros. */
double *hg_rig_zeros(struct hg_rig *rig, size_t n);

#endif
