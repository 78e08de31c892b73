/* Expressions of matrices: text -> tree -> shapes -> values and derivatives. docs/FORMULAS.md has the language.
 *
 * A tree is an array of nodes in postorder: operands stand before the operation that takes them, and the root is last.
 * So evaluation is a loop over the array, and the derivatives are the same loop backwards. */
#ifndef HANDGRAD_HOST_FORMULA_TREE_H
#define HANDGRAD_HOST_FORMULA_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"
#include "host/formula/place.h"

/* Limits on what a text may ask for: nodes of a tree, brackets within brackets, bytes, numbers of all values, and
 * multiplications for one value. */
enum {
    HG_FORMULA_NODES = 512,
    HG_FORMULA_DEPTH = 64,
    HG_FORMULA_BYTES = 4096,
    HG_FORMULA_VARIABLES = 32,
    HG_FORMULA_NAME = 24,
    HG_FORMULA_NUMBERS = 1 << 25,
    HG_FORMULA_WORK = 1 << 30
};

enum hg_node_kind {
    HG_NODE_NUMBER,
    HG_NODE_CONSTANT, /* a matrix of one number, or that multiple of the identity, with a size that is inferred */
    HG_NODE_IDENTITY,
    HG_NODE_VARIABLE,
    HG_NODE_ADD,
    HG_NODE_SUBTRACT,
    HG_NODE_MULTIPLY, /* the matrix product, or a scalar times a matrix */
    HG_NODE_MULTIPLY_ELEMENTS,
    HG_NODE_DIVIDE_ELEMENTS,
    HG_NODE_DIVIDE, /* by a scalar */
    HG_NODE_POWER,  /* of a scalar, or a square matrix times itself */
    HG_NODE_POWER_ELEMENTS,
    HG_NODE_NEGATE,
    HG_NODE_TRANSPOSE,
    HG_NODE_ELEMENTS, /* a function of each element: `function` */
    HG_NODE_SOFTMAX,  /* of each column */
    HG_NODE_LOG_SOFTMAX,
    HG_NODE_SUM,
    HG_NODE_TRACE,
    HG_NODE_NORM1,
    HG_NODE_NORM2,
    HG_NODE_DET,
    HG_NODE_INVERSE,
    HG_NODE_DIAGONAL
};

/* A function of one number, and what its derivative is called. */
struct hg_element_function {
    const char *name, *derivative_name;
    double (*value)(double x);
    double (*derivative)(double x);
    bool kink; /* it has no derivative at 0 */
};

struct hg_node {
    enum hg_node_kind kind;
    const struct hg_element_function *function;
    double number;      /* of a number or constant */
    size_t variable;    /* index in the scope */
    size_t left, right; /* operands; a node with one operand has `left` */
    struct hg_place place;
    int row_dim, col_dim; /* indices in the scope's dimensions */
    size_t rows, cols;
    double *value, *adjoint;
    bool linearised; /* the derivative of `function` is taken as 1: what a formula is that forgot it */
};

struct hg_tree {
    const char *role; /* "loss", "formula": for messages */
    struct hg_node nodes[HG_FORMULA_NODES];
    size_t count;
    double *memory;
};

/* name = text; a variable named like this stands for the text, unless the derivative is asked with respect to it. */
struct hg_definition {
    const char *name, *text;
};

struct hg_variable {
    char name[HG_FORMULA_NAME];
    int row_dim, col_dim;
    size_t rows, cols;
    double *value; /* [rows][cols] */
};

/* A size that may not be known yet: of those that are found to be equal, one is the parent of the others. */
struct hg_dimension {
    int parent;
    size_t size; /* 0: not known yet */
    bool of_variable;
};

struct hg_scope {
    struct hg_variable variables[HG_FORMULA_VARIABLES];
    size_t count;
    struct hg_dimension *dimensions;
    int dimension_count;
    const struct hg_definition *definitions; /* ends with a NULL name; may be NULL */
    const char *of;
    bool closed; /* a name that is not known is an error, not another variable */
    size_t work; /* the most multiplications that one value may take; 0: HG_FORMULA_WORK */
};

