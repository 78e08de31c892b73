#include <math.h>
#include <stdlib.h>

#include "host/formula/power.h"
#include "host/formula/tree.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* What a node's value costs, in multiplications: an exponential is about as long as sixteen, and elimination on a
 * matrix beside its inverse takes four for each of n^3. */
static size_t cost(const struct hg_tree *tree, const struct hg_node *node)
{
    enum { FUNCTION = 16, ELIMINATION = 4 };
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const size_t numbers = node->rows * node->cols;
    switch (node->kind) {
    case HG_NODE_MULTIPLY:
        return hg_node_is_product(tree, node) ? numbers * l->cols : numbers;
    case HG_NODE_POWER: /* of a matrix, whose exponent may not be known yet */
        return numbers * node->cols *
               (r->kind == HG_NODE_NUMBER ? 1 + (size_t)fmin(r->number, HG_MATRIX_POWER)
                                          : ELIMINATION + HG_MATRIX_POWER);
    case HG_NODE_DET:
    case HG_NODE_INVERSE:
        return l->rows * l->rows * l->rows * ELIMINATION;
    case HG_NODE_ELEMENTS:
    case HG_NODE_POWER_ELEMENTS:
    case HG_NODE_SOFTMAX:
    case HG_NODE_LOG_SOFTMAX:
        return numbers * FUNCTION;
    default:
        return numbers;
    }
}

/* Takes the sizes over into the nodes. */
static enum hg_status measure(struct hg_tree *tree, const struct hg_scope *scope, size_t *numbers)
{
    const size_t most = scope->work ? scope->work : HG_FORMULA_WORK;
    size_t work = 0;
    *numbers = 0;
    for (size_t i = 0; i < tree->count; ++i) {
        struct hg_node *node = &tree->nodes[i];
        node->rows = hg_scope_size(scope, node->row_dim);
        node->cols = hg_scope_size(scope, node->col_dim);
        if (!node->rows || !node->cols)
            return hg_formula_fail(tree->role, node->place,
                                   "nothing determines the size of this matrix; give it, as in ones(3, 1)");
        if (node->rows > HG_FORMULA_NUMBERS / node->cols || *numbers + node->rows * node->cols > HG_FORMULA_NUMBERS)
            return hg_formula_fail(tree->role, node->place,
                                   "with this matrix the values exceed the limit of %d numbers", HG_FORMULA_NUMBERS);
        *numbers += node->rows * node->cols;
        work += cost(tree, node);
        if (work > most)
            return hg_formula_fail(tree->role, node->place,
                                   "with this one value of the expression takes %.1e multiplications, and the limit is "
                                   "%.1e; take smaller matrices, which a gradient holds for as well",
                                   (double)work, (double)most);
    }
    return HG_OK;
}

static bool is_number(const struct hg_scope *scope, const struct hg_node *node)
{
    return hg_scope_size(scope, node->row_dim) == 1 && hg_scope_size(scope, node->col_dim) == 1;
}

/* A constant that nothing else gives a size, added to a number, is a number, too: of W'*W - I where W is a column. */
static void settle_beside_numbers(const struct hg_tree *tree, struct hg_scope *scope)
{
    for (size_t i = 0; i < tree->count; ++i) {
        const struct hg_node *node = &tree->nodes[i], *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
        if ((node->kind != HG_NODE_ADD && node->kind != HG_NODE_SUBTRACT) || is_number(scope, l) == is_number(scope, r))
            continue;
        const struct hg_node *number = is_number(scope, l) ? l : r, *other = number == l ? r : l;
        if (hg_scope_size(scope, other->row_dim) || hg_scope_size(scope, other->col_dim))
            continue;
        hg_scope_unify(scope, other->row_dim, number->row_dim);
        hg_scope_unify(scope, other->col_dim, number->col_dim);
    }
}

enum hg_status hg_formula_allocate(struct hg_tree *tree, struct hg_scope *scope)
{
    size_t numbers;
    settle_beside_numbers(tree, scope);
    HG_TRY(measure(tree, scope, &numbers));
    HG_TRY(hg_allocate(&tree->memory, 2 * numbers, "the values of a formula"));
    double *at = tree->memory;
    for (size_t i = 0; i < tree->count; ++i) {
        struct hg_node *node = &tree->nodes[i];
        node->value = at;
        node->adjoint = at + numbers;
        at += node->rows * node->cols;
    }
    return HG_OK;
}

void hg_tree_free(struct hg_tree *tree)
{
    free(tree->memory);
    tree->memory = NULL;
}
