/* crosscheck of any table of functions, one that is not in the list of backends included. */
#ifndef HANDGRAD_HOST_PROOFS_CROSSCHECK_CROSSCHECK_H
#define HANDGRAD_HOST_PROOFS_CROSSCHECK_CROSSCHECK_H

#include "handgrad/check.h"
#include "kernels/backend.h"

/* As hg_crosscheck. */
enum hg_status hg_crosscheck_backend(struct hg_crosscheck_report *report, const struct hg_backend *backend,
                                     int threads);

#endif
