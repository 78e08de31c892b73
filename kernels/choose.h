/* Which backend a run takes. */
#ifndef HANDGRAD_KERNELS_CHOOSE_H
#define HANDGRAD_KERNELS_CHOOSE_H

#include "kernels/backend.h"

/* The backends that a run may ask for by name, NULL-terminated; "auto" is the first. reference64, against which proofs
 * measure the others, is accepted too, but not listed. */
extern const char *const hg_backend_choices[];

/* HG_USAGE where no build has a backend of that name. */
enum hg_status hg_backend_check(const char *name);

/* Opens the backend of that name. "auto" takes a GPU if one answers; if not, it takes the CPU and says why in `reason`
 * (of `size` bytes), which is else empty. */
enum hg_status hg_backend_choose(struct hg_context **out, const char *name, const struct hg_open_options *options,
                                 struct hg_device_info *device, char *reason, size_t size);

#endif
