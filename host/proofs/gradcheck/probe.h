/* The derivative of a loss along one direction, computed twice: from a gradient, and from differences of the loss
 * itself. Both come with an estimate of their error, so that no fixed tolerance has to fit every scale of data. */
#ifndef HANDGRAD_HOST_PROOFS_GRADCHECK_PROBE_H
#define HANDGRAD_HOST_PROOFS_GRADCHECK_PROBE_H

#include <stddef.h>

#include "handgrad/status.h"
#include "kernels/base/random.h"

/* A quantity that L depends on: its value (base), the gradient that an equation gives for it, and a direction. */
struct hg_probe {
    size_t n;
    double *base, *gradient, *direction, *moved;
    double base_share; /* the gradient was read from a difference that contains base_share * base, and so has the
                          rounding error of that; 0: it was not */
};

struct hg_derivative {
    double value;
    double error;  /* of `value`, at most: rounding, and for differences the truncation too */
    double noise;  /* of differences: the standard deviation of the rounding errors in the loss's values */
    double hidden; /* of differences: the derivative that a loss would have whose noise is none, but fast changes */
};

enum hg_status hg_probe_create(struct hg_probe *probe, size_t n);
void hg_probe_free(struct hg_probe *probe);

/* A direction of about the length of base (1 where base is 0): half of it along the gradient, so that the derivative
 * is not a difference of large terms, and half of it random, so that every element of the gradient counts. */
void hg_probe_aim(struct hg_probe *probe, struct hg_random *random);

/* L with the probed quantity set to `values`. */
typedef enum hg_status hg_probe_loss(void *target, const double *values, double *loss);

/* <gradient, direction>, where each element of the gradient is off by at most `roundings` roundings of its own. */
struct hg_derivative hg_probe_analytic(const struct hg_probe *probe, size_t roundings);
/* dL/dt at t = 0 with the quantity at base + t * direction; leaves it at base. L may be any smooth function that is not
 * periodic along the line: the first steps are wide, and if a period divides them, L looks constant. */
enum hg_status hg_probe_numeric(const struct hg_probe *probe, hg_probe_loss *loss, void *target,
                                struct hg_derivative *derivative);

#endif
