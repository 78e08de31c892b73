/* Claims: an expression has the value that arithmetic by hand gives, in every spelling, with the precedence of the
 * grammar in docs/FORMULAS.md; a malformed one is refused at its place, and one that is too long, deep or large within
 * limits. */
#include "tests/support/check.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/host/formula/sheet.h"

/* A = [1 2; 3 4], B = [1 0 2; -1 3 1], x = [1; 2], y = [2; -3; 1], s = 3, lambda = 0.5, N = 2 */
static struct sheet *example(void)
{
    struct sheet *sheet = sheet_create();
    sheet_add(sheet, "A", 2, 2, (const double[]){1, 2, 3, 4});
    sheet_add(sheet, "B", 2, 3, (const double[]){1, 0, 2, -1, 3, 1});
    sheet_add(sheet, "x", 2, 1, (const double[]){1, 2});
    sheet_add(sheet, "y", 3, 1, (const double[]){2, -3, 1});
    sheet_add(sheet, "s", 1, 1, (const double[]){3});
    sheet_add(sheet, "lambda", 1, 1, (const double[]){0.5});
    sheet_add(sheet, "N", 1, 1, (const double[]){2});
    sheet_add(sheet, "W1", 1, 2, (const double[]){5, 7});
    sheet->scope.closed = true;
    return sheet;
}

/* ---- values ---- */

