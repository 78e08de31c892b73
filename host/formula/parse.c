#include <string.h>

#include "host/formula/functions.h"
#include "host/formula/token.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

struct parser {
    struct hg_tree *tree;
    struct hg_scope *scope;
    const char *text;
    struct hg_token token; /* the next one */
    int depth;
};

static struct hg_place here(const struct parser *parser)
{
    return (struct hg_place){parser->text, parser->token.begin, parser->token.end};
}

static void advance(struct parser *parser)
{
    parser->token = hg_token_read(parser->text, parser->token.end);
}

static enum hg_status add(struct parser *parser, struct hg_node node, size_t *index)
{
    if (parser->tree->count == HG_FORMULA_NODES)
        return hg_formula_fail(parser->tree->role, node.place, "the expression has more than %d parts; shorten it",
                               HG_FORMULA_NODES);
    *index = parser->tree->count;
    parser->tree->nodes[parser->tree->count++] = node;
    return HG_OK;
}

/* What was expected in place of the next token. */
static enum hg_status unexpected(const struct parser *parser, const char *wanted)
{
    const struct hg_token *token = &parser->token;
    if (token->kind == HG_TOKEN_END)
        return hg_formula_fail(parser->tree->role, here(parser), "the text ends where %s should follow", wanted);
    if (token->kind == HG_TOKEN_UNKNOWN && token->end - token->begin >= HG_FORMULA_NAME)
        return hg_formula_fail(parser->tree->role, here(parser), "this name or number is too long");
    return hg_formula_fail(parser->tree->role, here(parser), "'%.*s' stands where %s should",
                           (int)(token->end - token->begin < 40 ? token->end - token->begin : 40),
                           parser->text + token->begin, wanted);
}

static enum hg_status parse_sum(struct parser *parser, size_t *index);
static enum hg_status parse_factor(struct parser *parser, size_t *index);

static enum hg_status expect_close(struct parser *parser, size_t *end)
{
    if (parser->token.kind != HG_TOKEN_CLOSE)
        return unexpected(parser, "an operator or ')'");
    *end = parser->token.end;
    advance(parser);
    return HG_OK;
}

/* A size within brackets: a whole number, or the name of a scalar whose value is known, such as N. */
static enum hg_status parse_size(struct parser *parser, size_t *size)
{
    const struct hg_variable *variable =
        parser->token.kind == HG_TOKEN_NAME
            ? hg_scope_find(parser->scope, parser->token.name, strlen(parser->token.name))
            : NULL;
    double number = parser->token.kind == HG_TOKEN_NUMBER ? parser->token.number : -1;
    if (variable && variable->value && variable->rows == 1 && variable->cols == 1)
        number = variable->value[0];
    if (!(number >= 1 && number <= 100000 && number == (double)(size_t)number))
        return unexpected(parser, "a size, such as 5 or N,");
    *size = (size_t)number;
    advance(parser);
    return HG_OK;
}

/* I, eye(n), zeros, ones(m, n), vector(c), matrix(c). Sizes that are not given are inferred. */
static enum hg_status parse_constant(struct parser *parser, const struct hg_function *function, struct hg_node node,
                                     size_t *index)
{
    size_t rows = 0, cols = 0;
    if (parser->token.kind == HG_TOKEN_OPEN) {
        advance(parser);
        if (function->takes_number) {
            if (parser->token.kind != HG_TOKEN_NUMBER)
                return unexpected(parser, "a number");
            node.number = parser->token.number;
            advance(parser);
        } else {
            HG_TRY(parse_size(parser, &rows));
            cols = node.kind == HG_NODE_IDENTITY ? rows : 1;
            if (parser->token.kind == HG_TOKEN_COMMA) {
                advance(parser);
                HG_TRY(parse_size(parser, &cols));
            }
        }
        HG_TRY(expect_close(parser, &node.place.end));
    } else if (function->takes_number) {
        return unexpected(parser, "'('");
    }
    if (strcmp(function->name, "vector") == 0)
        cols = 1;
    node.row_dim = hg_scope_dimension(parser->scope, rows, false);
    node.col_dim =
        node.kind == HG_NODE_IDENTITY && rows == cols ? node.row_dim : hg_scope_dimension(parser->scope, cols, false);
    return add(parser, node, index);
}

static enum hg_status parse_call(struct parser *parser, const struct hg_function *function, size_t *index)
{
    struct hg_node node = {
        .kind = function->kind, .function = function->elements, .number = function->number, .place = here(parser)};
    advance(parser);
    if (function->kind == HG_NODE_CONSTANT || function->kind == HG_NODE_IDENTITY)
        return parse_constant(parser, function, node, index);
    if (parser->token.kind != HG_TOKEN_OPEN)
        return unexpected(parser, "'(' and the function's argument");
    advance(parser);
    HG_TRY(parse_sum(parser, &node.left));
    HG_TRY(expect_close(parser, &node.place.end));
    return add(parser, node, index);
}

