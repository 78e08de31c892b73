/* HTML and SVG pages, built in memory.
 *
 * Running out of memory is remembered and reported by hg_html_take and hg_html_write alone, so that what lies between
 * needs no checks.
 *
 * Nothing that comes from data, paths or the command line may reach hg_html_markup: it goes through the other
 * functions, which escape what means something to HTML or XML. Bytes that are not UTF-8, and characters that no page
 * may hold or that turn the direction of text around, become U+FFFD; control characters become their pictures, as ␛. */
#ifndef HANDGRAD_SRC_OUTPUT_HTML_H
#define HANDGRAD_SRC_OUTPUT_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"
#include "host/pictures/picture.h"

/* A page under way; all zero is an empty one. */
struct hg_html {
    char *text; /* NUL-terminated once there is any */
    size_t length, room;
    enum hg_status status; /* of the first failure; nothing is added after it */
};

void hg_html_free(struct hg_html *page);

/* Adds markup as it is (printf). Arguments are numbers or words of our own. */
void hg_html_markup(struct hg_html *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds text (printf), escaped as a whole: right between tags, and within an attribute in double quotes. */
void hg_html_text(struct hg_html *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* <tag>text</tag>, the text (printf) escaped. The tag is markup and may have attributes: "td class=\"number\"". */
void hg_html_element(struct hg_html *page, const char *tag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A picture within the page, as PNG, each of its pixels shown as `scale` a side; the text is what stands for it where
 * it cannot be seen. */
void hg_html_picture(struct hg_html *page, const struct hg_picture *picture, size_t scale, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A table with a row of headings; cells follow, a row at a time, and hg_html_table_end. The caption (may be NULL) is
 * text. A heading that begins with '>' is over numbers, which are right-aligned. */
void hg_html_table_begin(struct hg_html *page, const char *caption, const char *const *headings, size_t columns);
/* Each of the row's texts is a cell; NULL: an empty one. The first is the row's own heading. Cells are of the kind that
 * the heading says. */
void hg_html_table_row(struct hg_html *page, const char *const *headings, const char *const *cells, size_t columns);
void hg_html_table_end(struct hg_html *page);

/* A whole page: everything from <!DOCTYPE html> to the <main> that holds the content, and what closes it. The title is
 * text. It needs nothing from the network and has no scripts; it follows the reader's choice of light or dark. */
void hg_html_begin(struct hg_html *page, const char *title);
void hg_html_end(struct hg_html *page);

/* Adds all of another page, which is empty afterwards. */
void hg_html_append(struct hg_html *page, struct hg_html *part);

/* The text, which the caller frees; the page is empty afterwards. HG_INTERNAL: memory ran out. */
enum hg_status hg_html_take(char **out, struct hg_html *page);
/* Replaces `file` as a whole by the text; the page is empty afterwards. HG_CANNOT_CREATE, HG_IO, HG_INTERNAL. */
enum hg_status hg_html_write(const char *file, struct hg_html *page);

/* Style sheets: of pages (with plots in them), and of plots alone. */
extern const char hg_html_style[], hg_plot_style[];

#endif