static const struct {
    const char *text;
    size_t rows, cols;
    double value[9];
} values[] = {
    /* precedence: powers and transposes, signs, products, sums; each from left to right */
    {"2 + 3*4", 1, 1, {14}},
    {"2*3 + 4", 1, 1, {10}},
    {"10 - 4 - 3", 1, 1, {3}},
    {"24/4/2", 1, 1, {3}},
    {"24/4*2", 1, 1, {12}},
    {"-2^2", 1, 1, {-4}},
    {"(-2)^2", 1, 1, {4}},
    {"2^-1", 1, 1, {0.5}},
    {"2^3^2", 1, 1, {64}},
    {"2*-3", 1, 1, {-6}},
    {"--3", 1, 1, {3}},
    {"+3", 1, 1, {3}},
    {"2 - -3", 1, 1, {5}},
    {"-x'", 1, 2, {-1, -2}},
    {"x'*A", 1, 2, {7, 10}},
    {"A'^2", 2, 2, {7, 15, 10, 22}},
    {"A^2'", 2, 2, {7, 15, 10, 22}},
    {"A*x.*x", 2, 1, {5, 22}},
    {"x.*A*x", 2, 1, {5, 22}},
    {"2x", 2, 1, {2, 4}},
    {"2(3)", 1, 1, {6}},
    {"2s^2", 1, 1, {18}},
    /* numbers */
    {".5 + 1. + 2.5e1 + 1e-1", 1, 1, {26.6}},
    {"2.*x", 2, 1, {2, 4}},
    {"2./x", 2, 1, {2, 1}},
    {"2.^x", 2, 1, {2, 4}},
    /* products, divisions and powers of matrices, elements and scalars */
    {"A*B", 2, 3, {-1, 6, 4, -1, 12, 10}},
    {"A.*A", 2, 2, {1, 4, 9, 16}},
    {"A./A", 2, 2, {1, 1, 1, 1}},
    {"A.^2", 2, 2, {1, 4, 9, 16}},
    {"A.^A", 2, 2, {1, 4, 27, 256}},
    {"A/2", 2, 2, {0.5, 1, 1.5, 2}},
    {"A/s", 2, 2, {1.0 / 3, 2.0 / 3, 1, 4.0 / 3}},
    {"s*A - A*s", 2, 2, {0, 0, 0, 0}},
    {"A + 1", 2, 2, {2, 3, 4, 5}},
    {"1 - A", 2, 2, {0, -1, -2, -3}},
    {"B + x", 2, 3, {2, 1, 3, 1, 5, 3}},
    {"x - B", 2, 3, {0, 1, -1, 3, -1, 1}},
    {"B.*x", 2, 3, {1, 0, 2, -2, 6, 2}},
    {"A^0", 2, 2, {1, 0, 0, 1}},
    {"A^1", 2, 2, {1, 2, 3, 4}},
    {"A^3", 2, 2, {37, 54, 81, 118}},
    {"A^4", 2, 2, {199, 290, 435, 634}},
    {"A^-1", 2, 2, {-2, 1, 1.5, -0.5}},
    {"A^-2", 2, 2, {5.5, -2.5, -3.75, 1.75}},
    {"A^(1+1)", 2, 2, {7, 10, 15, 22}},
    /* functions: the elements' are below, beside their derivatives */
    {"tr(A)", 1, 1, {5}},
    {"sum(B)", 1, 1, {6}},
    {"norm1(y)", 1, 1, {6}},
    {"norm2(y)^2", 1, 1, {14}},
    {"norm2(A)^2", 1, 1, {30}},
    {"norm2(1e-200*x)*1e200", 1, 1, {2.23606797749978969641}},
    {"norm2(1e200*x)/1e200", 1, 1, {2.23606797749978969641}},
    {"det(A)", 1, 1, {-2}},
    {"inv(A)", 2, 2, {-2, 1, 1.5, -0.5}},
    {"diag(x)", 2, 2, {1, 0, 0, 2}},
    {"diag(A)", 2, 1, {1, 4}},
    {"softmax(log(A))", 2, 2, {0.25, 1.0 / 3, 0.75, 2.0 / 3}},
    {"exp(logsoftmax(log(A)))", 2, 2, {0.25, 1.0 / 3, 0.75, 2.0 / 3}},
    {"softmax(1000 + 0*x)", 2, 1, {0.5, 0.5}},
    /* constants, whose sizes are inferred or given */
    {"A + I", 2, 2, {2, 2, 3, 5}},
    {"A + eye", 2, 2, {2, 2, 3, 5}},
    {"x'*x - I", 1, 1, {4}},
    {"2*I + s", 1, 1, {5}},
    {"(s + I)*x", 2, 1, {10, 11}},
    {"eye(2)", 2, 2, {1, 0, 0, 1}},
    {"A + zeros", 2, 2, {1, 2, 3, 4}},
    {"A*ones(2, 1)", 2, 1, {3, 7}},
    {"zeros(N, 1) + x", 2, 1, {1, 2}},
    {"A*vector(1)", 2, 1, {3, 7}},
    {"A + matrix(2)", 2, 2, {3, 4, 5, 6}},
    {"vector(1)'*A*vector(1)", 1, 1, {10}},
    /* other spellings */
    {"Aᵀ", 2, 2, {1, 3, 2, 4}},
    {"A⊤", 2, 2, {1, 3, 2, 4}},
    {"A.'", 2, 2, {1, 3, 2, 4}},
    {"A^T", 2, 2, {1, 3, 2, 4}},
    {"A^{T}", 2, 2, {1, 3, 2, 4}},
    {"A^⊤", 2, 2, {1, 3, 2, 4}},
    {"A^\\top*x", 2, 1, {7, 10}},
    {"A^{\\top}*x", 2, 1, {7, 10}},
    {"A·x", 2, 1, {5, 11}},
    {"A \\cdot x", 2, 1, {5, 11}},
    {"x∘x", 2, 1, {1, 4}},
    {"x⊙x", 2, 1, {1, 4}},
    {"x \\circ x", 2, 1, {1, 4}},
    {"x \\odot x", 2, 1, {1, 4}},
    {"½·A", 2, 2, {0.5, 1, 1.5, 2}},
    {"½‖y‖²", 1, 1, {7}},
    {"||y||^2", 1, 1, {14}},
    {"s² + s³", 1, 1, {36}},
    {"A²", 2, 2, {7, 10, 15, 22}},
    {"5 − 3", 1, 1, {2}},
    {"λ·x", 2, 1, {0.5, 1}},
    {"\\lambda*x", 2, 1, {0.5, 1}},
    {"lambda*x", 2, 1, {0.5, 1}},
    {"W₁", 1, 2, {5, 7}},
    {"W1\t*\n x", 1, 1, {19}},
    {"ln(exp(s)) + Swish(0) + ReLU(s) + sigma(0)", 1, 1, {6.5}},
    {"Swish'(0)", 1, 1, {0.5}},
    {"swish′(0)", 1, 1, {0.5}},
};

