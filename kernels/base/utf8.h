/* UTF-8, which paths and files may promise and not hold, and JSON must. */
#ifndef HANDGRAD_KERNELS_BASE_UTF8_H
#define HANDGRAD_KERNELS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* The bytes of the character that `text` of `size` bytes begins with, 1 to 4; 0 where it begins with none. */
size_t hg_utf8_character(const char *text, size_t size);

/* Whether all of `text` is UTF-8. */
bool hg_utf8_valid(const char *text);

/* A copy of `text` with U+FFFD for each byte that is not UTF-8; the caller frees *out. HG_INTERNAL: out of memory. */
enum hg_status hg_utf8_copy(char **out, const char *text);

#endif
