/* crosscheck of any backend, even one that is not in hg_backends(): tests plant faulty ops that way. */
#ifndef HANDGRAD_HOST_PROOFS_CROSSCHECK_CROSSCHECK_H
#define HANDGRAD_HOST_PROOFS_CROSSCHECK_CROSSCHECK_H

#include "handgrad/check.h"
#include "kernels/backend.h"

/* As hg_crosscheck. */
enum hg_status hg_crosscheck_backend(struct hg_crosscheck_report *report, const struct hg_backend *backend,
                                     int threads);

#endif
