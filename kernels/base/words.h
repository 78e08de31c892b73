/* Words in messages and on command lines. */
#ifndef HANDGRAD_KERNELS_BASE_WORDS_H
#define HANDGRAD_KERNELS_BASE_WORDS_H

#include <stddef.h>

#include "handgrad/status.h"

/* Joins NULL-terminated `words` in out[size]: "a, b or c" by the separators ", " and " or ". Cut short if it does not
 * fit. Returns `out`. */
char *hg_words_join(char *out, size_t size, const char *const *words, const char *separator, const char *last);

/* The one of `count` candidates of which `word` is most likely a misspelling; NULL: none is similar. */
const char *hg_words_nearest(const char *word, const char *const *candidates, size_t count);

/* `text` as a word of a shell's command line: in quotes if it has blanks or other special characters. The caller frees
 * *out. HG_INTERNAL: out of memory. */
enum hg_status hg_shell_quote(char **out, const char *text);

#endif
