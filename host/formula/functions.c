#include "host/formula/functions.h"

#include <math.h>
#include <string.h>

static double sigmoid(double x)
{
    const double e = exp(-fabs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

static double sigmoid_derivative(double x)
{
    const double e = exp(-fabs(x));
    return e / ((1 + e) * (1 + e));
}

static double swish(double x)
{
    return x * sigmoid(x);
}

/* docs/MATH.md (M9) */
static double swish_derivative(double x)
{
    return sigmoid(x) + x * sigmoid_derivative(x);
}

static double swish_second(double x)
{
    return sigmoid_derivative(x) * (2 + x * (1 - 2 * sigmoid(x)));
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static double relu_derivative(double x)
{
    return x > 0;
}

static double abs_derivative(double x)
{
    return (x > 0) - (x < 0);
}

static double tanh_derivative(double x)
{
    return 1 / (cosh(x) * cosh(x));
}

static double reciprocal(double x)
{
    return 1 / x;
}

static double sqrt_derivative(double x)
{
    return 0.5 / sqrt(x);
}

static double minus_sin(double x)
{
    return -sin(x);
}

static const struct hg_element_function elements[] = {
    {"log", "1/x", log, reciprocal, false},
    {"exp", "exp", exp, exp, false},
    {"sqrt", "1/(2 sqrt)", sqrt, sqrt_derivative, true},
    {"abs", "sign", fabs, abs_derivative, true},
    {"sigmoid", "sigmoid'", sigmoid, sigmoid_derivative, false},
    {"swish", "Swish'", swish, swish_derivative, false},
    {"dswish", "Swish''", swish_derivative, swish_second, false},
    {"relu", "relu'", relu, relu_derivative, true},
    {"tanh", "1 - tanh^2", tanh, tanh_derivative, false},
    {"sin", "cos", sin, cos, false},
    {"cos", "-sin", cos, minus_sin, false},
};

/* Other spellings of the names above. */
static const char *const aliases[][2] = {{"ln", "log"}, {"Swish", "swish"}, {"sigma", "sigmoid"}, {"ReLU", "relu"}};

static const struct hg_function functions[] = {
    {.name = "softmax", .kind = HG_NODE_SOFTMAX},
    {.name = "logsoftmax", .kind = HG_NODE_LOG_SOFTMAX},
    {.name = "sum", .kind = HG_NODE_SUM},
    {.name = "tr", .kind = HG_NODE_TRACE},
    {.name = "norm1", .kind = HG_NODE_NORM1},
    {.name = "norm2", .kind = HG_NODE_NORM2},
    {.name = "det", .kind = HG_NODE_DET},
    {.name = "inv", .kind = HG_NODE_INVERSE},
    {.name = "diag", .kind = HG_NODE_DIAGONAL},
    {.name = "I", .kind = HG_NODE_IDENTITY, .number = 1},
    {.name = "eye", .kind = HG_NODE_IDENTITY, .number = 1},
    {.name = "zeros", .kind = HG_NODE_CONSTANT},
    {.name = "ones", .kind = HG_NODE_CONSTANT, .number = 1},
    {.name = "vector", .kind = HG_NODE_CONSTANT, .takes_number = true},
    {.name = "matrix", .kind = HG_NODE_CONSTANT, .takes_number = true},
};

enum { ELEMENTS = sizeof elements / sizeof *elements, FUNCTIONS = sizeof functions / sizeof *functions };

bool hg_function_find(struct hg_function *out, const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; ++i)
        if (strcmp(name, aliases[i][0]) == 0)
            name = aliases[i][1];
    for (size_t i = 0; i < FUNCTIONS; ++i)
        if (strcmp(name, functions[i].name) == 0) {
            *out = functions[i];
            return true;
        }
    for (size_t i = 0; i < ELEMENTS; ++i)
        if (strcmp(name, elements[i].name) == 0) {
            *out = (struct hg_function){.name = elements[i].name, .elements = &elements[i], .kind = HG_NODE_ELEMENTS};
            return true;
        }
    return false;
}

size_t hg_function_names(const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < FUNCTIONS; ++i)
        names[count++] = functions[i].name;
    for (size_t i = 0; i < ELEMENTS; ++i)
        names[count++] = elements[i].name;
    return count;
}