/* The tree of `text`, whose names are looked up in `scope` and, where it is not closed, added to it. The text must
 * outlive the tree. HG_USAGE: it is malformed. */
enum hg_status hg_formula_parse(struct hg_tree *tree, const char *role, const char *text, struct hg_scope *scope);

/* ---- sizes ---- */

enum hg_status hg_scope_create(struct hg_scope *scope);
void hg_scope_free(struct hg_scope *scope);
/* NULL: there is none. */
struct hg_variable *hg_scope_find(const struct hg_scope *scope, const char *name, size_t length);
/* A variable of that size; 0: to be inferred. */
enum hg_status hg_scope_add(struct hg_scope *scope, const char *name, size_t length, size_t rows, size_t cols);
/* A variable with a value, a copy of values[rows][cols]. HG_INTERNAL: out of memory. */
enum hg_status hg_scope_add_value(struct hg_scope *scope, const char *name, size_t rows, size_t cols,
                                  const double *values);

/* Another size, 0: not known yet; its index in the scope's dimensions. `of_variable`: it is a size of a variable. */
int hg_scope_dimension(struct hg_scope *scope, size_t size, bool of_variable);
/* The size of that index; 0: not known yet. */
size_t hg_scope_size(const struct hg_scope *scope, int dim);
/* Makes the two sizes one; false: they are known, and differ. */
bool hg_scope_unify(struct hg_scope *scope, int a, int b);

/* Relates the sizes of a tree's nodes. HG_USAGE: they contradict each other. */
enum hg_status hg_formula_relate(struct hg_tree *tree, struct hg_scope *scope);
/* Gives sizes that nothing determines a number each, no two the same, so that no error hides behind equal sizes. */
void hg_scope_settle(struct hg_scope *scope);
/* Takes the sizes over into the nodes and allocates their values. HG_USAGE: they are more, or take more work, than the
 * limits. */
enum hg_status hg_formula_allocate(struct hg_tree *tree, struct hg_scope *scope);
void hg_tree_free(struct hg_tree *tree);

/* ---- values ---- */

/* Evaluates every node. HG_BAD_DATA where a value is not defined: a logarithm of a negative number, an inverse that
 * does not exist, a result that is not finite. */
enum hg_status hg_formula_evaluate(struct hg_tree *tree, const struct hg_scope *scope);
/* After an evaluation: the derivatives of the root, a scalar, by every node, in `adjoint`. The nodes of one variable
 * are its occurrences, each of which has its own. HG_INTERNAL: out of memory. */
enum hg_status hg_formula_differentiate(struct hg_tree *tree);

static inline const struct hg_node *hg_tree_root(const struct hg_tree *tree)
{
    return &tree->nodes[tree->count - 1];
}

static inline bool hg_node_is_scalar(const struct hg_node *node)
{
    return node->rows == 1 && node->cols == 1;
}

/* Whether an HG_NODE_MULTIPLY is a product of matrices, not a scalar times a matrix. */
static inline bool hg_node_is_product(const struct hg_tree *tree, const struct hg_node *node)
{
    return !hg_node_is_scalar(&tree->nodes[node->left]) && !hg_node_is_scalar(&tree->nodes[node->right]);
}

/* Element (i, j) of an operand: a scalar stands in for a matrix of any size, a column for each column of one. */
static inline size_t hg_node_element(const struct hg_node *node, size_t i, size_t j)
{
    if (hg_node_is_scalar(node))
        return 0;
    return i * node->cols + (node->cols == 1 ? 0 : j);
}

/* c += a b, with transposes; the sizes are those of the operands as they are multiplied. */
void hg_multiply_add(size_t rows, size_t inner, size_t cols, const double *a, bool a_transposed, const double *b,
                     bool b_transposed, double *c);
/* The inverse of a[n][n] in out[n][n] (NULL: only the determinant), and its determinant; where a is singular, no
 * inverse. HG_INTERNAL: out of memory. */
enum hg_status hg_invert(size_t n, const double *a, double *out, double *determinant, bool *singular);

#endif