static void values_by_hand(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(values); ++k) {
        struct sheet *sheet = example();
        const struct hg_node *root;
        const enum hg_status status = sheet_evaluate(sheet, values[k].text, &root);
        if (status != HG_OK)
            fail_msg("%s: %s", values[k].text, hg_message());
        if (root->rows != values[k].rows || root->cols != values[k].cols)
            fail_msg("%s is %zux%zu", values[k].text, root->rows, root->cols);
        for (size_t i = 0; i < root->rows * root->cols; ++i) /* a few roundings of numbers below 1000 */
            if (!(fabs(root->value[i] - values[k].value[i]) <= 16 * DBL_EPSILON * fmax(1, fabs(values[k].value[i]))))
                fail_msg("%s: element %zu is %.17g, not %.17g", values[k].text, i, root->value[i], values[k].value[i]);
        sheet_free(sheet);
    }
}

/* ---- errors ---- */

static const struct {
    const char *text;
    enum hg_status status;
    size_t column; /* of the caret, in characters */
    const char *words;
} errors[] = {
    {"", HG_USAGE, 0, "the text ends where"},
    {"A +", HG_USAGE, 3, "the text ends where"},
    {"(A", HG_USAGE, 2, "an operator or ')'"},
    {"A)", HG_USAGE, 1, "')' stands where an operator or the end should"},
    {"A*", HG_USAGE, 2, "the text ends where"},
    {"A**B", HG_USAGE, 2, "'*' stands where"},
    {"‖x", HG_USAGE, 2, "the closing ‖"},
    {"½·λ·Q", HG_USAGE, 4, "there is no 'Q'"},
    {"lamda", HG_USAGE, 0, "did you mean lambda?"},
    {"AB", HG_USAGE, 0, "did you mean A*B?"},
    {"x(A)", HG_USAGE, 0, "x is no function; did you mean x*(...)?"},
    {"sigmoyd(x)", HG_USAGE, 0, "did you mean sigmoid?"},
    {"sum x", HG_USAGE, 4, "'x' stands where '('"},
    {"3 4", HG_USAGE, 2, "'4' stands where an operator or the end should"},
    {"1/2x", HG_USAGE, 3, "'x' stands where an operator or the end should"},
    {"A # B", HG_USAGE, 2, "'#' stands where"},
    {"A + ∇", HG_USAGE, 4, "'∇' stands where"},
    {"A*x*x", HG_USAGE, 0, "A*x*x is 2x1 times 2x1"},
    {"A + B", HG_USAGE, 0, "A + B is 2x2 plus 2x3"},
    {"B*A", HG_USAGE, 0, "B*A is 2x3 times 2x2; did you mean B'*A?"},
    {"A*y", HG_USAGE, 0, "A*y is 2x2 times 3x1"},
    {"1 + B'*B'", HG_USAGE, 4, "did you mean"},
    {"tr(B)", HG_USAGE, 0, "B is 2x3; this takes a square matrix"},
    {"B^2", HG_USAGE, 0, "B is 2x3"},
    {"x/x", HG_USAGE, 2, "/ divides by a scalar; use ./ or inv"},
    {"2^A", HG_USAGE, 2, "^ takes a scalar; use .^"},
    {"eye(2, 3)", HG_USAGE, 0, "square"},
    {"ones", HG_USAGE, 0, "nothing determines the size"},
    {"ones(0, 1)", HG_USAGE, 5, "a size"},
    {"ones(s, 1.5)", HG_USAGE, 8, "a size"},
    {"vector(x)", HG_USAGE, 7, "a number"},
    {"A^17", HG_BAD_DATA, 2, "the whole powers from -16 to 16"},
    {"A^0.5", HG_BAD_DATA, 2, "the whole powers"},
    {"inv(x*x')", HG_BAD_DATA, 0, "singular"},
    {"(x*x')^-2", HG_BAD_DATA, 0, "singular"},
    {"log(-x)", HG_BAD_DATA, 0, "log of -1 has no finite value"},
    {"1/(s - 3)", HG_BAD_DATA, 0, "not a finite number"},
    {"exp(1000*s)", HG_BAD_DATA, 0, "exp of 3000 has no finite value"},
};

