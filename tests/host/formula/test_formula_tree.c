/* Claims: a tree that is written out with all brackets has the value of the text that it came from, to the bit, and the
 * derivative of each function, by each of its operands, is that of differences. */
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>

#include "host/formula/functions.h"
#include "tests/host/formula/sheet.h"
#include "tests/support/expressions.h"

/* ---- a tree, written out ---- */

static void write_node(struct expression *e, const struct sheet *sheet, size_t k);

static void write_around(struct expression *e, const struct sheet *sheet, const struct hg_node *node,
                         const char *before, const char *after)
{
    expression_put(e, "%s", before);
    write_node(e, sheet, node->left);
    expression_put(e, "%s", after);
}

static void write_between(struct expression *e, const struct sheet *sheet, const struct hg_node *node, const char *sign)
{
    write_around(e, sheet, node, "(", ")");
    expression_put(e, "%s(", sign);
    write_node(e, sheet, node->right);
    expression_put(e, ")");
}

static void write_node(struct expression *e, const struct sheet *sheet, size_t k)
{
    static const char *const signs[] = {
        [HG_NODE_ADD] = " + ",    [HG_NODE_SUBTRACT] = " - ",
        [HG_NODE_MULTIPLY] = "*", [HG_NODE_MULTIPLY_ELEMENTS] = ".*",
        [HG_NODE_DIVIDE] = "/",   [HG_NODE_DIVIDE_ELEMENTS] = "./",
        [HG_NODE_POWER] = "^",    [HG_NODE_POWER_ELEMENTS] = ".^",
    };
    static const char *const functions[] = {
        [HG_NODE_SOFTMAX] = "softmax(", [HG_NODE_LOG_SOFTMAX] = "logsoftmax(",
        [HG_NODE_SUM] = "sum(",         [HG_NODE_TRACE] = "tr(",
        [HG_NODE_NORM1] = "norm1(",     [HG_NODE_NORM2] = "norm2(",
        [HG_NODE_DET] = "det(",         [HG_NODE_INVERSE] = "inv(",
        [HG_NODE_DIAGONAL] = "diag(",
    };
    const struct hg_node *node = &sheet->tree.nodes[k];
    char name[40];
    switch (node->kind) {
    case HG_NODE_NUMBER:
        expression_put(e, "%.17g", node->number);
        break;
    case HG_NODE_IDENTITY:
        expression_put(e, "eye(%zu)", node->rows);
        break;
    case HG_NODE_VARIABLE:
        expression_put(e, "%s", sheet->scope.variables[node->variable].name);
        break;
    case HG_NODE_NEGATE:
        write_around(e, sheet, node, "(-(", "))");
        break;
    case HG_NODE_TRANSPOSE:
        write_around(e, sheet, node, "(", ")'");
        break;
    case HG_NODE_ELEMENTS:
        snprintf(name, sizeof name, "%s(", node->function->name);
        write_around(e, sheet, node, name, ")");
        break;
    default:
        if (node->kind < COUNT(signs) && signs[node->kind])
            write_between(e, sheet, node, signs[node->kind]);
        else
            write_around(e, sheet, node, functions[node->kind], ")");
    }
}

static void add_random_matrices(struct sheet *sheet, struct expression *e)
{
    for (unsigned i = 0; i < EXPRESSION_DIMS; ++i)
        for (unsigned j = 0; j < EXPRESSION_DIMS; ++j) {
            const char name[] = {expression_name(i, j), '\0'};
            double value[49];
            for (size_t k = 0; k < e->dims[i] * e->dims[j]; ++k)
                value[k] = hg_random_normal(&e->random);
            sheet_add(sheet, name, e->dims[i], e->dims[j], value);
        }
}

/* Whether there was a value to compare. */
static bool compare_written_out(uint64_t seed)
{
    static struct expression e, out;
    struct sheet *sheet = sheet_create(), *again = sheet_create();
    const struct hg_node *first, *second;
    e = (struct expression){.random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, 11)};
    out = (struct expression){.used = 0};
    for (size_t i = 0; i < EXPRESSION_DIMS; ++i)
        e.dims[i] = 1 + hg_random_below(&e.random, 4);
    add_random_matrices(sheet, &e);
    e.random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, 12);
    add_random_matrices(again, &e);
    for (size_t i = 0; i < sheet->scope.count; ++i)
        memcpy(again->scope.variables[i].value, sheet->scope.variables[i].value,
               sheet->scope.variables[i].rows * sheet->scope.variables[i].cols * sizeof(double));
    expression_put_matrix(&e, 0, 1, 4);
    const enum hg_status status = sheet_evaluate(sheet, e.text, &first);
    const bool compared = status == HG_OK && sheet->tree.count < 200; /* else it may be too long, with all brackets */
    if (status != HG_OK && status != HG_BAD_DATA)
        fail_msg("%s: %s", e.text, hg_message());
    if (compared) {
        write_node(&out, sheet, sheet->tree.count - 1);
        if (sheet_evaluate(again, out.text, &second) != HG_OK)
            fail_msg("%s\n%s\n%s", e.text, out.text, hg_message());
        assert_int_equal(first->rows, second->rows);
        assert_int_equal(first->cols, second->cols);
        if (memcmp(first->value, second->value, first->rows * first->cols * sizeof *first->value) != 0)
            fail_msg("%s is not %s", e.text, out.text);
    }
    sheet_free(again);
    sheet_free(sheet);
    return compared;
}

