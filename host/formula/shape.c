#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/token.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Two of each node of two trees, of their constants, and of each variable. */
enum { DIMENSIONS = 12 * HG_FORMULA_NODES + 2 * HG_FORMULA_VARIABLES };

enum hg_status hg_scope_create(struct hg_scope *scope)
{
    *scope = (struct hg_scope){.of = ""};
    return hg_allocate(&scope->dimensions, DIMENSIONS, "the sizes of a formula");
}

void hg_scope_free(struct hg_scope *scope)
{
    for (size_t i = 0; i < scope->count; ++i)
        free(scope->variables[i].value);
    free(scope->dimensions);
    *scope = (struct hg_scope){.of = ""};
}

struct hg_variable *hg_scope_find(const struct hg_scope *scope, const char *name, size_t length)
{
    for (size_t i = 0; i < scope->count; ++i)
        if (strncmp(scope->variables[i].name, name, length) == 0 && !scope->variables[i].name[length])
            return (struct hg_variable *)&scope->variables[i];
    return NULL;
}

static int root(const struct hg_scope *scope, int dim)
{
    while (scope->dimensions[dim].parent != dim)
        dim = scope->dimensions[dim].parent;
    return dim;
}

size_t hg_scope_size(const struct hg_scope *scope, int dim)
{
    return scope->dimensions[root(scope, dim)].size;
}

int hg_scope_dimension(struct hg_scope *scope, size_t size, bool of_variable)
{
    assert(scope->dimension_count < DIMENSIONS);
    scope->dimensions[scope->dimension_count] = (struct hg_dimension){scope->dimension_count, size, of_variable};
    return scope->dimension_count++;
}

enum hg_status hg_scope_add(struct hg_scope *scope, const char *name, size_t length, size_t rows, size_t cols)
{
    if (scope->count == HG_FORMULA_VARIABLES || length >= HG_FORMULA_NAME)
        return hg_fail(HG_USAGE, "size: more than %d names, or one longer than %d bytes", HG_FORMULA_VARIABLES,
                       HG_FORMULA_NAME - 1);
    struct hg_variable *variable = &scope->variables[scope->count++];
    *variable = (struct hg_variable){.name = ""};
    memcpy(variable->name, name, length);
    /* As in matrixcalculus.org: capitals are matrices, small letters columns, Greek letters scalars. */
    if (!rows && hg_token_is_small_greek(variable->name))
        rows = cols = 1;
    if (!rows && !cols && name[0] >= 'a' && name[0] <= 'z')
        cols = 1;
    variable->row_dim = hg_scope_dimension(scope, rows, true);
    variable->col_dim = hg_scope_dimension(scope, cols, true);
    return HG_OK;
}

enum hg_status hg_scope_add_value(struct hg_scope *scope, const char *name, size_t rows, size_t cols,
                                  const double *values)
{
    HG_TRY(hg_scope_add(scope, name, strlen(name), rows, cols));
    struct hg_variable *variable = &scope->variables[scope->count - 1];
    variable->rows = rows;
    variable->cols = cols;
    HG_TRY(hg_allocate(&variable->value, rows * cols, "a matrix of a formula"));
    memcpy(variable->value, values, rows * cols * sizeof *values);
    return HG_OK;
}

static bool is_scalar(const struct hg_scope *scope, const struct hg_node *node)
{
    return hg_scope_size(scope, node->row_dim) == 1 && hg_scope_size(scope, node->col_dim) == 1;
}

bool hg_scope_unify(struct hg_scope *scope, int a, int b)
{
    a = root(scope, a);
    b = root(scope, b);
    struct hg_dimension *to = &scope->dimensions[a];
    const struct hg_dimension from = scope->dimensions[b];
    if (to->size && from.size && to->size != from.size)
        return false;
    to->size = to->size ? to->size : from.size;
    to->of_variable = to->of_variable || from.of_variable;
    scope->dimensions[b].parent = a;
    return true;
}

/* "64x784"; a size that is not known yet is "?". */
static const char *words(char out[64], const struct hg_scope *scope, const struct hg_node *node)
{
    char sizes[2][24] = {"?", "?"};
    const size_t known[2] = {hg_scope_size(scope, node->row_dim), hg_scope_size(scope, node->col_dim)};
    for (int i = 0; i < 2; ++i)
        if (known[i])
            snprintf(sizes[i], sizeof sizes[i], "%zu", known[i]);
    snprintf(out, 64, "%sx%s", sizes[0], sizes[1]);
    return out;
}

