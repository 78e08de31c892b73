/* Short texts in pictures, in a fixed font of 5 by 7 dots a character: printable ASCII; any other character is a box.
 */
#ifndef HANDGRAD_HOST_PICTURES_FONT_H
#define HANDGRAD_HOST_PICTURES_FONT_H

#include <stddef.h>
#include <stdint.h>

#include "host/pictures/picture.h"

/* Dots from one character to the next, and from one line to the next. */
enum { HG_FONT_ADVANCE = 6, HG_FONT_LINE = 9 };

/* The lines of `text`, which newlines separate, and the characters (not bytes) of the longest. */
void hg_font_measure(const char *text, size_t *lines, size_t *characters);

/* Draws `text` with its upper left corner at (top, left), a dot as a square of `scale` by `scale` pixels of the value
 * `ink` in all channels. What lies outside of the picture is left out. */
void hg_font_draw(struct hg_picture *picture, size_t top, size_t left, size_t scale, uint8_t ink, const char *text);

#endif
