/* Comparison of computed numbers with expected ones, made so that it cannot hide a failure: numbers that are not finite
 * fail first, and what passes is `error <= limit`, which is false for NaN. */
#ifndef HANDGRAD_HOST_PROOFS_COMPARE_H
#define HANDGRAD_HOST_PROOFS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/* |actual - expected| / scale; INFINITY where either number is not finite or `scale` is not a finite number >= 0.
 * With scale 0, only equal numbers agree. */
double hg_relative_error(double actual, double expected, double scale);

/* The worst element of two arrays. scale: [n], or NULL for 1 everywhere. */
struct hg_comparison {
    double error;
    size_t index;
    double actual, expected;
};
struct hg_comparison hg_compare(size_t n, const double *actual, const double *expected, const double *scale);

/* |actual - expected| / |expected| of whole arrays, Euclidean norms; INFINITY as above, and where `expected` is all
 * zero but `actual` is not. */
double hg_relative_l2(size_t n, const double *actual, const double *expected);

bool hg_within(double error, double limit);

#endif
