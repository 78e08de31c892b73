#include "tests/support/expressions.h"

#include <stdio.h>

#include "tests/support/check.h"

static const char names[EXPRESSION_DIMS][EXPRESSION_DIMS + 1] = {"ABC", "DEF", "GHK"};

char expression_name(unsigned rows, unsigned cols)
{
    return names[rows][cols];
}

static unsigned pick(struct expression *e, unsigned count)
{
    return hg_random_below(&e->random, count);
}

void expression_put(struct expression *e, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(e->text + e->used, EXPRESSION_BYTES - e->used, format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && e->used + (size_t)length < EXPRESSION_BYTES);
    e->used += (size_t)length;
}

static void put_two(struct expression *e, unsigned rows, unsigned cols, int depth, const char *sign)
{
    expression_put(e, "(");
    expression_put_matrix(e, rows, cols, depth - 1);
    expression_put(e, "%s", sign);
    expression_put_matrix(e, rows, cols, depth - 1);
    expression_put(e, ")");
}

static void put_function(struct expression *e, unsigned rows, unsigned cols, int depth)
{
    /* what keeps each within the range where it has values that are no overflow */
    static const char *const around[][2] = {
        {"sigmoid(", ")"},    {"swish(", ")"},     {"dswish(", ")"},          {"tanh(", ")"},
        {"sin(", ")"},        {"cos(", ")"},       {"exp(0.1*sin(", "))"},    {"log(1 + exp(", "))"},
        {"relu(", ")"},       {"abs(", ")"},       {"sqrt(1 + (", ").^2)"},   {"softmax(", ")"},
        {"logsoftmax(", ")"}, {"(", ").^2"},       {"1./(2 + cos(", "))"},    {"-", ""},
        {"0.3*", ""},         {"sqrt(abs(", "))"}, {"(1.1 + sin(", ")).^1.5"}};
    const char *const *f = around[pick(e, COUNT(around))];
    expression_put(e, "(%s", f[0]);
    expression_put_matrix(e, rows, cols, depth - 1);
    expression_put(e, "%s)", f[1]);
}

static void put_square(struct expression *e, unsigned n, int depth)
{
    static const char *const around[][2] = {
        {"inv(3*I + 0.1*", ")"}, {"(", ")^2"}, {"(", ")^3"}, {"(3*I - 0.1*", ")^-1"}};
    const char *const *f = around[pick(e, COUNT(around))];
    expression_put(e, "%s", f[0]);
    expression_put_matrix(e, n, n, depth - 1);
    expression_put(e, "%s", f[1]);
}

void expression_put_matrix(struct expression *e, unsigned rows, unsigned cols, int depth)
{
    const unsigned inner = pick(e, EXPRESSION_DIMS);
    switch (depth > 0 ? pick(e, 8) : 7) {
    case 0:
        put_two(e, rows, cols, depth, pick(e, 2) ? " + " : " - ");
        break;
    case 1:
        put_two(e, rows, cols, depth, pick(e, 2) ? ".*" : "./");
        break;
    case 2:
    case 3:
        expression_put(e, "(");
        expression_put_matrix(e, rows, inner, depth - 1);
        expression_put(e, "*");
        expression_put_matrix(e, inner, cols, depth - 1);
        expression_put(e, ")");
        break;
    case 4:
    case 5:
        put_function(e, rows, cols, depth);
        break;
    case 6:
        if (rows == cols && e->dims[rows] > 1) {
            put_square(e, rows, depth);
            break;
        } /* fall through */
    default:
        if (pick(e, 2))
            expression_put(e, "%c", names[rows][cols]);
        else
            expression_put(e, "%c'", names[cols][rows]);
    }
}
