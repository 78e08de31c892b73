#include "host/formats/uri.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/utf8.h"

static const char scheme[] = "file:";
enum { SCHEME = sizeof scheme - 1, ESCAPED = 3 };

enum hg_status hg_uri_encode(char **out, const char *text)
{
    if (hg_utf8_valid(text) && strncmp(text, scheme, SCHEME) != 0)
        return hg_string_copy(out, text);
    HG_TRY(hg_allocate(out, SCHEME + ESCAPED * strlen(text) + 1, "a path"));
    char *to = stpcpy(*out, scheme);
    for (const char *at = text; *at; ++at) {
        const unsigned char byte = (unsigned char)*at;
        if (byte < 128 && (isalnum(byte) || strchr("/-_.~", byte)))
            *to++ = *at;
        else
            to += snprintf(to, ESCAPED + 1, "%%%02X", byte);
    }
    return HG_OK;
}

static int hex(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

enum hg_status hg_uri_decode(char **out, const char *text)
{
    if (strncmp(text, scheme, SCHEME) != 0)
        return hg_string_copy(out, text);
    text += SCHEME;
    if (strncmp(text, "///", 3) == 0) /* an empty host */
        text += 2;
    HG_TRY(hg_allocate(out, strlen(text) + 1, "a path"));
    for (char *to = *out; *text; ++to) {
        const bool escaped = *text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]);
        *to = escaped ? (char)(hex(text[1]) << 4 | hex(text[2])) : *text;
        text += escaped ? ESCAPED : 1;
    }
    return HG_OK;
}