static void errors_have_places(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(errors); ++k) {
        struct sheet *sheet = example();
        const struct hg_node *root;
        hg_formula_picture_clear();
        const enum hg_status status = sheet_evaluate(sheet, errors[k].text, &root);
        const char *line = strchr(hg_formula_picture(), '\n'), *caret = strrchr(hg_formula_picture(), '^');
        if (status != errors[k].status || !strstr(hg_message(), errors[k].words))
            fail_msg("'%s': status %d: %s", errors[k].text, status, hg_message());
        if (!line || !caret || (size_t)(caret - line) != 5 + errors[k].column)
            fail_msg("'%s': %s\n%s", errors[k].text, hg_message(), hg_formula_picture());
        sheet_free(sheet);
    }
}

/* ---- limits ---- */

static void repeat(char *out, size_t count, const char *before, const char *middle, const char *after)
{
    out[0] = '\0';
    for (size_t i = 0; i < count; ++i)
        strcat(out, before);
    strcat(out, middle);
    for (size_t i = 0; i < count; ++i)
        strcat(out, after);
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        const char *before, *middle, *after, *words;
    } cases[] = {
        {10000, "(", "s", ")", "longer than"},
        {1000, "(", "s", ")", "brackets"},
        {1000, "-", "s", "", "signs in a row"},
        {60, "(", "s", ")", NULL},
        {60, "-", "s", "", NULL},
        {600, "s+", "s", "", "parts"},
        {1000, "sin(", "s", ")", "longer than"},
        {400, "sin(", "s", ")", "brackets"},
        {2000, "", "s", "'", "parts"},
        {1000, "‖", "s", "", "brackets"},
        {100, "", "A", "^2", NULL},
        {1000, "", "2", "^2", "parts"},
        {30, "x", "", "", "too long"},
        {3000, "x", "", "", "too long"},
    };
    static char text[30000];
    for (size_t k = 0; k < COUNT(cases); ++k) {
        struct sheet *sheet = example();
        const struct hg_node *root;
        repeat(text, cases[k].count, cases[k].before, cases[k].middle, cases[k].after);
        const enum hg_status status = sheet_evaluate(sheet, text, &root);
        if (cases[k].words ? status != HG_USAGE || !strstr(hg_message(), cases[k].words) : status == HG_USAGE)
            fail_msg("%zu times %s: status %d: %s", cases[k].count, cases[k].before, status, hg_message());
        sheet_free(sheet);
    }
    struct sheet *sheet = example();
    const struct hg_node *root;
    sheet->scope.work = 1000;
    assert_ok(sheet_evaluate(sheet, "ones(10,9)*ones(9,1)", &root));
    assert_fails(HG_USAGE, "multiplications", sheet_evaluate(sheet, "ones(10,9)*ones(9,12)", &root));
    /* an inverse as 4 n^3, a function as 16 multiplications a number, and what they are taken of */
    assert_ok(sheet_evaluate(sheet, "inv(eye(6))", &root));
    assert_fails(HG_USAGE, "multiplications", sheet_evaluate(sheet, "inv(eye(7))", &root));
    assert_ok(sheet_evaluate(sheet, "exp(ones(7, 8))", &root));
    assert_fails(HG_USAGE, "multiplications", sheet_evaluate(sheet, "exp(ones(8, 8))", &root));
    sheet->scope.work = 0;
    assert_fails(HG_USAGE, "limit of 33554432 numbers", sheet_evaluate(sheet, "ones(10000, 10000)", &root));
    sheet_free(sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_by_hand), cmocka_unit_test(errors_have_places),
                                       cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
