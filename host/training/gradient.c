#include "host/training/gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/quantities.h"
#include "host/formula/tree.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

static const char ROLE[] = "gradient";

/* docs/MATH.md (A10) */
static const struct {
    const char *name;
    float encoder, decoder;
} named[] = {{"exact", 1, 1}, {"encoder", 2, 0}, {"decoder", 0, 2}};

bool hg_gradient_paths(const char *gradient, float *encoder, float *decoder)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; ++i) {
        if (strcmp(gradient, named[i].name) != 0)
            continue;
        *encoder = named[i].encoder;
        *decoder = named[i].decoder;
        return true;
    }
    return false;
}

/* The formula for batches of one size. */
struct program {
    size_t rows;
    struct hg_scope scope;
    struct hg_tree tree;
};

struct hg_typed_gradient {
    struct program programs[2]; /* of full batches, and of a short last one; rows 0: there is none */
};

/* Order of the variables in the scope. */
enum { N, X, W, VARIABLES };

static enum hg_status declare(struct hg_scope *scope, const size_t sizes[VARIABLES][2])
{
    static const char *const names[] = {[N] = "N", [X] = "X", [W] = "W"};
    HG_TRY(hg_scope_create(scope));
    for (size_t i = 0; i < VARIABLES; ++i)
        HG_TRY(hg_scope_add(scope, names[i], 1, sizes[i][0], sizes[i][1]));
    scope->definitions = hg_autoencoder_quantities;
    scope->closed = true;
    return HG_OK;
}

static void program_free(struct program *program)
{
    hg_tree_free(&program->tree);
    hg_scope_free(&program->scope);
}

static enum hg_status parse(struct program *program, const char *formula, size_t hidden, size_t features, size_t rows)
{
    const size_t sizes[VARIABLES][2] = {[N] = {1, 1}, [X] = {features, rows}, [W] = {hidden, features}};
    struct hg_scope *scope = &program->scope;
    HG_TRY(declare(scope, sizes));
    hg_scope_settle(scope);
    HG_TRY(hg_allocate(&scope->variables[N].value, 1, "a formula"));
    scope->variables[N].value[0] = (double)rows; /* sizes may be given by it, as in ones(N, 1) */
    return hg_formula_parse(&program->tree, ROLE, formula, scope);
}

enum hg_status hg_gradient_check(const char *gradient)
{
    float encoder, decoder;
    struct program *program;
    enum hg_status status;
    hg_formula_picture_clear();
    if (!gradient)
        return hg_fail(HG_USAGE, "gradient: there is none; give exact, for example");
    if (hg_gradient_paths(gradient, &encoder, &decoder))
        return HG_OK;
    if (strspn(gradient, "abcdefghijklmnopqrstuvwxyz") == strlen(gradient)) { /* a name, not a formula */
        const char *nearest = hg_words_nearest(gradient, hg_gradient_names, sizeof named / sizeof *named);
        return hg_fail(HG_USAGE,
                       nearest ? "gradient: there is no '%s'; did you mean %s?"
                               : "gradient: there is no '%s'; give exact, encoder, decoder or a formula",
                       gradient, nearest);
    }
    HG_TRY(hg_allocate(&program, 1, "a formula"));
    status = parse(program, gradient, 1, 1, 1); /* which names and signs may stand where; sizes come with the data */
    program_free(program);
    free(program);
    return status;
}

static enum hg_status program_create(struct program *program, const char *formula, size_t hidden, size_t features,
                                     size_t rows)
{
    struct hg_tree *tree = &program->tree;
    program->rows = rows;
    HG_TRY(parse(program, formula, hidden, features, rows));
    HG_TRY(hg_formula_relate(tree, &program->scope));
    const enum hg_status status = hg_formula_allocate(tree, &program->scope);
    if (status == HG_USAGE)
        return hg_fail_within(status, "%s; X is %zux%zu, as wide as batch_size says", hg_message(), features, rows);
    HG_TRY(status);
    const struct hg_node *root = hg_tree_root(tree);
    if (root->rows != hidden || root->cols != features)
        return hg_formula_fail(ROLE, root->place, "it is %zux%zu, and W, so its gradient, is %zux%zu%s", root->rows,
                               root->cols, hidden, features,
                               root->rows == features && root->cols == hidden ? "; transpose it" : "");
    HG_TRY(hg_allocate_bytes(&program->scope.variables[X].value, features, rows * sizeof(double), "a batch"));
    return hg_allocate_bytes(&program->scope.variables[W].value, hidden, features * sizeof(double), "the weights");
}

enum hg_status hg_typed_gradient_create(struct hg_typed_gradient **out, const char *formula, size_t hidden,
                                        size_t features, size_t batch, size_t last)
{
    struct hg_typed_gradient *gradient;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&gradient, 1, "a formula"));
    HG_TRY_OR_CLEANUP(program_create(&gradient->programs[0], formula, hidden, features, batch));
    if (last != batch)
        HG_TRY_OR_CLEANUP(program_create(&gradient->programs[1], formula, hidden, features, last));
    *out = gradient;
    return HG_OK;

cleanup:
    hg_typed_gradient_free(gradient);
    return status;
}

void hg_typed_gradient_free(struct hg_typed_gradient *gradient)
{
    for (size_t i = 0; gradient && i < 2; ++i)
        program_free(&gradient->programs[i]);
    free(gradient);
}

double hg_typed_gradient_flops(const struct hg_typed_gradient *gradient)
{
    const struct hg_tree *tree = &gradient->programs[0].tree;
    double flops = 0;
    for (size_t k = 0; k < tree->count; ++k) {
        const struct hg_node *node = &tree->nodes[k];
        if (node->kind == HG_NODE_MULTIPLY && hg_node_is_product(tree, node))
            flops += 2 * (double)(node->rows * node->cols) * (double)tree->nodes[node->left].cols;
    }
    return flops;
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (!isfinite(values[i]))
            return false;
    return true;
}

enum hg_status hg_typed_gradient_compute(void *typed, size_t rows, const double *w, const double *x, double *out)
{
    struct hg_typed_gradient *gradient = typed;
    struct program *program = &gradient->programs[rows == gradient->programs[0].rows ? 0 : 1];
    const struct hg_variable *variables = program->scope.variables;
    const size_t features = variables[X].rows, count = variables[W].rows * variables[W].cols;
    if (!all_finite(w, count)) { /* the trainer, whose losses are not finite either, says that training diverged */
        for (size_t i = 0; i < count; ++i)
            out[i] = NAN;
        return HG_OK;
    }
    memcpy(variables[W].value, w, count * sizeof *w);
    for (size_t n = 0; n < rows; ++n)
        for (size_t d = 0; d < features; ++d)
            variables[X].value[d * rows + n] = x[n * features + d];
    const enum hg_status status = hg_formula_evaluate(&program->tree, &program->scope);
    if (status == HG_BAD_DATA) /* its message begins with the role, as this one does */
        return hg_fail_within(HG_CHECK_FAILED, "%s; the weights of this step have no gradient by this formula",
                              hg_message());
    HG_TRY(status);
    memcpy(out, hg_tree_root(&program->tree)->value, count * sizeof *out);
    return HG_OK;
}
