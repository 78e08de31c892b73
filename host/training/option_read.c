/* Values of options as they are typed. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/option.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

static enum hg_status read_whole(const struct hg_option *row, const char *text, unsigned long long limit,
                                 unsigned long long *out)
{
    char *end, expected[HG_OPTION_WORDS];
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (!*text || *end || strspn(text, "0123456789") != strlen(text))
        return hg_fail(HG_USAGE, "%s: '%s' is not a whole number; give %s", row->name, text,
                       hg_option_expected(expected, row));
    if (errno == ERANGE || *out > limit)
        return hg_fail(HG_USAGE, "%s: %s is too large; give %s", row->name, text, hg_option_expected(expected, row));
    return HG_OK;
}

static enum hg_status read_real(const struct hg_option *row, const char *text, double *out)
{
    char *end, expected[HG_OPTION_WORDS];
    const double words[] = {NAN, INFINITY};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        const char *word = hg_option_word(row, words[i]);
        if (word && strcmp(text, word) == 0) {
            *out = words[i];
            return HG_OK;
        }
    }
    *out = strtod(text, &end);
    if (!*text || *end || !isfinite(*out))
        return hg_fail(HG_USAGE, "%s: '%s' is not a number; give %s", row->name, text,
                       hg_option_expected(expected, row));
    return HG_OK;
}

static enum hg_status read_choice(const struct hg_option *row, const char *text, unsigned *out)
{
    char expected[HG_OPTION_WORDS];
    size_t count = 0;
    for (; row->choices[count]; ++count) {
        if (strcmp(row->choices[count], text) == 0) {
            *out = (unsigned)count;
            return HG_OK;
        }
    }
    const char *nearest = hg_words_nearest(text, row->choices, count);
    if (nearest)
        return hg_fail(HG_USAGE, "%s: there is no '%s'; did you mean %s?", row->name, text, nearest);
    return hg_fail(HG_USAGE, "%s: there is no '%s'; give %s", row->name, text, hg_option_expected(expected, row));
}

static enum hg_status read_switch(const struct hg_option *row, const char *text, bool *out)
{
    const bool on = strcmp(text, "true") == 0;
    if (!on && strcmp(text, "false") != 0)
        return hg_fail(HG_USAGE, "%s: '%s' is neither true nor false", row->name, text);
    *out = on;
    return HG_OK;
}

enum hg_status hg_option_read(const struct hg_option *row, const char *text, void *settings)
{
    char expected[HG_OPTION_WORDS];
    void *field = (char *)settings + row->offset;
    unsigned long long whole;
    unsigned choice = 0;
    switch (row->kind) {
    case HG_OPTION_SIZE:
        HG_TRY(read_whole(row, text, SIZE_MAX, &whole));
        *(size_t *)field = (size_t)whole;
        break;
    case HG_OPTION_SEED:
        HG_TRY(read_whole(row, text, UINT64_MAX, &whole));
        *(uint64_t *)field = whole;
        break;
    case HG_OPTION_INT:
        HG_TRY(read_whole(row, text, INT32_MAX, &whole));
        *(int *)field = (int)whole;
        break;
    case HG_OPTION_REAL:
        HG_TRY(read_real(row, text, field));
        break;
    case HG_OPTION_TEXT:
        if (!*text)
            return hg_fail(HG_USAGE, "%s: the value is empty; give %s", row->name, hg_option_expected(expected, row));
        *(const char **)field = text;
        break;
    case HG_OPTION_CHOICE:
        HG_TRY(read_choice(row, text, &choice));
        memcpy(field, &choice, sizeof choice);
        break;
    case HG_OPTION_FLAG:
        if (!row->choices) {
            HG_TRY(read_switch(row, text, field));
            break;
        }
        HG_TRY(read_choice(row, text, &choice));
        *(bool *)field = choice == 1;
        break;
    }
    return hg_option_check(row, settings);
}
