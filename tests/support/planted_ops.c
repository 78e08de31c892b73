#include "tests/support/planted_ops.h"

#define REPLACE(faults, op)                                                                                            \
    if ((faults)->op)                                                                                                  \
        ops->op = (faults)->op;

void plant_ops(struct hg_ops *ops, const struct hg_ops *faults)
{
    HG_EACH_OP(REPLACE, faults)
}