static int text_length(const struct hg_node *node)
{
    const size_t length = node->place.end - node->place.begin;
    return (int)(length < 80 ? length : 80);
}

static const char *text_of(const struct hg_node *node)
{
    return node->place.text + node->place.begin;
}

static bool fits(const struct hg_scope *scope, int a, int b)
{
    const size_t m = hg_scope_size(scope, a), n = hg_scope_size(scope, b);
    return m && n && m == n;
}

static enum hg_status mismatch(const struct hg_tree *tree, const struct hg_scope *scope, const struct hg_node *node,
                               const char *verb)
{
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    char left[64], right[64], hint[224] = "";
    const bool product = node->kind == HG_NODE_MULTIPLY;
    const int sign = (int)(r->place.begin - l->place.end);
    const char *between = sign > 0 && sign < 8 && l->place.text == r->place.text ? l->place.text + l->place.end : "*";
    const int width = *between == '*' ? 1 : sign;
    const bool to_right = product ? fits(scope, l->col_dim, r->col_dim)
                                  : fits(scope, l->row_dim, r->col_dim) && fits(scope, l->col_dim, r->row_dim);
    if (to_right)
        snprintf(hint, sizeof hint, "; did you mean %.*s%.*s%.*s'?", text_length(l), text_of(l), width, between,
                 text_length(r), text_of(r));
    else if (product && fits(scope, l->row_dim, r->row_dim))
        snprintf(hint, sizeof hint, "; did you mean %.*s'%.*s%.*s?", text_length(l), text_of(l), width, between,
                 text_length(r), text_of(r));
    return hg_formula_fail(tree->role, node->place, "%.*s is %s %s %s%s", text_length(node), text_of(node),
                           words(left, scope, l), verb, words(right, scope, r), hint);
}

/* Element by element; a scalar goes with any size, and a column is added to every column of a matrix. */
static enum hg_status relate_elements(const struct hg_tree *tree, struct hg_scope *scope, struct hg_node *node,
                                      const char *verb)
{
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const struct hg_node *wide = is_scalar(scope, l) ? r : l, *other = wide == l ? r : l;
    for (int i = 0; i < 2 && !is_scalar(scope, other); ++i) {
        const struct hg_node *matrix = i ? r : l, *column = i ? l : r;
        const struct hg_dimension *cols = &scope->dimensions[root(scope, matrix->col_dim)];
        if (hg_scope_size(scope, column->col_dim) != 1 || cols->size == 1 || (!cols->size && !cols->of_variable))
            continue;
        if (!hg_scope_unify(scope, matrix->row_dim, column->row_dim))
            return mismatch(tree, scope, node, verb);
        node->row_dim = matrix->row_dim;
        node->col_dim = matrix->col_dim;
        return HG_OK;
    }
    node->row_dim = wide->row_dim;
    node->col_dim = wide->col_dim;
    if (!is_scalar(scope, other) && (!hg_scope_unify(scope, wide->row_dim, other->row_dim) ||
                                     !hg_scope_unify(scope, wide->col_dim, other->col_dim)))
        return mismatch(tree, scope, node, verb);
    return HG_OK;
}

static enum hg_status relate_product(const struct hg_tree *tree, struct hg_scope *scope, struct hg_node *node)
{
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const bool scale_left = is_scalar(scope, l);
    if (scale_left || is_scalar(scope, r)) {
        node->row_dim = (scale_left ? r : l)->row_dim;
        node->col_dim = (scale_left ? r : l)->col_dim;
        return HG_OK;
    }
    if (!hg_scope_unify(scope, l->col_dim, r->row_dim))
        return mismatch(tree, scope, node, "times");
    node->row_dim = l->row_dim;
    node->col_dim = r->col_dim;
    return HG_OK;
}

static enum hg_status relate_square(const struct hg_tree *tree, struct hg_scope *scope, const struct hg_node *node,
                                    const struct hg_node *operand)
{
    char size[64];
    if (!hg_scope_unify(scope, operand->row_dim, operand->col_dim))
        return hg_formula_fail(tree->role, node->place, "%.*s is %s; this takes a square matrix", text_length(operand),
                               text_of(operand), words(size, scope, operand));
    return HG_OK;
}

