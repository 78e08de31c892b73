#include "host/formula/token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/utf8.h"

/* Longer spellings stand before their beginnings. */
static const struct {
    const char *spelling;
    enum hg_token_kind kind;
    double number;
} signs[] = {
    {".*", HG_TOKEN_MULTIPLY_ELEMENTS, 0},
    {"./", HG_TOKEN_DIVIDE_ELEMENTS, 0},
    {".^", HG_TOKEN_POWER_ELEMENTS, 0},
    {".'", HG_TOKEN_TRANSPOSE, 0},
    {"^T", HG_TOKEN_TRANSPOSE, 0},
    {"^{T}", HG_TOKEN_TRANSPOSE, 0},
    {"^\\top", HG_TOKEN_TRANSPOSE, 0},
    {"^{\\top}", HG_TOKEN_TRANSPOSE, 0},
    {"^⊤", HG_TOKEN_TRANSPOSE, 0},
    {"\\cdot", HG_TOKEN_MULTIPLY, 0},
    {"\\circ", HG_TOKEN_MULTIPLY_ELEMENTS, 0},
    {"\\odot", HG_TOKEN_MULTIPLY_ELEMENTS, 0},
    {"+", HG_TOKEN_ADD, 0},
    {"-", HG_TOKEN_SUBTRACT, 0},
    {"−", HG_TOKEN_SUBTRACT, 0},
    {"*", HG_TOKEN_MULTIPLY, 0},
    {"·", HG_TOKEN_MULTIPLY, 0},
    {"∘", HG_TOKEN_MULTIPLY_ELEMENTS, 0},
    {"⊙", HG_TOKEN_MULTIPLY_ELEMENTS, 0},
    {"/", HG_TOKEN_DIVIDE, 0},
    {"^", HG_TOKEN_POWER, 0},
    {"²", HG_TOKEN_RAISED, 2},
    {"³", HG_TOKEN_RAISED, 3},
    {"'", HG_TOKEN_TRANSPOSE, 0},
    {"ᵀ", HG_TOKEN_TRANSPOSE, 0},
    {"⊤", HG_TOKEN_TRANSPOSE, 0},
    {"(", HG_TOKEN_OPEN, 0},
    {")", HG_TOKEN_CLOSE, 0},
    {",", HG_TOKEN_COMMA, 0},
    {"‖", HG_TOKEN_NORM, 0},
    {"||", HG_TOKEN_NORM, 0},
    {"½", HG_TOKEN_NUMBER, 0.5},
};

static const struct {
    const char *letter, *spelling;
} letters[] = {
    {"α", "alpha"},  {"β", "beta"},   {"γ", "gamma"}, {"δ", "delta"}, {"ε", "epsilon"}, {"η", "eta"},   {"θ", "theta"},
    {"κ", "kappa"},  {"λ", "lambda"}, {"μ", "mu"},    {"ν", "nu"},    {"ξ", "xi"},      {"π", "pi"},    {"ρ", "rho"},
    {"σ", "sigma"},  {"τ", "tau"},    {"φ", "phi"},   {"χ", "chi"},   {"ψ", "psi"},     {"ω", "omega"}, {"Σ", "Sigma"},
    {"Λ", "Lambda"}, {"Φ", "Phi"},    {"Ω", "Omega"}, {"Γ", "Gamma"}, {"Δ", "Delta"},   {"Θ", "Theta"}, {"Ψ", "Psi"},
    {"₀", "0"},      {"₁", "1"},      {"₂", "2"},     {"₃", "3"},     {"₄", "4"},       {"₅", "5"},     {"₆", "6"},
    {"₇", "7"},      {"₈", "8"},      {"₉", "9"},
};

bool hg_token_is_small_greek(const char *name)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; ++i)
        if (islower((unsigned char)letters[i].spelling[0]) && strcmp(name, letters[i].spelling) == 0)
            return true;
    return false;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The bytes of a letter of a name at `text`, and what it is spelled as, `*length` bytes; 0: no letter. */
