#include "host/formats/names.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/utf8.h"

size_t hg_names_count(const char *const *names)
{
    size_t count = 0;
    while (names && names[count])
        ++count;
    return count;
}

/* Room for `count` names of `characters` in all, without their NULs; *text is where they go. */
static enum hg_status allocate(char ***out, char **text, size_t count, size_t characters)
{
    const size_t pointers = (count + 1) * sizeof **out;
    HG_TRY(hg_allocate_bytes(out, pointers + characters + count, 1, "a list of names"));
    *text = (char *)*out + pointers;
    return HG_OK;
}

/* Where the field at `at` ends: at its separator, or at `end`. */
static const char *field_end(const char *at, const char *end, char separator)
{
    bool quoted = false;
    for (; at < end && (quoted || *at != separator); ++at)
        quoted ^= *at == '"';
    return at;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

char *hg_names_field(char *to, const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    while (at < end && is_blank(*at))
        ++at;
    while (end > at && is_blank(end[-1]))
        --end;
    const bool quoted = end - at >= 2 && *at == '"' && end[-1] == '"';
    if (quoted) {
        ++at;
        --end;
    }
    while (at < end) {
        const size_t valid = hg_utf8_character(at, (size_t)(end - at));
        if (quoted && *at == '"' && at + 1 < end && at[1] == '"')
            ++at;
        if (valid == 0)
            *to++ = '?';
        for (size_t i = 0; i < valid; ++i)
            *to++ = at[i];
        at += valid ? valid : 1;
    }
    *to++ = '\0';
    return to;
}

enum hg_status hg_names_split(char ***out, const char *line, size_t length, char separator)
{
    const char *const end = line + length;
    size_t count = 1;
    for (const char *at = line; (at = field_end(at, end, separator)) < end; ++at)
        ++count;
    char *text;
    HG_TRY(allocate(out, &text, count, length));
    for (size_t i = 0; i < count; ++i) {
        const char *stop = field_end(line, end, separator);
        (*out)[i] = text;
        text = hg_names_field(text, line, (size_t)(stop - line));
        line = stop + 1;
    }
    return HG_OK;
}

enum hg_status hg_names_lines(char ***out, const char *text)
{
    size_t count = 1;
    for (const char *at = text; *at; ++at)
        count += *at == '\n';
    char *to;
    HG_TRY(allocate(out, &to, count, strlen(text)));
    memcpy(to, text, strlen(text) + 1);
    for (size_t i = 0; i < count; ++i) {
        (*out)[i] = to;
        to += strcspn(to, "\n");
        *to++ = '\0';
    }
    return HG_OK;
}

enum hg_status hg_names_copy(char ***out, const char *const *names, size_t count)
{
    size_t characters = 0;
    for (size_t i = 0; i < count; ++i)
        characters += strlen(names[i]);
    char *text;
    HG_TRY(allocate(out, &text, count, characters));
    for (size_t i = 0; i < count; ++i) {
        (*out)[i] = text;
        text = stpcpy(text, names[i]) + 1;
    }
    return HG_OK;
}

enum hg_status hg_names_join(char **out, const char *const *names)
{
    size_t size = 1;
    for (size_t i = 0; names[i]; ++i)
        size += strlen(names[i]) + 1;
    HG_TRY(hg_allocate(out, size, "a list of names"));
    char *to = *out;
    for (size_t i = 0; names[i]; ++i) {
        if (i > 0)
            *to++ = '\n';
        to = stpcpy(to, names[i]);
    }
    return HG_OK;
}

static int compare(const void *a, const void *b)
{
    const struct hg_name *first = a, *second = b;
    const int order = strcmp(first->text, second->text);
    return order ? order : (first->index > second->index) - (first->index < second->index);
}

enum hg_status hg_names_sort(struct hg_name **out, const char *const *names, size_t count)
{
    HG_TRY(hg_allocate(out, count, "a list of names"));
    for (size_t i = 0; i < count; ++i)
        (*out)[i] = (struct hg_name){names[i], i};
    qsort(*out, count, sizeof **out, compare);
    return HG_OK;
}

const struct hg_name *hg_names_find(const struct hg_name *sorted, size_t count, const char *text)
{
    size_t first = 0;
    for (size_t beyond = count; first < beyond;) {
        const size_t middle = first + (beyond - first) / 2;
        if (strcmp(sorted[middle].text, text) < 0)
            first = middle + 1;
        else
            beyond = middle;
    }
    return first < count && strcmp(sorted[first].text, text) == 0 ? &sorted[first] : NULL;
}
