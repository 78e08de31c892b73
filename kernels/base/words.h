/* Lists of words in messages. */
#ifndef HANDGRAD_KERNELS_BASE_WORDS_H
#define HANDGRAD_KERNELS_BASE_WORDS_H

#include <stddef.h>

/* Joins NULL-terminated `words` in out[size]: "a, b or c" by the separators ", " and " or ". Cut short if it does not
 * fit. Returns `out`. */
char *hg_words_join(char *out, size_t size, const char *const *words, const char *separator, const char *last);

/* The one of `count` candidates of which `word` is most likely a misspelling; NULL: none is similar. */
const char *hg_words_nearest(const char *word, const char *const *candidates, size_t count);

#endif
