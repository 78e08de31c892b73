/* Lists of words in messages. */
#ifndef HANDGRAD_KERNELS_BASE_WORDS_H
#define HANDGRAD_KERNELS_BASE_WORDS_H

#include <stddef.h>

/* Joins NULL-terminated `words` in out[size]: "a, b or c" by the separators ", " and " or ". Cut off where there is no
 * room. Returns `out`. */
char *hg_words_join(char *out, size_t size, const char *const *words, const char *separator, const char *last);

#endif
