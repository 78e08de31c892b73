#include "kernels/base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

size_t hg_utf8_character(const char *text, size_t size)
{
    /* By length: what the first byte begins with, and the least code point that needs that many bytes. */
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } lengths[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t length = 1; length <= 4 && length <= size; ++length) {
        const unsigned char first = (unsigned char)text[0];
        if ((first & lengths[length - 1].mask) != lengths[length - 1].lead)
            continue;
        uint32_t code = first & (unsigned char)~lengths[length - 1].mask;
        for (size_t i = 1; i < length; ++i) {
            const unsigned char next = (unsigned char)text[i];
            if ((next & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (next & 0x3f);
        }
        const bool surrogate = code >= 0xd800 && code <= 0xdfff;
        return code >= lengths[length - 1].least && code <= 0x10ffff && !surrogate ? length : 0;
    }
    return 0;
}

bool hg_utf8_valid(const char *text)
{
    for (size_t size = strlen(text); size > 0;) {
        const size_t length = hg_utf8_character(text, size);
        if (length == 0)
            return false;
        text += length;
        size -= length;
    }
    return true;
}

enum hg_status hg_utf8_copy(char **out, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t left = strlen(text);
    HG_TRY(hg_allocate(out, left * (sizeof replacement - 1) + 1, "a text"));
    for (char *to = *out; left > 0;) {
        const size_t length = hg_utf8_character(text, left);
        to = length ? mempcpy(to, text, length) : mempcpy(to, replacement, sizeof replacement - 1);
        text += length ? length : 1;
        left -= length ? length : 1;
    }
    return HG_OK;
}
