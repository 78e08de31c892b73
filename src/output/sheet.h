/* A picture of originals over reconstructions. */
#ifndef HANDGRAD_SRC_OUTPUT_SHEET_H
#define HANDGRAD_SRC_OUTPUT_SHEET_H

#include <stddef.h>

#include "handgrad/status.h"

struct hg_sheet {
    size_t count;                             /* pairs */
    size_t height, width;                     /* of an image */
    const float *originals, *reconstructions; /* [count][height][width]; 0 black, 1 white, clamped */
};

/* Ten pairs a row, each original over its reconstruction; `file` is replaced as a whole. HG_BAD_DATA: too large for a
 * picture. */
enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet);

#endif
