#include "src/output/svg_text.h"

#include <stdbool.h>
#include <string.h>

#include "kernels/base/utf8.h"

double hg_svg_text_width(const char *text, double size)
{
    double ems = 0;
    for (size_t left = strlen(text); left > 0;) {
        const size_t length = hg_utf8_character(text, left), step = length ? length : 1;
        const unsigned char c = (unsigned char)*text;
        if (length >= 3 && c >= 0xe3)
            ems += 1.05;
        else if ((c >= 'A' && c <= 'Z') || (c && strchr("mw@%&", c)) || length == 0)
            ems += 0.85;
        else
            ems += 0.6;
        text += step;
        left -= step;
    }
    return ems * size;
}

void hg_svg_add_text(struct hg_html *page, const char *text, double size, double room)
{
    const size_t length = strlen(text);
    if (hg_svg_text_width(text, size) <= room) {
        hg_html_text(page, "%s", text);
        return;
    }
    size_t head = 0, tail = length;
    double used = 1.05 * size; /* the ellipsis */
    while (head < tail) {
        const bool from_end = length - tail <= 2 * head;
        size_t step = hg_utf8_character(text + head, tail - head);
        if (from_end)
            for (step = 1; step < 4 && step < tail && ((unsigned char)text[tail - step] & 0xc0) == 0x80;)
                ++step;
        step = step ? step : 1;
        char character[8] = "";
        memcpy(character, from_end ? text + tail - step : text + head, step);
        used += hg_svg_text_width(character, size);
        if (used > room)
            break;
        if (from_end)
            tail -= step;
        else
            head += step;
    }
    hg_html_text(page, "%.*s…%s", (int)head, text, text + tail);
}
