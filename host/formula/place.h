/* Where in its text an expression is malformed. */
#ifndef HANDGRAD_HOST_FORMULA_PLACE_H
#define HANDGRAD_HOST_FORMULA_PLACE_H

#include <stddef.h>

#include "handgrad/status.h"

/* A piece of a text: for messages, which show it. */
struct hg_place {
    const char *text;
    size_t begin, end; /* bytes */
};

/* HG_USAGE: "formula: WHAT"; hg_formula_picture then shows `place`. */
enum hg_status hg_formula_fail(const char *role, struct hg_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Where in its text the calling thread's latest expression failed: the text, and below it a caret; "": in no text. */
const char *hg_formula_picture(void);
void hg_formula_picture_clear(void);

#endif
