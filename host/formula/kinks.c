#include "host/formula/kinks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* Whether a node is a function that has a kink, or a branch point, where its operand is 0. */
static bool has_kink(const struct hg_tree *tree, const struct hg_node *node)
{
    const struct hg_node *exponent = &tree->nodes[node->right];
    bool whole = true;
    switch (node->kind) {
    case HG_NODE_ELEMENTS:
        return node->function->kink;
    case HG_NODE_NORM1:
    case HG_NODE_NORM2:
        return true;
    case HG_NODE_POWER:
    case HG_NODE_POWER_ELEMENTS:
        for (size_t i = 0; i < exponent->rows * exponent->cols; ++i)
            whole = whole && exponent->value[i] == floor(exponent->value[i]);
        return !whole;
    default:
        return false;
    }
}

static size_t numbers_of(const struct hg_tree *tree, const struct hg_node *node)
{
    const struct hg_node *operand = &tree->nodes[node->left];
    return operand->rows * operand->cols;
}

enum hg_status hg_kinks_create(struct hg_kinks *kinks, const struct hg_tree *tree)
{
    size_t count = 0;
    for (size_t k = 0; k < tree->count; ++k) {
        kinks->has[k] = has_kink(tree, &tree->nodes[k]);
        count += kinks->has[k] ? numbers_of(tree, &tree->nodes[k]) : 0;
    }
    HG_TRY(hg_allocate(&kinks->operands, count, "the operands of functions with kinks"));
    double *at = kinks->operands;
    for (size_t k = 0; k < tree->count; ++k) {
        const struct hg_node *node = &tree->nodes[k];
        if (!kinks->has[k])
            continue;
        memcpy(at, tree->nodes[node->left].value, numbers_of(tree, node) * sizeof *at);
        at += numbers_of(tree, node);
    }
    return HG_OK;
}

void hg_kinks_free(struct hg_kinks *kinks)
{
    free(kinks->operands);
    kinks->operands = NULL;
}

/* The kink of norm2 is a point in the space of its operand; those of the others are each element's own. */
static bool reached(const struct hg_node *node, const double *from, const double *to, size_t n)
{
    double length = 0, way = 0;
    for (size_t i = 0; i < n; ++i) {
        if (node->kind != HG_NODE_NORM2 && (from[i] == 0 ? to[i] != 0 : to[i] / from[i] < 0.5))
            return true;
        length = hypot(length, from[i]);
        way = hypot(way, to[i] - from[i]);
    }
    return node->kind == HG_NODE_NORM2 && way > length / 2;
}

const struct hg_node *hg_kinks_reached(const struct hg_kinks *kinks, const struct hg_tree *tree)
{
    const double *from = kinks->operands;
    for (size_t k = 0; k < tree->count; ++k) {
        const struct hg_node *node = &tree->nodes[k];
        if (!kinks->has[k])
            continue;
        if (reached(node, from, tree->nodes[node->left].value, numbers_of(tree, node)))
            return node;
        from += numbers_of(tree, node);
    }
    return NULL;
}

const struct hg_node *hg_formula_kink(const struct hg_tree *tree)
{
    for (size_t k = 0; k < tree->count; ++k) {
        const struct hg_node *node = &tree->nodes[k];
        if (!has_kink(tree, node))
            continue;
        const double *operand = tree->nodes[node->left].value;
        for (size_t i = 0; node->kind != HG_NODE_NORM2 && i < numbers_of(tree, node); ++i)
            if (operand[i] == 0)
                return node;
        if (node->kind == HG_NODE_NORM2 && node->value[0] == 0)
            return node;
    }
    return NULL;
}
