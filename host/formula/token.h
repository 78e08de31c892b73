/* The words of the language. */
#ifndef HANDGRAD_HOST_FORMULA_TOKEN_H
#define HANDGRAD_HOST_FORMULA_TOKEN_H

#include "host/formula/tree.h"

enum hg_token_kind {
    HG_TOKEN_END,
    HG_TOKEN_NUMBER,
    HG_TOKEN_NAME,
    HG_TOKEN_ADD,
    HG_TOKEN_SUBTRACT,
    HG_TOKEN_MULTIPLY,
    HG_TOKEN_MULTIPLY_ELEMENTS,
    HG_TOKEN_DIVIDE,
    HG_TOKEN_DIVIDE_ELEMENTS,
    HG_TOKEN_POWER,
    HG_TOKEN_POWER_ELEMENTS,
    HG_TOKEN_RAISED, /* ², ³: `number` is the exponent */
    HG_TOKEN_TRANSPOSE,
    HG_TOKEN_OPEN,
    HG_TOKEN_CLOSE,
    HG_TOKEN_COMMA,
    HG_TOKEN_NORM, /* ‖ */
    HG_TOKEN_UNKNOWN
};

struct hg_token {
    enum hg_token_kind kind;
    double number;
    char name[HG_FORMULA_NAME]; /* Greek letters and subscripts are spelled out: λ is lambda, W₁ is W1 */
    size_t begin, end;
};

/* The token of `text` at byte `at` or behind the blanks there. */
struct hg_token hg_token_read(const char *text, size_t at);

/* Whether a name is that of a small Greek letter, "lambda". */
bool hg_token_is_small_greek(const char *name);

#endif
