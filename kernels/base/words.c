#include "kernels/base/words.h"

#include <stdio.h>

char *hg_words_join(char *out, size_t size, const char *const *words, const char *separator, const char *last)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; words[i] && used < size; ++i) {
        const char *before = i == 0 ? "" : words[i + 1] ? separator : last;
        used += (size_t)snprintf(out + used, size - used, "%s%s", before, words[i]);
    }
    return out;
}
