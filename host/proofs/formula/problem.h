/* A loss and a formula at one point: the trees, and values for all their variables. */
#ifndef HANDGRAD_HOST_PROOFS_FORMULA_PROBLEM_H
#define HANDGRAD_HOST_PROOFS_FORMULA_PROBLEM_H

#include "host/formula/tree.h"
#include "host/proofs/formula/formula.h"

struct hg_problem {
    struct hg_scope scope;
    struct hg_tree loss, formula;
    struct hg_variable *of; /* what the derivative is taken by */
    const char *text;       /* of the loss */
    char note[256];
};

/* Declares variables of the given sizes, "W=3x5", "b=7", "X=nxk"; NULL-terminated where there are fewer than
 * HG_FORMULA_SIZES. HG_USAGE: not such a text, or two for one name. */
enum hg_status hg_sizes_read(struct hg_scope *scope, const char *const *sizes);
/* Relates the sizes of a model's matrices, and declares those that are missing. HG_USAGE: they do not fit. */
enum hg_status hg_sizes_relate(struct hg_scope *scope, enum hg_formula_model model);

/* Memory is the caller's, about 200 KiB: from hg_allocate. */
enum hg_status hg_problem_create(struct hg_problem *problem, const struct hg_formula_options *options);
void hg_problem_free(struct hg_problem *problem);
/* Makes `formula` that of the text, with its values. HG_USAGE: it is malformed. HG_BAD_DATA: it has no value. */
enum hg_status hg_problem_evaluate(struct hg_problem *problem, const char *role, const char *text);

/* The loss at `of` = values; leaves it there. HG_BAD_DATA where it has no value. */
enum hg_status hg_problem_loss(struct hg_problem *problem, const double *values, double *loss);
/* How often `of` occurs in the loss. */
size_t hg_problem_occurrences(const struct hg_problem *problem);
/* The gradient of the loss at the present values in out[rows][cols], after an evaluation: what flows back to one
 * occurrence of `of`, counted from 1; 0: to all. HG_INTERNAL: out of memory. */
enum hg_status hg_problem_gradient(struct hg_problem *problem, size_t occurrence, double *out);

/* The verdict on the formula's present value, by differences of the loss along random directions. Leaves the problem as
 * it was, and in the report the verdict, the directions and the note, where something is to be said. */
enum hg_status hg_problem_judge(struct hg_problem *problem, uint64_t seed, struct hg_formula_report *report);

/* Adds what is wrong with the formula, in words, to the report: constant factors, the transpose, missing paths. */
enum hg_status hg_problem_diagnose(struct hg_problem *problem, const struct hg_formula_options *options,
                                   struct hg_formula_report *report);

#endif
