#include "kernels/cpu/steps/kernels/kernels.h"

#include "kernels/cpu/ops/op_kernels.h"

#define QUOTE_(name) #name
#define QUOTE(name) QUOTE_(name)

const struct hg_cpu_kernels HG_VARIANT(hg_cpu_kernels) = {
    .name = QUOTE(HG_ISA_NAME),
    .lanes = HG_LANES,
    .ops = &HG_VARIANT(hg_cpu_op_kernels),
    .tiles_gather = HG_VARIANT(hg_tiles_gather),
    .tiles_turn = HG_VARIANT(hg_tiles_turn),
    .tiles_squares = HG_VARIANT(hg_tiles_squares),
    .sparse_forward = HG_VARIANT(hg_sparse_forward),
    .sparse_swish = HG_VARIANT(hg_sparse_swish),
    .sparse_backward = HG_VARIANT(hg_sparse_backward),
    .head_logits = HG_VARIANT(hg_head_logits),
    .head_backward = HG_VARIANT(hg_head_backward),
    .head_softmax = HG_VARIANT(hg_head_softmax),
    .dense_product = HG_VARIANT(hg_dense_product),
};
