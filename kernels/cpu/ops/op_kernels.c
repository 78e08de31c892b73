#include "kernels/cpu/ops/op_kernels.h"

const struct hg_cpu_op_kernels HG_VARIANT(hg_cpu_op_kernels) = {
    .scale_bytes = HG_VARIANT(hg_scale_bytes),
    .copy_floats = HG_VARIANT(hg_copy_floats),
    .bias_swish = HG_VARIANT(hg_bias_swish),
    .swish_backward = HG_VARIANT(hg_swish_backward),
    .softmax_xent = HG_VARIANT(hg_softmax_xent),
    .column_sums = HG_VARIANT(hg_column_sums),
    .sgd_update = HG_VARIANT(hg_sgd_update),
    .peak_multiply_add = HG_VARIANT(hg_peak_multiply_add),
    .peak_read = HG_VARIANT(hg_peak_read),
};
