/* gradcheck on any samples and any backend that computes in double, even one that is not in hg_backends(): tests plant
 * wrong equations that way. */
#ifndef HANDGRAD_HOST_PROOFS_GRADCHECK_GRADCHECK_H
#define HANDGRAD_HOST_PROOFS_GRADCHECK_GRADCHECK_H

#include "handgrad/check.h"
#include "kernels/backend.h"

/* As hg_gradcheck, on all of `samples` as one batch, with labels below `classes`. */
enum hg_status hg_gradcheck_backend(struct hg_gradcheck_report *report, enum hg_model_kind model,
                                    const struct hg_backend *backend, const struct hg_samples *samples, size_t classes,
                                    const struct hg_gradcheck_options *options);

#endif
