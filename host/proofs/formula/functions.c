#include "host/proofs/formula/functions.h"

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

static double itself(double x)
{
    return x;
}

static const struct hg_element_function elements[] = {
    {"log", "1/x", log, reciprocal, NULL},
    {"exp", "exp", exp, exp, NULL},
    {"sqrt", "1/(2 sqrt)", sqrt, sqrt_derivative, itself},
    {"abs", "sign", fabs, abs_derivative, itself},
    {"sigmoid", "sigmoid'", sigmoid, sigmoid_derivative, NULL},
    {"swish", "Swish'", swish, swish_derivative, NULL},
    {"dswish", "Swish''", swish_derivative, swish_second, NULL},
    {"relu", "relu'", relu, relu_derivative, itself},
    {"tanh", "1 - tanh^2", tanh, tanh_derivative, NULL},
    {"sin", "cos", sin, cos, NULL},
    {"cos", "-sin", cos, minus_sin, NULL},
};

/* Other spellings of the names above. */
static const char *const aliases[][2] = {{"ln", "log"}, {"Swish", "swish"}, {"sigma", "sigmoid"}, {"ReLU", "relu"}};

static const struct hg_function functions[] = {
    {"softmax", HG_NODE_SOFTMAX, NULL, 0, false}, {"logsoftmax", HG_NODE_LOG_SOFTMAX, NULL, 0, false},
    {"sum", HG_NODE_SUM, NULL, 0, false},         {"tr", HG_NODE_TRACE, NULL, 0, false},
    {"norm1", HG_NODE_NORM1, NULL, 0, false},     {"norm2", HG_NODE_NORM2, NULL, 0, false},
    {"det", HG_NODE_DET, NULL, 0, false},         {"inv", HG_NODE_INVERSE, NULL, 0, false},
    {"diag", HG_NODE_DIAGONAL, NULL, 0, false},   {"I", HG_NODE_IDENTITY, NULL, 1, false},
    {"eye", HG_NODE_IDENTITY, NULL, 1, false},    {"zeros", HG_NODE_CONSTANT, NULL, 0, false},
    {"ones", HG_NODE_CONSTANT, NULL, 1, false},   {"vector", HG_NODE_CONSTANT, NULL, 1, true},
    {"matrix", HG_NODE_CONSTANT, NULL, 1, true},
};

enum { ELEMENTS = sizeof elements / sizeof *elements, FUNCTIONS = sizeof functions / sizeof *functions };

const struct hg_function *hg_function_find(const char *name)
{
    static const struct hg_function of_elements[ELEMENTS] = {
#define ROW(i) {NULL, HG_NODE_ELEMENTS, &elements[i], 0, false}
        ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9), ROW(10)};
#undef ROW
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; ++i)
        if (strcmp(name, aliases[i][0]) == 0)
            name = aliases[i][1];
    for (size_t i = 0; i < FUNCTIONS; ++i)
        if (strcmp(name, functions[i].name) == 0)
            return &functions[i];
    for (size_t i = 0; i < ELEMENTS; ++i)
        if (strcmp(name, elements[i].name) == 0)
            return &of_elements[i];
    return NULL;
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
