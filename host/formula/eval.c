#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/formula/functions.h"
#include "host/formula/power.h"
#include "host/formula/tree.h"
#include "kernels/base/try.h"

static double combine(enum hg_node_kind kind, double a, double b)
{
    switch (kind) {
    case HG_NODE_ADD:
        return a + b;
    case HG_NODE_SUBTRACT:
        return a - b;
    case HG_NODE_DIVIDE:
    case HG_NODE_DIVIDE_ELEMENTS:
        return a / b;
    case HG_NODE_POWER:
    case HG_NODE_POWER_ELEMENTS:
        return pow(a, b);
    default:
        return a * b;
    }
}

static void by_elements(struct hg_node *node, const struct hg_node *l, const struct hg_node *r)
{
    for (size_t i = 0; i < node->rows; ++i)
        for (size_t j = 0; j < node->cols; ++j)
            node->value[i * node->cols + j] =
                combine(node->kind, l->value[hg_node_element(l, i, j)], r->value[hg_node_element(r, i, j)]);
}

static void softmax(struct hg_node *node, const struct hg_node *from)
{
    const size_t cols = node->cols;
    for (size_t j = 0; j < cols; ++j) {
        double largest = -INFINITY, sum = 0;
        for (size_t i = 0; i < node->rows; ++i)
            largest = fmax(largest, from->value[i * cols + j]);
        for (size_t i = 0; i < node->rows; ++i)
            sum += exp(from->value[i * cols + j] - largest);
        for (size_t i = 0; i < node->rows; ++i) {
            const double shifted = from->value[i * cols + j] - largest;
            node->value[i * cols + j] = node->kind == HG_NODE_SOFTMAX ? exp(shifted) / sum : shifted - log(sum);
        }
    }
}

/* Scaled by the largest element, whose square may be out of range where the norm is not. */
static double norm2(const double *x, size_t n)
{
    double largest = 0, sum = 0;
    for (size_t i = 0; i < n; ++i)
        largest = fmax(largest, fabs(x[i]));
    for (size_t i = 0; largest > 0 && i < n; ++i)
        sum += (x[i] / largest) * (x[i] / largest);
    return largest * sqrt(sum);
}

static double reduce(const struct hg_node *node, const struct hg_node *from)
{
    const size_t n = from->rows * from->cols, step = node->kind == HG_NODE_TRACE ? from->cols + 1 : 1;
    double sum = 0;
    if (node->kind == HG_NODE_NORM2)
        return norm2(from->value, n);
    for (size_t i = 0; i < n; i += step)
        sum += node->kind == HG_NODE_NORM1 ? fabs(from->value[i]) : from->value[i];
    return sum;
}

static void transpose(struct hg_node *node, const struct hg_node *from)
{
    for (size_t i = 0; i < node->rows; ++i)
        for (size_t j = 0; j < node->cols; ++j)
            node->value[i * node->cols + j] = from->value[j * from->cols + i];
}

static void diagonal(struct hg_node *node, const struct hg_node *from)
{
    for (size_t i = 0; i < node->rows; ++i)
        if (from->cols == 1)
            node->value[i * node->cols + (node->cols == 1 ? 0 : i)] = from->value[i];
        else
            node->value[i] = from->value[i * from->cols + i];
}

static enum hg_status undefined(const struct hg_tree *tree, const struct hg_node *node, const char *what)
{
    (void)hg_formula_fail(tree->role, node->place, "%s", what);
    return hg_fail_within(HG_BAD_DATA, "%s", hg_message());
}

static const char SINGULAR[] = "this matrix is singular: it has no inverse";

static enum hg_status invert(const struct hg_tree *tree, struct hg_node *node, const struct hg_node *from)
{
    double unused;
    bool singular;
    HG_TRY(hg_invert(from->rows, from->value, node->value, &unused, &singular));
    return singular ? undefined(tree, node, SINGULAR) : HG_OK;
}

static enum hg_status power(const struct hg_tree *tree, struct hg_node *node, const struct hg_node *from,
                            const struct hg_node *exponent)
{
    const double times = exponent->value[0];
    bool singular;
    if (from->rows == 1) {
        node->value[0] = pow(from->value[0], times);
        return HG_OK;
    }
    if (!(fabs(times) <= HG_MATRIX_POWER && times == floor(times)))
        return undefined(tree, exponent,
                         "a matrix has the whole powers from -16 to 16; .^ takes each element to a power");
    HG_TRY(hg_matrix_power(from->rows, from->value, (int)times, node->value, &singular));
    return singular ? undefined(tree, node, SINGULAR) : HG_OK;
}

static enum hg_status evaluate(const struct hg_tree *tree, struct hg_node *node, const struct hg_scope *scope)
{
    const struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const size_t n = node->rows * node->cols;
    bool singular;
    memset(node->value, 0, n * sizeof *node->value);
    switch (node->kind) {
    case HG_NODE_NUMBER:
    case HG_NODE_CONSTANT:
        for (size_t i = 0; i < n; ++i)
            node->value[i] = node->number;
        break;
    case HG_NODE_IDENTITY:
        for (size_t i = 0; i < node->rows; ++i)
            node->value[i * node->cols + i] = 1;
        break;
    case HG_NODE_VARIABLE:
        memcpy(node->value, scope->variables[node->variable].value, n * sizeof *node->value);
        break;
    case HG_NODE_MULTIPLY:
        if (hg_node_is_product(tree, node))
            hg_multiply_add(node->rows, l->cols, node->cols, l->value, false, r->value, false, node->value);
        else
            by_elements(node, l, r);
        break;
    case HG_NODE_POWER:
        return power(tree, node, l, r);
    case HG_NODE_NEGATE:
        for (size_t i = 0; i < n; ++i)
            node->value[i] = -l->value[i];
        break;
    case HG_NODE_TRANSPOSE:
        transpose(node, l);
        break;
    case HG_NODE_ELEMENTS:
        for (size_t i = 0; i < n; ++i)
            node->value[i] = node->function->value(l->value[i]);
        break;
    case HG_NODE_SOFTMAX:
    case HG_NODE_LOG_SOFTMAX:
        softmax(node, l);
        break;
    case HG_NODE_SUM:
    case HG_NODE_TRACE:
    case HG_NODE_NORM1:
    case HG_NODE_NORM2:
        node->value[0] = reduce(node, l);
        break;
    case HG_NODE_DET:
        return hg_invert(l->rows, l->value, NULL, node->value, &singular);
    case HG_NODE_INVERSE:
        return invert(tree, node, l);
    case HG_NODE_DIAGONAL:
        diagonal(node, l);
        break;
    default:
        by_elements(node, l, r);
    }
    return HG_OK;
}

enum hg_status hg_formula_evaluate(struct hg_tree *tree, const struct hg_scope *scope)
{
    for (size_t k = 0; k < tree->count; ++k) {
        struct hg_node *node = &tree->nodes[k];
        HG_TRY(evaluate(tree, node, scope));
        for (size_t i = 0; i < node->rows * node->cols; ++i) {
            char what[128];
            if (isfinite(node->value[i]))
                continue;
            if (node->kind != HG_NODE_ELEMENTS)
                return undefined(tree, node, "the value here is not a finite number");
            snprintf(what, sizeof what, "%s of %.6g has no finite value", node->function->name,
                     tree->nodes[node->left].value[i]);
            return undefined(tree, node, what);
        }
    }
    return HG_OK;
}
