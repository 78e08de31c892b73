/* SVG as PNG, by librsvg's program rsvg-convert. */
#ifndef HANDGRAD_SRC_OUTPUT_SVG_RENDER_H
#define HANDGRAD_SRC_OUTPUT_SVG_RENDER_H

#include <stddef.h>

#include "handgrad/status.h"

/* HG_UNAVAILABLE: the program is not installed, with what to install. */
enum hg_status hg_svg_renderer_require(void);

/* Replaces `file` as a whole by the picture as PNG, two pixels for each unit. HG_UNAVAILABLE, HG_CANNOT_CREATE, HG_IO,
 * HG_INTERNAL; nothing is left behind. */
enum hg_status hg_svg_render(const char *file, const char *svg, size_t length);

#endif
