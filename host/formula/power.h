/* Powers of square matrices, and their derivatives. */
#ifndef HANDGRAD_HOST_FORMULA_POWER_H
#define HANDGRAD_HOST_FORMULA_POWER_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* The largest exponent of a matrix, and of its inverse. */
enum { HG_MATRIX_POWER = 16 };

/* out = a^exponent; all matrices are [n][n]. `singular`: there is none. HG_INTERNAL: out of memory. */
enum hg_status hg_matrix_power(size_t n, const double *a, int exponent, double *out, bool *singular);
/* out += the derivative by a of <g, a^exponent>, which exists. HG_INTERNAL: out of memory. */
enum hg_status hg_matrix_power_back(size_t n, const double *a, int exponent, const double *g, double *out);
/* out += the derivative of <g, inverse> by the matrix that it is the inverse of. HG_INTERNAL: out of memory. */
enum hg_status hg_inverse_back(size_t n, const double *inverse, const double *g, double *out);

#endif