/* Divisions by a scalar, and powers with a scalar for their exponent. */
static enum hg_status relate_to_scalar(const struct hg_tree *tree, struct hg_scope *scope, struct hg_node *node)
{
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const bool divides = node->kind == HG_NODE_DIVIDE;
    char size[64];
    node->row_dim = l->row_dim;
    node->col_dim = l->col_dim;
    if (!is_scalar(scope, r))
        return hg_formula_fail(tree->role, r->place, "%.*s is %s, and %s", text_length(r), text_of(r),
                               words(size, scope, r),
                               divides ? "/ divides by a scalar; use ./ or inv" : "^ takes a scalar; use .^");
    return divides || is_scalar(scope, l) ? HG_OK : relate_square(tree, scope, node, l);
}

static enum hg_status relate_node(const struct hg_tree *tree, struct hg_scope *scope, struct hg_node *node)
{
    const struct hg_node *l = &tree->nodes[node->left];
    switch (node->kind) {
    case HG_NODE_CONSTANT:
        return HG_OK;
    case HG_NODE_IDENTITY:
        return relate_square(tree, scope, node, node);
    case HG_NODE_VARIABLE:
        node->row_dim = scope->variables[node->variable].row_dim;
        node->col_dim = scope->variables[node->variable].col_dim;
        return HG_OK;
    case HG_NODE_ADD:
        return relate_elements(tree, scope, node, "plus");
    case HG_NODE_SUBTRACT:
        return relate_elements(tree, scope, node, "minus");
    case HG_NODE_MULTIPLY_ELEMENTS:
        return relate_elements(tree, scope, node, "times, element by element,");
    case HG_NODE_DIVIDE_ELEMENTS:
        return relate_elements(tree, scope, node, "divided, element by element, by");
    case HG_NODE_POWER_ELEMENTS:
        return relate_elements(tree, scope, node, "to the power");
    case HG_NODE_MULTIPLY:
        return relate_product(tree, scope, node);
    case HG_NODE_DIVIDE:
    case HG_NODE_POWER:
        return relate_to_scalar(tree, scope, node);
    case HG_NODE_TRANSPOSE:
        node->row_dim = l->col_dim;
        node->col_dim = l->row_dim;
        return HG_OK;
    case HG_NODE_TRACE:
    case HG_NODE_DET:
    case HG_NODE_INVERSE:
        HG_TRY(relate_square(tree, scope, node, l));
        if (node->kind == HG_NODE_INVERSE)
            break;
        /* fall through */
    case HG_NODE_NUMBER:
    case HG_NODE_SUM:
    case HG_NODE_NORM1:
    case HG_NODE_NORM2:
        node->row_dim = node->col_dim = hg_scope_dimension(scope, 1, false);
        return HG_OK;
    case HG_NODE_DIAGONAL: /* of a column the matrix, of a matrix the column */
        if (hg_scope_size(scope, l->col_dim) != 1)
            HG_TRY(relate_square(tree, scope, node, l));
        node->row_dim = l->row_dim;
        node->col_dim = hg_scope_size(scope, l->col_dim) == 1 ? l->row_dim : hg_scope_dimension(scope, 1, false);
        return HG_OK;
    default:
        break;
    }
    node->row_dim = l->row_dim;
    node->col_dim = l->col_dim;
    return HG_OK;
}

enum hg_status hg_formula_relate(struct hg_tree *tree, struct hg_scope *scope)
{
    for (size_t i = 0; i < tree->count; ++i)
        HG_TRY(relate_node(tree, scope, &tree->nodes[i]));
    return HG_OK;
}

void hg_scope_settle(struct hg_scope *scope)
{
    size_t next = 3;
    for (size_t i = 0; i < scope->count; ++i) {
        struct hg_variable *variable = &scope->variables[i];
        const int dims[2] = {root(scope, variable->row_dim), root(scope, variable->col_dim)};
        for (int k = 0; k < 2; ++k)
            if (!scope->dimensions[dims[k]].size)
                scope->dimensions[dims[k]].size = next++;
        variable->rows = scope->dimensions[dims[0]].size;
        variable->cols = scope->dimensions[dims[1]].size;
    }
}
