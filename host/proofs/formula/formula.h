/* Checks a gradient that was typed as a formula against the loss itself. docs/FORMULAS.md has the language and what the
 * verdict rests on. */
#ifndef HANDGRAD_HOST_PROOFS_FORMULA_FORMULA_H
#define HANDGRAD_HOST_PROOFS_FORMULA_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/dataset.h"
#include "handgrad/status.h"

enum hg_formula_model { HG_FORMULA_AUTOENCODER, HG_FORMULA_MLP, HG_FORMULA_CUSTOM };

enum { HG_FORMULA_SIZES = 32, HG_FORMULA_DIRECTIONS = 4, HG_FORMULA_STEPS = 30, HG_FORMULA_DIAGNOSES = 6 };

struct hg_formula_options {
    enum hg_formula_model model;
    const char *loss;                    /* of HG_FORMULA_CUSTOM */
    const char *of;                      /* the variable that the gradient is taken by; NULL: W of the autoencoder */
    const char *formula;                 /* NULL: the gradient's values alone */
    const char *sizes[HG_FORMULA_SIZES]; /* "W=3x5", "b=7", "X=nxk"; NULL-terminated where there are fewer */
    const struct hg_dataset *dataset;    /* of a model; NULL: random matrices */
    size_t samples, hidden;              /* of a model with a dataset; 0: 32 and 64, or fewer where there are fewer */
    uint64_t seed;
    size_t work; /* the most multiplications that one value may take; 0: 2^27 of the loss, 2^30 of the formula */
};

enum hg_formula_verdict {
    HG_FORMULA_GRADIENT,
    HG_FORMULA_NOT_GRADIENT,
    HG_FORMULA_NOT_JUDGED, /* the note says why: no derivative at this point, or none that differences resolve */
    HG_FORMULA_NO_FORMULA
};

struct hg_formula_direction {
    double numeric;  /* the loss's derivative along it, by central differences with extrapolation */
    double analytic; /* by the formula */
    double error;    /* relative */
    double slope; /* of the remainder |L(W + hd) - L(W) - h<F, d>| over h, both logarithmic; NAN: it is all rounding */
};

struct hg_formula_report {
    enum hg_formula_verdict verdict;
    const char *loss; /* its text */
    char of[24];
    size_t rows, cols; /* of the gradient */
    double value;      /* of the loss */
    double *gradient;  /* [rows][cols]: of the loss, by reverse-mode differentiation of its expression */
    struct hg_formula_direction directions[HG_FORMULA_DIRECTIONS]; /* with a formula of the gradient's shape */
    size_t direction_count;
    double slope, error; /* the least slope and the largest relative error of the directions */
    /* Along the first direction, at h[]: the remainder, and the error of the central difference; NAN: no value there.
     */
    double h[HG_FORMULA_STEPS], remainder[HG_FORMULA_STEPS], central[HG_FORMULA_STEPS];
    char diagnoses[HG_FORMULA_DIAGNOSES][256]; /* what the formula is instead, a sentence each */
    size_t diagnosis_count;
    char note[256]; /* on the values that were drawn; "": nothing to say */
};

/* HG_USAGE: malformed text, sizes that do not fit; hg_formula_picture shows where. HG_BAD_DATA: the
 * loss or the formula has no value. HG_OK whatever the verdict. hg_formula_report_free releases the report. */
enum hg_status hg_formula_check(struct hg_formula_report *report, const struct hg_formula_options *options);
void hg_formula_report_free(struct hg_formula_report *report);

/* The model that has a quantity of that name; HG_FORMULA_CUSTOM: none. */
enum hg_formula_model hg_formula_model_of(const char *name);

#endif
