/* Points at which the functions of an expression have no derivative, as relu at 0: how near they are. */
#ifndef HANDGRAD_HOST_FORMULA_KINKS_H
#define HANDGRAD_HOST_FORMULA_KINKS_H

#include "host/formula/tree.h"

/* Such functions at one point, and their operands, one function's after the other's. Whether a power is one depends on
 * the value of its exponent, which may be another elsewhere. */
struct hg_kinks {
    bool has[HG_FORMULA_NODES];
    double *operands;
};

/* At the tree's present values. HG_INTERNAL: out of memory. */
enum hg_status hg_kinks_create(struct hg_kinks *kinks, const struct hg_tree *tree);
void hg_kinks_free(struct hg_kinks *kinks);

/* The first node whose operand, at the tree's present values, has gone more than half of the way to a kink since then;
 * NULL: none, and between there and here the functions are smooth. An operand that is zero and stays zero is at no
 * kink: it does not depend on what has moved. */
const struct hg_node *hg_kinks_reached(const struct hg_kinks *kinks, const struct hg_tree *tree);

/* A node whose operand is at a kink; NULL: none. */
const struct hg_node *hg_formula_kink(const struct hg_tree *tree);

#endif
