#include "src/output/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/utf8.h"

static const char WHAT[] = "the page";

void hg_html_free(struct hg_html *page)
{
    free(page->text);
    *page = (struct hg_html){0};
}

/* Makes room for `length` more bytes and a NUL; NULL where there is none. */
static char *extend(struct hg_html *page, size_t length)
{
    if (page->status != HG_OK)
        return NULL;
    if (page->room - page->length <= length) {
        const size_t room = 2 * page->room + length + 1;
        page->status = hg_reallocate(&page->text, room, WHAT);
        if (page->status != HG_OK)
            return NULL;
        page->room = room;
    }
    return page->text + page->length;
}

static void append(struct hg_html *page, const char *bytes, size_t length)
{
    char *to = length > 0 ? extend(page, length) : NULL;
    if (!to)
        return;
    memcpy(to, bytes, length);
    to[length] = '\0';
    page->length += length;
}

static void append_text(struct hg_html *page, const char *text)
{
    append(page, text, strlen(text));
}

/* What printf makes of the arguments; NULL where memory ran out. The caller frees it. */
static char *format_text(struct hg_html *page, const char *format, va_list arguments)
{
    char *text = NULL;
    if (page->status == HG_OK && vasprintf(&text, format, arguments) < 0) {
        page->status = hg_fail_out_of_memory(WHAT);
        return NULL;
    }
    return text;
}

static uint32_t code_point(const char *character, size_t length)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)character[0] & lead_bits[length];
    for (size_t i = 1; i < length; ++i)
        code = code << 6 | ((unsigned char)character[i] & 0x3f);
    return code;
}

/* Characters that HTML or XML forbids, and those that turn the direction of the text around them. */
static bool is_unfit(uint32_t code)
{
    const bool control = code >= 0x80 && code < 0xa0;
    const bool none = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
    const bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return control || none || direction;
}

static void append_escaped(struct hg_html *page, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        const size_t length = hg_utf8_character(text, left);
        const unsigned char first = (unsigned char)*text;
        if (length == 0 || is_unfit(code_point(text, length)))
            append_text(page, "\xef\xbf\xbd");
        else if (first < 0x20) /* U+2400 + code: its picture */
            append(page, (const char[]){'\xe2', '\x90', (char)(0x80 + first)}, 3);
        else if (first == 0x7f)
            append_text(page, "\xe2\x90\xa1");
        else if (first == '&')
            append_text(page, "&amp;");
        else if (first == '<')
            append_text(page, "&lt;");
        else if (first == '>')
            append_text(page, "&gt;");
        else if (first == '"')
            append_text(page, "&quot;");
        else
            append(page, text, length);
        text += length ? length : 1;
        left -= length ? length : 1;
    }
}

static void append_formatted(struct hg_html *page, bool escaped, const char *format, va_list arguments)
{
    char *text = format_text(page, format, arguments);
    if (!text)
        return;
    if (escaped)
        append_escaped(page, text);
    else
        append_text(page, text);
    free(text);
}

void hg_html_markup(struct hg_html *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append_formatted(page, false, format, arguments);
    va_end(arguments);
}

void hg_html_text(struct hg_html *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append_formatted(page, true, format, arguments);
    va_end(arguments);
}

void hg_html_element(struct hg_html *page, const char *tag, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hg_html_markup(page, "<%s>", tag);
    append_formatted(page, true, format, arguments);
    hg_html_markup(page, "</%.*s>", (int)strcspn(tag, " "), tag);
    va_end(arguments);
}

static void append_base64(struct hg_html *page, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t bits =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        const char four[] = {digits[bits >> 18], digits[bits >> 12 & 63], left > 1 ? digits[bits >> 6 & 63] : '=',
                             left > 2 ? digits[bits & 63] : '='};
        append(page, four, sizeof four);
    }
}

void hg_html_picture(struct hg_html *page, const struct hg_picture *picture, size_t scale, const char *format, ...)
{
    void *bytes;
    size_t size;
    if (page->status != HG_OK)
        return;
    page->status = hg_png_encode(&bytes, &size, picture, "a picture of the page");
    if (page->status != HG_OK)
        return;
    hg_html_markup(page, "<img width=\"%zu\" height=\"%zu\" alt=\"", scale * picture->width, scale * picture->height);
    va_list arguments;
    va_start(arguments, format);
    append_formatted(page, true, format, arguments);
    va_end(arguments);
    append_text(page, "\" src=\"data:image/png;base64,");
    append_base64(page, bytes, size);
    append_text(page, "\">");
    free(bytes);
}

static bool is_number_heading(const char *heading)
{
    return heading[0] == '>';
}

void hg_html_table_begin(struct hg_html *page, const char *caption, const char *const *headings, size_t columns)
{
    append_text(page, "<div class=\"scroll\"><table>");
    if (caption)
        hg_html_element(page, "caption", "%s", caption);
    append_text(page, "<thead><tr>");
    for (size_t i = 0; i < columns; ++i) {
        const bool number = is_number_heading(headings[i]);
        hg_html_element(page, number ? "th scope=\"col\" class=\"number\"" : "th scope=\"col\"", "%s",
                        headings[i] + number);
    }
    append_text(page, "</tr></thead>\n<tbody>");
}

void hg_html_table_row(struct hg_html *page, const char *const *headings, const char *const *cells, size_t columns)
{
    append_text(page, "<tr>");
    for (size_t i = 0; i < columns; ++i) {
        const char *tag = i == 0 ? "th scope=\"row\"" : is_number_heading(headings[i]) ? "td class=\"number\"" : "td";
        hg_html_element(page, tag, "%s", cells[i] ? cells[i] : "");
    }
    append_text(page, "</tr>\n");
}

void hg_html_table_end(struct hg_html *page)
{
    append_text(page, "</tbody></table></div>\n");
}

void hg_html_begin(struct hg_html *page, const char *title)
{
    append_text(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n");
    hg_html_element(page, "title", "%s", title);
    append_text(page, "\n<style>\n");
    append_text(page, hg_html_style);
    append_text(page, hg_plot_style);
    append_text(page, "</style>\n</head>\n<body>\n<main>\n");
}

void hg_html_end(struct hg_html *page)
{
    append_text(page, "</main>\n</body>\n</html>\n");
}

void hg_html_append(struct hg_html *page, struct hg_html *part)
{
    if (page->status == HG_OK)
        page->status = part->status;
    append(page, part->text, part->length);
    hg_html_free(part);
}

enum hg_status hg_html_take(char **out, struct hg_html *page)
{
    extend(page, 0);
    const enum hg_status status = page->status;
    if (status == HG_OK) {
        page->text[page->length] = '\0';
        *out = page->text;
        page->text = NULL;
    }
    hg_html_free(page);
    return status;
}

enum hg_status hg_html_write(const char *file, struct hg_html *page)
{
    char *text = NULL;
    const size_t length = page->length;
    HG_TRY(hg_html_take(&text, page));
    const enum hg_status status = hg_file_replace(file, &(struct iovec){text, length}, 1);
    free(text);
    return status;
}
