/* crosscheck of any table of functions, one that is not in the list of backends included. */
#ifndef HANDGRAD_HOST_CROSSCHECK_H
#define HANDGRAD_HOST_CROSSCHECK_H

#include "backend.h"
#include "handgrad/check.h"

/* As hg_crosscheck. */
enum hg_status hg_crosscheck_backend(struct hg_crosscheck_report *report, const struct hg_backend *backend,
                                     int threads);

#endif
