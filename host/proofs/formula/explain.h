/* The derivation of docs/MATH.md at one point, line by line: what each line is there, and what each term of the
 * gradient adds to the derivative of the loss along one direction. */
#ifndef HANDGRAD_HOST_PROOFS_FORMULA_EXPLAIN_H
#define HANDGRAD_HOST_PROOFS_FORMULA_EXPLAIN_H

#include "host/proofs/formula/formula.h"

enum { HG_EXPLAIN_LINES = 32, HG_EXPLAIN_TEXT = 128 };

struct hg_explain_line {
    const char *section; /* the heading that it stands under */
    const char *number;  /* of the equation in docs/MATH.md, "A1"; "": it has none */
    char name[24];
    const char *text;             /* name = text, in the language of formulas; "": it is given */
    char shapes[HG_EXPLAIN_TEXT]; /* the text with the sizes of its names in their place: "4x6*6x9" */
    const char *words;            /* what to see in it; "": nothing more */
    size_t rows, cols;
    double *values;              /* [rows][cols] */
    double norm;                 /* Euclidean */
    char along[HG_EXPLAIN_TEXT]; /* an expression for a derivative along the direction; "": none */
    double derivative;           /* its value; NAN: none */
    bool term;                   /* it is one of those whose sum is the derivative of L */
};

struct hg_explanation {
    struct hg_explain_line lines[HG_EXPLAIN_LINES];
    size_t count;
    double sum;      /* of the terms */
    double quotient; /* the same derivative from values of L alone: central differences, extrapolated */
    double error;    /* relative, of the one to the other */
    double limit;    /* up to which the arithmetic leaves it open */
};

/* Explains the gradient of a model's loss by options->of (NULL: W of the autoencoder, all parameters of the classifier
 * at once), at the values that hg_formula_check takes with these options. options->formula, where there is one, is the
 * last line, F. HG_USAGE, HG_BAD_DATA as there. hg_explanation_free releases it, after a failure too. */
enum hg_status hg_formula_explain(struct hg_explanation *out, const struct hg_formula_options *options);
void hg_explanation_free(struct hg_explanation *explanation);

#endif
