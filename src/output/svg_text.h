/* Texts in SVG pictures, where nothing wraps a line that is too long. */
#ifndef HANDGRAD_SRC_OUTPUT_SVG_TEXT_H
#define HANDGRAD_SRC_OUTPUT_SVG_TEXT_H

#include "src/output/html.h"

/* An upper bound of the width of a text in letters of height `size`, since no font can be asked. */
double hg_svg_text_width(const char *text, double size);

/* Adds the text, escaped, with its middle left out where it is wider than `room`: the end of a path tells most. */
void hg_svg_add_text(struct hg_html *page, const char *text, double size, double room);

#endif
