/* A picture of originals over reconstructions. */
#ifndef HANDGRAD_SRC_OUTPUT_SHEET_H
#define HANDGRAD_SRC_OUTPUT_SHEET_H

#include <stddef.h>

#include "handgrad/status.h"

struct hg_sheet {
    size_t count;                             /* pairs */
    size_t height, width, channels;           /* of an image; channels 1: grey, 3: red, green, blue */
    const float *originals, *reconstructions; /* [count][height][width][channels]; 0 dark, 1 bright, clamped */
};

/* Ten pairs a row, each original over its reconstruction; `file` is replaced as a whole. HG_BAD_DATA: too large for a
 * picture. */
enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet);

#endif
