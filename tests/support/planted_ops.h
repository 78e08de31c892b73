/* Faults planted into a backend's ops. */
#ifndef HANDGRAD_TESTS_SUPPORT_PLANTED_OPS_H
#define HANDGRAD_TESTS_SUPPORT_PLANTED_OPS_H

#include "kernels/ops.h"

/* Replaces the functions of `ops` by those of `faults` that are not NULL. */
void plant_ops(struct hg_ops *ops, const struct hg_ops *faults);

#endif
