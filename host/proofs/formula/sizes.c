#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/token.h"
#include "host/proofs/formula/problem.h"
#include "kernels/base/try.h"

/* Sizes that were named by a symbol. */
struct symbols {
    char names[HG_FORMULA_SIZES][HG_FORMULA_NAME];
    int dims[HG_FORMULA_SIZES];
    size_t count;
};

/* A number or a symbol at *at, which moves behind it; -1: neither. */
static int read_dimension(struct hg_scope *scope, struct symbols *symbols, const char **at)
{
    size_t size = 0, length = 0;
    if (isdigit((unsigned char)**at)) {
        char *end;
        const unsigned long long number = strtoull(*at, &end, 10);
        size = number <= 1000000 ? (size_t)number : 0;
        *at = end;
        if (!size)
            return -1;
    } else {
        while (isalpha((unsigned char)(*at)[length]) && (*at)[length] != 'x')
            ++length;
        if (!length || length >= HG_FORMULA_NAME)
            return -1;
        for (size_t i = 0; i < symbols->count; ++i)
            if (strncmp(symbols->names[i], *at, length) == 0 && !symbols->names[i][length]) {
                *at += length;
                return symbols->dims[i];
            }
        if (symbols->count == HG_FORMULA_SIZES)
            return -1;
        memcpy(symbols->names[symbols->count], *at, length);
        symbols->dims[symbols->count++] = scope->dimension_count;
        *at += length;
    }
    return hg_scope_dimension(scope, size, true);
}

/* "W=3x5", "b=7", "X=nxk" */
static enum hg_status add_size(struct hg_scope *scope, struct symbols *symbols, const char *text)
{
    const char *equals = strchr(text, '='), *at = equals ? equals + 1 : "";
    const struct hg_token token = hg_token_read(text, 0); /* λ is lambda */
    const bool named = equals && token.kind == HG_TOKEN_NAME && token.end == (size_t)(equals - text);
    if (!named || hg_scope_find(scope, token.name, strlen(token.name)))
        return hg_fail(HG_USAGE, "size: '%s' %s; give each once, as W=3x5", text,
                       named ? "is a second size" : "begins with no name");
    HG_TRY(hg_scope_add(scope, token.name, strlen(token.name), 1, 1));
    struct hg_variable *variable = &scope->variables[scope->count - 1];
    variable->row_dim = read_dimension(scope, symbols, &at);
    const size_t cross = *at == 'x' ? 1 : strncmp(at, "×", strlen("×")) == 0 ? strlen("×") : 0;
    if (variable->row_dim >= 0 && cross) {
        at += cross;
        variable->col_dim = read_dimension(scope, symbols, &at);
    }
    if (variable->row_dim < 0 || variable->col_dim < 0 || *at)
        return hg_fail(HG_USAGE, "size: '%s' is no size; give W=3x5, b=7 for a column, or X=nxk", text);
    return HG_OK;
}

enum hg_status hg_sizes_read(struct hg_scope *scope, const char *const *sizes)
{
    struct symbols symbols = {.count = 0};
    for (size_t i = 0; i < HG_FORMULA_SIZES && sizes[i]; ++i)
        HG_TRY(add_size(scope, &symbols, sizes[i]));
    return HG_OK;
}

/* The sizes of a model's matrices: features, samples, hidden or latent units, classes, or one. */
enum size { FEATURES, SAMPLES, UNITS, CLASSES, ONE, SIZES };

static const struct model_matrix {
    const char *name;
    enum size rows, cols;
} autoencoder[] = {{"X", FEATURES, SAMPLES}, {"W", UNITS, FEATURES}, {NULL, 0, 0}},
  mlp[] = {{"X", FEATURES, SAMPLES}, {"W1", UNITS, FEATURES}, {"b1", UNITS, ONE}, {"W2", CLASSES, UNITS},
           {"b2", CLASSES, ONE},     {"Y", CLASSES, SAMPLES}, {NULL, 0, 0}};

enum hg_status hg_sizes_relate(struct hg_scope *scope, enum hg_formula_model model)
{
    const bool is_mlp = model == HG_FORMULA_MLP;
    int dims[SIZES];
    for (int i = 0; i < SIZES; ++i)
        dims[i] = hg_scope_dimension(scope, i == ONE, true);
    for (const struct model_matrix *matrix = is_mlp ? mlp : autoencoder; matrix->name; ++matrix) {
        const size_t length = strlen(matrix->name);
        if (!hg_scope_find(scope, matrix->name, length))
            HG_TRY(hg_scope_add(scope, matrix->name, length, 0, 0));
        const struct hg_variable *variable = hg_scope_find(scope, matrix->name, length);
        if (!hg_scope_unify(scope, variable->row_dim, dims[matrix->rows]) ||
            !hg_scope_unify(scope, variable->col_dim, dims[matrix->cols]))
            return hg_fail(HG_USAGE, "size: that of %s does not go with the others; %s", matrix->name,
                           is_mlp ? "X is DxN, W1 HxD, b1 Hx1, W2 KxH, b2 Kx1 and Y KxN, a column for every sample"
                                  : "X is DxN and W HxD");
    }
    return HG_OK;
}
