/* UTF-8, which paths and files may promise and not hold, and JSON must. */
#ifndef HANDGRAD_KERNELS_BASE_UTF8_H
#define HANDGRAD_KERNELS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character that `text` of `size` bytes begins with, 1 to 4; 0 where it begins with none. */
size_t hg_utf8_character(const char *text, size_t size);

/* Whether all of `text` is UTF-8. */
bool hg_utf8_valid(const char *text);

#endif
