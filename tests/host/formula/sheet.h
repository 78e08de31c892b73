/* Variables with values, and one expression of them at a time. */
#ifndef HANDGRAD_TESTS_HOST_FORMULA_SHEET_H
#define HANDGRAD_TESTS_HOST_FORMULA_SHEET_H

#include "host/formula/tree.h"

struct sheet {
    struct hg_scope scope;
    struct hg_tree tree;
};

struct sheet *sheet_create(void);
void sheet_free(struct sheet *sheet);
void sheet_add(struct sheet *sheet, const char *name, size_t rows, size_t cols, const double *values);
/* From text to values; *root is the expression's node, where it has values. */
enum hg_status sheet_evaluate(struct sheet *sheet, const char *text, const struct hg_node **root);

#endif