/* The definition's own tree, in place of its name. */
static enum hg_status parse_definition(struct parser *parser, const struct hg_definition *definition, size_t *index)
{
    struct parser inner = {parser->tree, parser->scope, definition->text, {.kind = HG_TOKEN_END}, parser->depth};
    const struct hg_place place = here(parser);
    advance(&inner);
    HG_TRY(parse_sum(&inner, index));
    parser->tree->nodes[*index].place = place;
    advance(parser);
    return HG_OK;
}

static enum hg_status unknown_name(const struct parser *parser, bool called)
{
    const char *names[HG_FORMULA_VARIABLES + 64];
    size_t count = hg_function_names(names), i = 0;
    for (; !called && i < parser->scope->count; ++i)
        names[count++] = parser->scope->variables[i].name;
    for (const struct hg_definition *d = parser->scope->definitions; !called && d && d->name; ++d)
        if (count < sizeof names / sizeof *names)
            names[count++] = d->name;
    const char *name = parser->token.name;
    const size_t length = strlen(name);
    for (i = 1; i < length && !called; ++i) /* XX', and W(...), as one writes them by hand */
        if (hg_scope_find(parser->scope, name, i) && hg_scope_find(parser->scope, name + i, length - i))
            return hg_formula_fail(parser->tree->role, here(parser), "there is no '%s'; did you mean %.*s*%s?", name,
                                   (int)i, name, name + i);
    if (called && hg_scope_find(parser->scope, name, length))
        return hg_formula_fail(parser->tree->role, here(parser), "%s is no function; did you mean %s*(...)?", name,
                               name);
    const char *nearest = hg_words_nearest(name, names, count);
    return hg_formula_fail(parser->tree->role, here(parser), "there is no %s'%s'%s%s%s", called ? "function " : "",
                           name, nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static enum hg_status parse_name(struct parser *parser, size_t *index)
{
    const char *name = parser->token.name;
    const bool called = hg_token_read(parser->text, parser->token.end).kind == HG_TOKEN_OPEN;
    struct hg_node node = {.kind = HG_NODE_VARIABLE, .place = here(parser)};
    struct hg_function function;
    const bool is_function = hg_function_find(&function, name);
    const struct hg_variable *known = hg_scope_find(parser->scope, name, strlen(name));
    if (is_function && (called || (!known && function.kind != HG_NODE_ELEMENTS)))
        return parse_call(parser, &function, index);
    if (called)
        return unknown_name(parser, true);
    for (const struct hg_definition *d = parser->scope->definitions; d && d->name; ++d)
        if (strcmp(d->name, name) == 0 && strcmp(d->name, parser->scope->of) != 0)
            return parse_definition(parser, d, index);
    if (!known) {
        if (parser->scope->closed)
            return unknown_name(parser, false);
        if (parser->scope->count == HG_FORMULA_VARIABLES)
            return hg_formula_fail(parser->tree->role, here(parser), "more than %d names", HG_FORMULA_VARIABLES);
        HG_TRY(hg_scope_add(parser->scope, name, strlen(name), 0, 0));
        known = &parser->scope->variables[parser->scope->count - 1];
    }
    node.variable = (size_t)(known - parser->scope->variables);
    advance(parser);
    return add(parser, node, index);
}

static enum hg_status parse_operand(struct parser *parser, size_t *index)
{
    struct hg_node node = {.kind = HG_NODE_NUMBER, .number = parser->token.number, .place = here(parser)};
    switch (parser->token.kind) {
    case HG_TOKEN_NUMBER:
        advance(parser);
        return add(parser, node, index);
    case HG_TOKEN_NAME:
        return parse_name(parser, index);
    case HG_TOKEN_OPEN:
        advance(parser);
        HG_TRY(parse_sum(parser, index));
        parser->tree->nodes[*index].place.begin = node.place.begin;
        parser->tree->nodes[*index].place.text = parser->text;
        return expect_close(parser, &parser->tree->nodes[*index].place.end);
    case HG_TOKEN_NORM:
        node.kind = HG_NODE_NORM2;
        advance(parser);
        HG_TRY(parse_sum(parser, &node.left));
        if (parser->token.kind != HG_TOKEN_NORM)
            return unexpected(parser, "an operator or the closing ‖");
        node.place.end = parser->token.end;
        advance(parser);
        return add(parser, node, index);
    default:
        return unexpected(parser, "a name, a number or '('");
    }
}

/* Transposes and powers, which follow their operand. */
static enum hg_status parse_raised(struct parser *parser, size_t *index)
{
    HG_TRY(parse_operand(parser, index));
    for (;;) {
        struct hg_node node = {.left = *index, .place = parser->tree->nodes[*index].place};
        const enum hg_token_kind kind = parser->token.kind;
        if (kind != HG_TOKEN_TRANSPOSE && kind != HG_TOKEN_POWER && kind != HG_TOKEN_POWER_ELEMENTS &&
            kind != HG_TOKEN_RAISED)
            return HG_OK;
        node.kind = kind == HG_TOKEN_TRANSPOSE        ? HG_NODE_TRANSPOSE
                    : kind == HG_TOKEN_POWER_ELEMENTS ? HG_NODE_POWER_ELEMENTS
                                                      : HG_NODE_POWER;
        node.place.end = parser->token.end;
        if (kind == HG_TOKEN_RAISED) {
            const struct hg_node exponent = {.number = parser->token.number, .place = here(parser)};
            HG_TRY(add(parser, exponent, &node.right));
        }
        advance(parser);
        if (kind == HG_TOKEN_POWER || kind == HG_TOKEN_POWER_ELEMENTS) {
            const bool negative = parser->token.kind == HG_TOKEN_SUBTRACT;
            if (negative)
                advance(parser);
            HG_TRY(parse_operand(parser, &node.right));
            node.place.end = parser->tree->nodes[node.right].place.end;
            if (negative) {
                const struct hg_node minus = {
                    .kind = HG_NODE_NEGATE, .left = node.right, .place = parser->tree->nodes[node.right].place};
                HG_TRY(add(parser, minus, &node.right));
            }
        }
        HG_TRY(add(parser, node, index));
    }
}

/* A sign before, as in -W^2, which is -(W^2). */
static enum hg_status parse_factor(struct parser *parser, size_t *index)
{
    struct hg_node node = {.kind = HG_NODE_NEGATE, .place = here(parser)};
    const enum hg_token_kind kind = parser->token.kind;
    if (kind != HG_TOKEN_SUBTRACT && kind != HG_TOKEN_ADD)
        return parse_raised(parser, index);
    if (++parser->depth > HG_FORMULA_DEPTH)
        return hg_formula_fail(parser->tree->role, here(parser), "more than %d signs in a row", HG_FORMULA_DEPTH);
    advance(parser);
    HG_TRY(parse_factor(parser, &node.left));
    --parser->depth;
    *index = node.left;
    if (kind == HG_TOKEN_ADD)
        return HG_OK;
    node.place.end = parser->tree->nodes[node.left].place.end;
    return add(parser, node, index);
}

static enum hg_status parse_product(struct parser *parser, size_t *index)
{
    static const enum hg_node_kind kinds[] = {[HG_TOKEN_MULTIPLY] = HG_NODE_MULTIPLY,
                                              [HG_TOKEN_MULTIPLY_ELEMENTS] = HG_NODE_MULTIPLY_ELEMENTS,
                                              [HG_TOKEN_DIVIDE] = HG_NODE_DIVIDE,
                                              [HG_TOKEN_DIVIDE_ELEMENTS] = HG_NODE_DIVIDE_ELEMENTS};
    bool after_number = parser->token.kind == HG_TOKEN_NUMBER;
    HG_TRY(parse_factor(parser, index));
    for (;;) {
        const enum hg_token_kind kind = parser->token.kind;
        struct hg_node node = {.kind = HG_NODE_MULTIPLY, .left = *index, .place = parser->tree->nodes[*index].place};
        after_number = after_number && parser->tree->nodes[*index].kind == HG_NODE_NUMBER;
        if (kind >= HG_TOKEN_MULTIPLY && kind <= HG_TOKEN_DIVIDE_ELEMENTS) {
            node.kind = kinds[kind];
            advance(parser);
        } else if (!after_number ||
                   (kind != HG_TOKEN_NAME && kind != HG_TOKEN_OPEN && kind != HG_TOKEN_NORM)) { /* 2W, ½‖x‖ */
            return HG_OK;
        }
        HG_TRY(parse_factor(parser, &node.right));
        node.place.text = parser->text;
        node.place.end = parser->tree->nodes[node.right].place.end;
        HG_TRY(add(parser, node, index));
    }
}

static enum hg_status parse_sum(struct parser *parser, size_t *index)
{
    if (++parser->depth > HG_FORMULA_DEPTH)
        return hg_formula_fail(parser->tree->role, here(parser), "more than %d brackets within each other",
                               HG_FORMULA_DEPTH);
    HG_TRY(parse_product(parser, index));
    while (parser->token.kind == HG_TOKEN_ADD || parser->token.kind == HG_TOKEN_SUBTRACT) {
        struct hg_node node = {.kind = parser->token.kind == HG_TOKEN_ADD ? HG_NODE_ADD : HG_NODE_SUBTRACT,
                               .left = *index,
                               .place = parser->tree->nodes[*index].place};
        advance(parser);
        HG_TRY(parse_product(parser, &node.right));
        node.place.end = parser->tree->nodes[node.right].place.end;
        HG_TRY(add(parser, node, index));
    }
    --parser->depth;
    return HG_OK;
}

enum hg_status hg_formula_parse(struct hg_tree *tree, const char *role, const char *text, struct hg_scope *scope)
{
    struct parser parser = {tree, scope, text, {.kind = HG_TOKEN_END}, 0};
    size_t root;
    tree->role = role;
    tree->count = 0;
    if (strlen(text) > HG_FORMULA_BYTES)
        return hg_fail(HG_USAGE, "%s: longer than %d bytes", role, HG_FORMULA_BYTES);
    advance(&parser);
    HG_TRY(parse_sum(&parser, &root));
    if (parser.token.kind != HG_TOKEN_END)
        return unexpected(&parser, "an operator or the end");
    return HG_OK;
}
