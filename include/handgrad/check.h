/* The two proofs: that the derived gradients are those of the losses, and that a backend computes what it should.
 * Each gives its results as rows, one a claim; docs/NUMERICS.md has the reason for every limit. */
#ifndef HANDGRAD_CHECK_H
#define HANDGRAD_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/dataset.h"
#include "handgrad/options.h"
#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- gradcheck: the equations of docs/MATH.md against central differences, in double ---- */

enum hg_gradcheck_verdict {
    HG_GRADCHECK_HOLDS,            /* the two derivatives agree */
    HG_GRADCHECK_NOT_THE_GRADIENT, /* they differ, as they should: the formula (A8) is not the gradient of L */
    HG_GRADCHECK_NOT_JUDGED,       /* these samples cannot tell, which does not count as passed */
    HG_GRADCHECK_FAILED,
};

/* One equation, as the derivative of L along one direction. */
struct hg_gradcheck_row {
    const char *equation; /* its number in docs/MATH.md: "M7" */
    const char *name;     /* the equation, UTF-8: "∂L/∂W2 = ∂L/∂z2·hᵀ" */
    double analytic;      /* by the equation, as the training step computes it */
    double numeric;       /* by central differences of the loss */
    double error;         /* |analytic - numeric| / max(|analytic|, |numeric|) */
    double limit; /* what the two may differ by: their estimated rounding and truncation; INFINITY if both are 0 */
    enum hg_gradcheck_verdict verdict;
    const char *reason; /* why it was not judged or failed, in words; else "" */
};

enum { HG_GRADCHECK_ROWS = 16 };

struct hg_gradcheck_report {
    struct hg_gradcheck_row rows[HG_GRADCHECK_ROWS];
    size_t count;
    size_t failed, not_judged; /* rows with that verdict */
    size_t samples, features, hidden;
};

struct hg_gradcheck_options {
    size_t samples; /* the first samples of the dataset, as one batch; 0: 32, or all if there are fewer */
    size_t hidden;  /* hidden units or latent size; 0: 64, or the number of features if that is less */
    uint64_t seed;  /* of the weights and the directions */
};

/* Checks one model on rows of `dataset`. HG_CHECK_FAILED where a row has failed or could not be judged; the report
 * is complete then, too. A relative error of 1e-7 or more never passes.
 * HG_USAGE: options that do not fit the dataset. HG_BAD_DATA: a dataset without labels for HG_MLP. */
enum hg_status hg_gradcheck(struct hg_gradcheck_report *report, enum hg_model_kind model,
                            const struct hg_dataset *dataset, const struct hg_gradcheck_options *options);

/* ---- crosscheck: every op, then whole training steps, of a backend against backend "reference64" ---- */

/* One claim at one size: the worst over operand layouts, transposes and factors. */
struct hg_crosscheck_row {
    char op[32];
    char size[48];
    double error; /* the worst error, relative to the scale that docs/NUMERICS.md gives for the op */
    double limit;
    bool passed;
    char where[192]; /* the case and the element of the worst error, or what else was wrong */
};

struct hg_crosscheck_report {
    struct hg_crosscheck_row *rows;
    size_t count;
    size_t failed; /* rows that have not passed */
};

/* Checks `backend` ("cpu", "cuda", "reference") with `threads` threads (0: all). HG_CHECK_FAILED where a row has not
 * passed; the report is complete then, too. HG_UNAVAILABLE: no such backend on this machine. Whatever the status, the
 * report is released by hg_crosscheck_report_free. */
enum hg_status hg_crosscheck(struct hg_crosscheck_report *report, const char *backend, int threads);
void hg_crosscheck_report_free(struct hg_crosscheck_report *report);

#ifdef __cplusplus
}
#endif
#endif
