#include "kernels/base/words.h"

#include <stdio.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { WORD = 64 };

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

/* The number of single-character edits that turn a into b (Levenshtein). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD + 1];
    const size_t n = strnlen(b, WORD);
    for (size_t j = 0; j <= n; ++j)
        row[j] = j;
    for (size_t i = 0; a[i]; ++i) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; ++j) {
            const size_t replace = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            const size_t shorter = row[j] < row[j + 1] ? row[j] : row[j + 1];
            row[j + 1] = replace < shorter + 1 ? replace : shorter + 1;
        }
    }
    return row[n];
}

const char *hg_words_nearest(const char *word, const char *const *candidates, size_t count)
{
    /* If more than about a third of the letters differ, another word was meant. */
    size_t best = strlen(word) / 3 + 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; ++i) {
        const size_t distance = edit_distance(word, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

enum hg_status hg_shell_quote(char **out, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    static const char escaped_quote[] = "'\\''";
    if (*text && strspn(text, plain) == strlen(text))
        return hg_string_copy(out, text);
    HG_TRY(hg_allocate(out, strlen(text) * strlen(escaped_quote) + sizeof "''", "a text in quotes"));
    char *to = *out;
    *to++ = '\'';
    for (; *text; ++text)
        to = *text == '\'' ? stpcpy(to, escaped_quote) : (*to = *text, to + 1);
    *to = '\'';
    return HG_OK;
}
