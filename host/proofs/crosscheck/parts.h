/* The parts of crosscheck, one file each. Each adds rows to rig->report, or leaves a failure in rig->status. */
#ifndef HANDGRAD_HOST_PROOFS_CROSSCHECK_PARTS_H
#define HANDGRAD_HOST_PROOFS_CROSSCHECK_PARTS_H

#include "host/proofs/crosscheck/rig.h"

void hg_crosscheck_gemm(struct hg_rig *rig);
void hg_crosscheck_elementwise(struct hg_rig *rig); /* bias_swish, swish_backward, sgd_update */
void hg_crosscheck_losses(struct hg_rig *rig);      /* softmax_xent, autoencoder_terms */
void hg_crosscheck_batches(struct hg_rig *rig);     /* next_batch, load_rows, the factors */
/* Whole training steps: the backend's own and, with `lists`, the lists of ops. `form` says, for the report, how the
 * context reads its input. */
void hg_crosscheck_networks(struct hg_rig *rig, const char *form, bool lists);

#endif
