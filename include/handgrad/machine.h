/* What this build and this machine offer. */
#ifndef HANDGRAD_MACHINE_H
#define HANDGRAD_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handgrad/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The backends of this build, one call a backend; HG_NO_INPUT after the last. `reason` says why it cannot run here. */
struct hg_backend_description {
    const char *name;
    bool usable;
    char device[128];
    char detail[256];
    char reason[512];
    uint64_t memory; /* bytes; 0: not known */
};
enum hg_status hg_backend_describe(size_t index, struct hg_backend_description *description);
const char *hg_version(void);

#ifdef __cplusplus
}
#endif
#endif