static size_t letter_at(const char *text, const char **spelling, size_t *length)
{
    if (isalnum((unsigned char)*text) || *text == '_') {
        *spelling = text;
        *length = 1;
        return 1;
    }
    for (size_t i = 0; i < sizeof letters / sizeof *letters; ++i) {
        if (begins(text, letters[i].letter)) {
            *spelling = letters[i].spelling;
            *length = strlen(*spelling);
            return strlen(letters[i].letter);
        }
    }
    return 0;
}

/* A name that is too long for `name` ends the token there, unknown. */
static void read_name(struct hg_token *token, const char *text)
{
    const char *spelling;
    size_t length, used = 0, bytes;
    if (text[token->end] == '\\') /* \lambda */
        ++token->end;
    token->kind = HG_TOKEN_NAME;
    while ((bytes = letter_at(text + token->end, &spelling, &length))) {
        token->end += bytes;
        if (used + length >= sizeof token->name) {
            token->kind = HG_TOKEN_UNKNOWN;
            continue;
        }
        memcpy(token->name + used, spelling, length);
        used += length;
    }
    if (!used)
        token->kind = HG_TOKEN_UNKNOWN;
    /* Swish'(z) is a function's derivative; W'(...) would need a sign between. */
    const size_t prime = begins(text + token->end, "'(") ? 1 : begins(text + token->end, "′(") ? strlen("′") : 0;
    if (prime && (strcmp(token->name, "swish") == 0 || strcmp(token->name, "Swish") == 0)) {
        strcpy(token->name, "dswish");
        token->end += prime;
    }
}

static void read_number(struct hg_token *token, const char *text)
{
    char digits[64];
    size_t length = strspn(text + token->begin, "0123456789");
    const char *at = text + token->begin;
    if (at[length] == '.' && !(at[length + 1] && strchr("*/^'", at[length + 1])))
        length += 1 + strspn(at + length + 1, "0123456789");
    if (at[length] == 'e' || at[length] == 'E') {
        const size_t sign = at[length + 1] == '+' || at[length + 1] == '-';
        const size_t exponent = strspn(at + length + 1 + sign, "0123456789");
        length += exponent ? 1 + sign + exponent : 0;
    }
    token->end += length;
    token->kind = length < sizeof digits ? HG_TOKEN_NUMBER : HG_TOKEN_UNKNOWN;
    if (token->kind == HG_TOKEN_UNKNOWN)
        return;
    memcpy(digits, at, length);
    digits[length] = '\0';
    token->number = strtod(digits, NULL);
}

struct hg_token hg_token_read(const char *text, size_t at)
{
    const char *spelling;
    size_t length;
    at += strspn(text + at, " \t\r\n");
    struct hg_token token = {.kind = HG_TOKEN_END, .begin = at, .end = at};
    if (!text[at])
        return token;
    if (isdigit((unsigned char)text[at]) || (text[at] == '.' && isdigit((unsigned char)text[at + 1]))) {
        read_number(&token, text);
        return token;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; ++i) {
        const size_t size = strlen(signs[i].spelling);
        /* ^T is the transpose, ^Tau a power */
        const bool longer =
            signs[i].kind == HG_TOKEN_TRANSPOSE && isalpha((unsigned char)signs[i].spelling[size - 1]) &&
            strncmp(text + at, signs[i].spelling, size) == 0 && letter_at(text + at + size, &spelling, &length);
        if (begins(text + at, signs[i].spelling) && !longer) {
            token.kind = signs[i].kind;
            token.number = signs[i].number;
            token.end += size;
            return token;
        }
    }
    if (text[at] == '\\' || letter_at(text + at, &spelling, &length)) {
        read_name(&token, text);
        return token;
    }
    token.kind = HG_TOKEN_UNKNOWN;
    length = hg_utf8_character(text + at, strnlen(text + at, 4));
    token.end += length ? length : 1;
    return token;
}
