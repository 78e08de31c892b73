#include "tests/host/formula/sheet.h"

#include <stdlib.h>

#include "kernels/base/memory.h"
#include "tests/support/check.h"

struct sheet *sheet_create(void)
{
    struct sheet *sheet;
    assert_ok(hg_allocate(&sheet, 1, "a sheet"));
    assert_ok(hg_scope_create(&sheet->scope));
    return sheet;
}

void sheet_add(struct sheet *sheet, const char *name, size_t rows, size_t cols, const double *values)
{
    assert_ok(hg_scope_add_value(&sheet->scope, name, rows, cols, values));
}

void sheet_free(struct sheet *sheet)
{
    hg_tree_free(&sheet->tree);
    hg_scope_free(&sheet->scope);
    free(sheet);
}

enum hg_status sheet_evaluate(struct sheet *sheet, const char *text, const struct hg_node **root)
{
    hg_tree_free(&sheet->tree);
    enum hg_status status = hg_formula_parse(&sheet->tree, "formula", text, &sheet->scope);
    if (status == HG_OK)
        status = hg_formula_relate(&sheet->tree, &sheet->scope);
    if (status == HG_OK)
        status = hg_formula_allocate(&sheet->tree, &sheet->scope);
    if (status == HG_OK)
        status = hg_formula_evaluate(&sheet->tree, &sheet->scope);
    if (status == HG_OK)
        *root = hg_tree_root(&sheet->tree);
    return status;
}
