/* Random expressions of matrices, by every function of the language. */
#ifndef HANDGRAD_TESTS_SUPPORT_EXPRESSIONS_H
#define HANDGRAD_TESTS_SUPPORT_EXPRESSIONS_H

#include <stddef.h>

#include "kernels/base/random.h"

enum { EXPRESSION_DIMS = 3, EXPRESSION_BYTES = 4096 };

struct expression {
    struct hg_random random;
    size_t dims[EXPRESSION_DIMS]; /* the sizes that matrices have; the caller's */
    char text[EXPRESSION_BYTES];
    size_t used;
};

/* The name of the matrix of dims[rows] x dims[cols]. */
char expression_name(unsigned rows, unsigned cols);

/* Adds to the text. */
void expression_put(struct expression *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds an expression whose value is of dims[rows] x dims[cols]: a product may stand in it, but no sum. */
void expression_put_matrix(struct expression *e, unsigned rows, unsigned cols, int depth);

#endif
