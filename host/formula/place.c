#include "host/formula/place.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char picture[384];

/* The text around the place, and the caret below its first character. */
static void show(char *out, size_t size, struct hg_place place)
{
    enum { BEFORE = 60, AFTER = 40 };
    size_t first = place.begin > BEFORE ? place.begin - BEFORE : 0, column = 0;
    while (first && (place.text[first] & 0xC0) == 0x80)
        --first;
    size_t length = strnlen(place.text + first, place.begin - first + AFTER);
    while (length && (place.text[first + length] & 0xC0) == 0x80)
        --length;
    for (size_t i = first; i < place.begin; ++i)
        column += (place.text[i] & 0xC0) != 0x80;
    size_t used = (size_t)snprintf(out, size, "    %.*s", (int)length, place.text + first);
    for (size_t i = 0; i < used; ++i) /* a line stays a line, and nothing reaches a terminal but characters */
        if (iscntrl((unsigned char)out[i]))
            out[i] = ' ';
    snprintf(out + used, size - used, "\n    %*s^", (int)column, "");
}

const char *hg_formula_picture(void)
{
    return picture;
}

void hg_formula_picture_clear(void)
{
    picture[0] = '\0';
}

enum hg_status hg_formula_fail(const char *role, struct hg_place place, const char *format, ...)
{
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    show(picture, sizeof picture, place);
    return hg_fail(HG_USAGE, "%s: %s", role, words);
}