static void written_out(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 500; ++seed)
        compared += compare_written_out(seed);
    assert_true(compared > 300);
}

/* ---- derivatives ---- */

/* Of the loss by one element: central differences, extrapolated once. */
static double by_differences(struct sheet *sheet, const struct hg_node *root, double *element)
{
    const double at = *element;
    double difference[2];
    for (int wide = 0; wide < 2; ++wide) {
        const double h = wide ? 2e-3 : 1e-3;
        double side[2];
        for (int sign = 0; sign < 2; ++sign) {
            *element = at + (sign ? -h : h);
            assert_ok(hg_formula_evaluate(&sheet->tree, &sheet->scope));
            side[sign] = root->value[0];
        }
        difference[wide] = (side[0] - side[1]) / (2 * h);
    }
    *element = at;
    return (4 * difference[0] - difference[1]) / 3;
}

/* The sum over the variable's occurrences. */
static double by_reverse_mode(const struct sheet *sheet, size_t variable, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < sheet->tree.count; ++k)
        if (sheet->tree.nodes[k].kind == HG_NODE_VARIABLE && sheet->tree.nodes[k].variable == variable)
            sum += sheet->tree.nodes[k].adjoint[i];
    return sum;
}

static void compare_derivatives(const char *text)
{
    struct sheet *sheet = sheet_create();
    const struct hg_node *root;
    sheet_add(sheet, "A", 3, 3, (const double[]){1.3, -0.4, 0.7, 0.2, -1.1, 0.5, -0.6, 0.9, 2.1});
    sheet_add(sheet, "C", 3, 3, (const double[]){0.3, 1.4, -0.8, 0.9, -0.2, 1.1, 0.4, -1.5, 0.6});
    sheet_add(sheet, "d", 3, 1, (const double[]){0.7, -1.2, 0.4});
    sheet_add(sheet, "D", 3, 1, (const double[]){0.2, 1.5, -0.9});
    sheet_add(sheet, "s", 1, 1, (const double[]){1.7});
    if (sheet_evaluate(sheet, text, &root) != HG_OK)
        fail_msg("%s: %s", text, hg_message());
    assert_ok(hg_formula_differentiate(&sheet->tree));
    for (size_t v = 0; v < sheet->scope.count; ++v) {
        const struct hg_variable *variable = &sheet->scope.variables[v];
        for (size_t i = 0; i < variable->rows * variable->cols; ++i) {
            const double actual = by_reverse_mode(sheet, v, i),
                         expected = by_differences(sheet, root, &variable->value[i]);
            /* the extrapolation leaves h^4 = 1e-12 of a fifth derivative, and rounding of 1e-16/h = 1e-13 */
            if (!(fabs(actual - expected) <= 1e-8 * fmax(1, fabs(expected))))
                fail_msg("%s by %s[%zu]: %.12g, by differences %.12g", text, variable->name, i, actual, expected);
        }
    }
    sheet_free(sheet);
}

static void functions_of_elements(void **state)
{
    (void)state;
    const char *names[64];
    const size_t count = hg_function_names(names);
    struct hg_function function;
    char text[64];
    for (size_t i = 0; i < count; ++i) {
        assert_true(hg_function_find(&function, names[i]));
        if (function.kind != HG_NODE_ELEMENTS)
            continue;
        const bool positive = strcmp(names[i], "log") == 0 || strcmp(names[i], "sqrt") == 0;
        snprintf(text, sizeof text, "sum(C.*%s(%s))", names[i], positive ? "A + 9" : "A");
        compare_derivatives(text);
    }
}

static void functions_of_matrices(void **state)
{
    (void)state;
    static const char *const losses[] = {"sum(C.*log(A.^2 + 1))",
                                         "sum(C.*softmax(A))",
                                         "sum(C.*logsoftmax(A))",
                                         "tr(C*A)",
                                         "norm1(A)",
                                         "norm2(A)",
                                         "det(A)",
                                         "sum(C.*inv(A))",
                                         "sum(C.*diag(D))",
                                         "sum(d.*diag(A))",
                                         "sum(C.*A')",
                                         "sum(C.*(-A))",
                                         "sum(C.*(A + d))",
                                         "sum(C.*(d - A))",
                                         "sum(C.*A.*d)",
                                         "sum(C.*(A./(3 + d)))",
                                         "sum(C./(A + 9))",
                                         "sum(C.*(A/s))",
                                         "s*norm2(C)",
                                         "norm2(C)/s",
                                         "s^3",
                                         "s^2.5",
                                         "sum(C.*(A + 9).^2.5)",
                                         "sum(2.5.^A)",
                                         "sum(s.^A)",
                                         "sum(C.*A^0)",
                                         "sum(C.*A^1)",
                                         "sum(C.*A^2)",
                                         "sum(C.*A^3)",
                                         "sum(C.*A^5)",
                                         "sum(C.*A^-1)",
                                         "sum(C.*A^-2)",
                                         "sum(C.*A^-3)",
                                         "sum(C*A*C*d)",
                                         "sum(A*C + s)"};
    for (size_t k = 0; k < COUNT(losses); ++k)
        compare_derivatives(losses[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(written_out), cmocka_unit_test(functions_of_elements),
                                       cmocka_unit_test(functions_of_matrices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
