/* The derivations of docs/MATH.md as text in the language of formulas, for explain.c to evaluate. */
#ifndef HANDGRAD_HOST_PROOFS_FORMULA_DERIVATION_H
#define HANDGRAD_HOST_PROOFS_FORMULA_DERIVATION_H

#include "host/formula/tree.h"
#include "host/proofs/formula/formula.h"

/* What a derivation may be taken by. A set of these says for which of them a line stands. */
enum {
    HG_BY_W = 1 << 0, /* the autoencoder's */
    HG_BY_W1 = 1 << 1,
    HG_BY_B1 = 1 << 2,
    HG_BY_W2 = 1 << 3,
    HG_BY_B2 = 1 << 4,
    HG_BY_Z1 = 1 << 5,
    HG_BY_H = 1 << 6,
    HG_BY_Z2 = 1 << 7,
    HG_BY_ALL = 1 << 8 /* W1, b1, W2 and b2 at once */
};

struct hg_derivation_line {
    unsigned by;
    const char *section, *number, *name;
    const char *text;        /* NULL: that of the change of this name */
    const char *gradient_of; /* the text is the gradient by this; NULL: it is not one */
    const char *along;       /* an expression; NULL with gradient_of: the inner product with the direction */
    const char *words;
};

/* How a quantity changes: name_d is its derivative along the direction. */
struct hg_derivation_change {
    unsigned by;
    struct hg_definition definition;
};

struct hg_derivation {
    const struct hg_derivation_line *lines;     /* the last has no name */
    const struct hg_derivation_change *changes; /* the last has no name */
};

extern const struct hg_derivation hg_derivation_autoencoder, hg_derivation_mlp;

/* The names that belong to a set of one, "W1" or for HG_BY_ALL "W1", "b1", "W2", "b2", NULL-terminated. */
size_t hg_derivation_names(const char *names[5], unsigned by);
/* The set of one for a name; NULL: the whole of the model. 0: the model has no such name. */
unsigned hg_derivation_by(enum hg_formula_model model, const char *of);

#endif
