/* Which backend a run takes. */
#ifndef HANDGRAD_KERNELS_CHOOSE_H
#define HANDGRAD_KERNELS_CHOOSE_H

#include "kernels/backend.h"

/* Opens the backend of that name, or the best one for "auto"; `reason` (of size bytes) then says why, else "". */
enum hg_status hg_backend_choose(struct hg_context **out, const char *name, const struct hg_open_options *options,
                                 struct hg_device_info *device, char *reason, size_t size);

#endif
