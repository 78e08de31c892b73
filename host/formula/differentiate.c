#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/functions.h"
#include "host/formula/power.h"
#include "host/formula/tree.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static const char WHAT[] = "a derivative";

static void back_elements(const struct hg_node *node, struct hg_node *l, struct hg_node *r)
{
    for (size_t i = 0; i < node->rows; ++i) {
        for (size_t j = 0; j < node->cols; ++j) {
            const size_t of_l = hg_node_element(l, i, j), of_r = hg_node_element(r, i, j);
            const double g = node->adjoint[i * node->cols + j], a = l->value[of_l], b = r->value[of_r];
            double by_a = 1, by_b = 1;
            if (node->kind == HG_NODE_SUBTRACT) {
                by_b = -1;
            } else if (node->kind == HG_NODE_DIVIDE || node->kind == HG_NODE_DIVIDE_ELEMENTS) {
                by_a = 1 / b;
                by_b = -a / (b * b);
            } else if (node->kind == HG_NODE_POWER || node->kind == HG_NODE_POWER_ELEMENTS) {
                by_a = b == 0 ? 0 : b * pow(a, b - 1);
                by_b = a > 0 ? pow(a, b) * log(a) : 0;
            } else if (node->kind != HG_NODE_ADD) {
                by_a = b;
                by_b = a;
            }
            l->adjoint[of_l] += g * by_a;
            r->adjoint[of_r] += g * by_b;
        }
    }
}

static void back_softmax(const struct hg_node *node, struct hg_node *l)
{
    const size_t cols = node->cols;
    for (size_t j = 0; j < cols; ++j) {
        double sum = 0;
        for (size_t i = 0; i < node->rows; ++i)
            sum += node->adjoint[i * cols + j] * (node->kind == HG_NODE_SOFTMAX ? node->value[i * cols + j] : 1);
        for (size_t i = 0; i < node->rows; ++i) {
            const double y = node->value[i * cols + j], g = node->adjoint[i * cols + j];
            l->adjoint[i * cols + j] += node->kind == HG_NODE_SOFTMAX ? y * (g - sum) : g - exp(y) * sum;
        }
    }
}

static void back_reduction(const struct hg_node *node, struct hg_node *l)
{
    const double g = node->adjoint[0], norm = node->value[0];
    for (size_t i = 0; i < l->rows * l->cols; ++i) {
        const double x = l->value[i];
        if (node->kind == HG_NODE_TRACE)
            l->adjoint[i] += i % (l->cols + 1) == 0 ? g : 0;
        else if (node->kind == HG_NODE_NORM1)
            l->adjoint[i] += g * ((x > 0) - (x < 0));
        else
            l->adjoint[i] += node->kind == HG_NODE_NORM2 ? (norm > 0 ? g * x / norm : 0) : g;
    }
}

/* A singular matrix has a determinant, and this way no derivative. */
static enum hg_status back_determinant(const struct hg_node *node, struct hg_node *l)
{
    const size_t n = l->rows;
    double unused, *inverse;
    bool singular;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&inverse, n, n * sizeof *inverse, WHAT));
    HG_TRY_OR_CLEANUP(hg_invert(n, l->value, inverse, &unused, &singular));
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j)
            l->adjoint[i * n + j] += singular ? NAN : node->adjoint[0] * node->value[0] * inverse[j * n + i];
cleanup:
    free(inverse);
    return status;
}

static void back_product(const struct hg_node *node, struct hg_node *l, struct hg_node *r)
{
    hg_multiply_add(l->rows, node->cols, l->cols, node->adjoint, false, r->value, true, l->adjoint);
    hg_multiply_add(r->rows, node->rows, r->cols, l->value, true, node->adjoint, false, r->adjoint);
}

static void back_transpose(const struct hg_node *node, struct hg_node *l)
{
    for (size_t i = 0; i < node->rows; ++i)
        for (size_t j = 0; j < node->cols; ++j)
            l->adjoint[j * node->rows + i] += node->adjoint[i * node->cols + j];
}

static void back_diagonal(const struct hg_node *node, struct hg_node *l)
{
    for (size_t i = 0; i < l->rows; ++i)
        if (l->cols == 1)
            l->adjoint[i] += node->adjoint[i * node->cols + (node->cols == 1 ? 0 : i)];
        else
            l->adjoint[i * l->cols + i] += node->adjoint[i];
}

static enum hg_status back(struct hg_tree *tree, const struct hg_node *node)
{
    struct hg_node *l = &tree->nodes[node->left], *r = &tree->nodes[node->right];
    const double *g = node->adjoint;
    const size_t n = node->rows * node->cols;
    switch (node->kind) {
    case HG_NODE_NUMBER:
    case HG_NODE_CONSTANT:
    case HG_NODE_IDENTITY:
    case HG_NODE_VARIABLE:
        break;
    case HG_NODE_MULTIPLY:
        if (hg_node_is_product(tree, node))
            back_product(node, l, r);
        else
            back_elements(node, l, r);
        break;
    case HG_NODE_POWER:
        if (l->rows > 1)
            return hg_matrix_power_back(l->rows, l->value, (int)r->value[0], g, l->adjoint);
        back_elements(node, l, r);
        break;
    case HG_NODE_NEGATE:
        for (size_t i = 0; i < n; ++i)
            l->adjoint[i] -= g[i];
        break;
    case HG_NODE_TRANSPOSE:
        back_transpose(node, l);
        break;
    case HG_NODE_ELEMENTS:
        for (size_t i = 0; i < n; ++i)
            l->adjoint[i] += g[i] * (node->linearised ? 1 : node->function->derivative(l->value[i]));
        break;
    case HG_NODE_SOFTMAX:
    case HG_NODE_LOG_SOFTMAX:
        back_softmax(node, l);
        break;
    case HG_NODE_SUM:
    case HG_NODE_TRACE:
    case HG_NODE_NORM1:
    case HG_NODE_NORM2:
        back_reduction(node, l);
        break;
    case HG_NODE_DET:
        return back_determinant(node, l);
    case HG_NODE_INVERSE:
        return hg_inverse_back(node->rows, node->value, g, l->adjoint);
    case HG_NODE_DIAGONAL:
        back_diagonal(node, l);
        break;
    default:
        back_elements(node, l, r);
    }
    return HG_OK;
}

enum hg_status hg_formula_differentiate(struct hg_tree *tree)
{
    for (size_t k = 0; k < tree->count; ++k)
        memset(tree->nodes[k].adjoint, 0, tree->nodes[k].rows * tree->nodes[k].cols * sizeof(double));
    hg_tree_root(tree)->adjoint[0] = 1;
    for (size_t k = tree->count; k-- > 0;)
        HG_TRY(back(tree, &tree->nodes[k]));
    return HG_OK;
}
