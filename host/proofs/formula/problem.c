#include "host/proofs/formula/problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/quantities.h"
#include "kernels/base/memory.h"
#include "kernels/base/random.h"
#include "kernels/base/try.h"

/* Samples are columns. dz2, dh and dz1 are each sample's own, so they are not divided by N. */
static const struct hg_definition mlp[] = {
    {"z1", "W1*X + b1"}, {"h", "swish(z1)"}, {"z2", "W2*h + b2"},       {"p", "softmax(z2)"},
    {"dz2", "p - Y"},    {"dh", "W2'*dz2"},  {"dz1", "dswish(z1).*dh"}, {NULL, NULL},
};

static const struct {
    const char *loss, *sizes[8];
    const struct hg_definition *definitions;
} models[] = {
    [HG_FORMULA_AUTOENCODER] = {"sum((W'*(W*X) - X).^2)/(2*N)", {"N=1", "W=4x6", "X=6x9"}, hg_autoencoder_quantities},
    [HG_FORMULA_MLP] = {"-sum(Y.*logsoftmax(W2*swish(W1*X + b1) + b2))/N",
                        {"N=1", "X=6x9", "W1=5x6", "b1=5", "W2=4x5", "b2=4", "Y=4x9"},
                        mlp},
};

enum hg_formula_model hg_formula_model_of(const char *name)
{
    static const char *const of_autoencoder[] = {"W"};
    static const char *const of_mlp[] = {"W1", "b1", "W2", "b2", "z1", "h", "z2", "p"};
    if (strcmp(name, of_autoencoder[0]) == 0)
        return HG_FORMULA_AUTOENCODER;
    for (size_t i = 0; i < sizeof of_mlp / sizeof *of_mlp; ++i)
        if (strcmp(name, of_mlp[i]) == 0)
            return HG_FORMULA_MLP;
    return HG_FORMULA_CUSTOM;
}

/* ---- values ---- */

static void fill(const struct hg_problem *problem, uint64_t seed, uint64_t attempt, bool positive)
{
    for (size_t k = 0; k < problem->scope.count; ++k) {
        const struct hg_variable *variable = &problem->scope.variables[k];
        struct hg_random random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, attempt * HG_FORMULA_VARIABLES + k);
        for (size_t i = 0; i < variable->rows * variable->cols; ++i) {
            const double normal = hg_random_normal(&random);
            variable->value[i] = positive ? exp(0.5 * normal) : normal;
        }
    }
}

/* Normal numbers; where the loss has no value there, as a logarithm of negative numbers, others. */
static enum hg_status draw(struct hg_problem *problem, const struct hg_formula_options *options)
{
    enum { ATTEMPTS = 12 };
    enum hg_status status = HG_OK;
    for (uint64_t attempt = 0; attempt < ATTEMPTS; ++attempt) {
        const bool positive = attempt >= ATTEMPTS / 2;
        hg_formula_picture_clear(); /* of the attempt before */
        fill(problem, options->seed, attempt, positive);
        status = hg_formula_evaluate(&problem->loss, &problem->scope);
        if (status != HG_BAD_DATA)
            break;
        snprintf(problem->note, sizeof problem->note,
                 "the loss has no value at the first numbers drawn; it is taken at %s ones",
                 positive ? "positive" : "other");
    }
    return status;
}

/* The samples, as columns, and weights of the size that training begins with. */
static enum hg_status model_values(struct hg_problem *problem, const struct hg_formula_options *options)
{
    const struct hg_variable *x = hg_scope_find(&problem->scope, "X", 1);
    const struct hg_dataset *dataset = options->dataset;
    const size_t features = x->rows, samples = x->cols;
    fill(problem, options->seed, 0, false);
    for (size_t k = 0; k < problem->scope.count; ++k) {
        struct hg_variable *variable = &problem->scope.variables[k];
        for (size_t i = 0; variable->name[0] == 'W' && i < variable->rows * variable->cols; ++i)
            variable->value[i] /= sqrt((double)variable->cols);
    }
    hg_scope_find(&problem->scope, "N", 1)->value[0] = (double)samples;
    const struct hg_variable *y = hg_scope_find(&problem->scope, "Y", 1);
    for (size_t j = 0; y && j < samples; ++j)
        for (size_t i = 0; i < y->rows; ++i)
            y->value[i * y->cols + j] = i == (dataset ? hg_dataset_labels(dataset)[j] : j % y->rows);
    if (!dataset)
        return HG_OK;
    float *sample;
    HG_TRY(hg_allocate(&sample, features, "a sample"));
    for (size_t j = 0; j < samples; ++j) {
        hg_dataset_sample(dataset, j, sample);
        for (size_t i = 0; i < features; ++i)
            x->value[i * samples + j] = sample[i];
    }
    free(sample);
    return HG_OK;
}

/* ---- the problem ---- */

/* Multiplications that one value of the loss may take, of which a check takes 600, and for a formula that is wrong
 * twice as many: some ten seconds in all. The formula has one value. */
enum { LOSS_WORK = 1 << 27 };

static enum hg_status dataset_sizes(struct hg_problem *problem, const struct hg_formula_options *options)
{
    const struct hg_dataset *dataset = options->dataset;
    const size_t features = hg_dataset_features(dataset), count = hg_dataset_count(dataset);
    const size_t classes = hg_dataset_classes(dataset) < 2 ? 2 : hg_dataset_classes(dataset);
    const size_t samples = options->samples ? options->samples : count < 32 ? count : 32;
    const size_t hidden = options->hidden ? options->hidden : features < 64 ? features : 64;
    struct hg_scope *scope = &problem->scope;
    if (samples > count)
        return hg_fail(HG_USAGE, "samples: %zu is out of range; %s has only %zu", samples, hg_dataset_name(dataset),
                       count);
    HG_TRY(hg_scope_add(scope, "N", 1, 1, 1));
    HG_TRY(hg_scope_add(scope, "X", 1, features, samples));
    if (options->model == HG_FORMULA_AUTOENCODER)
        return hg_scope_add(scope, "W", 1, hidden, features);
    if (!hg_dataset_labels(dataset))
        return hg_fail(HG_BAD_DATA, "%s: the classifier's loss needs labels", hg_dataset_name(dataset));
    HG_TRY(hg_scope_add(scope, "W1", 2, hidden, features));
    HG_TRY(hg_scope_add(scope, "b1", 2, hidden, 1));
    HG_TRY(hg_scope_add(scope, "W2", 2, classes, hidden));
    HG_TRY(hg_scope_add(scope, "b2", 2, classes, 1));
    return hg_scope_add(scope, "Y", 1, classes, samples);
}

/* A size that a user gave is one of the model's own matrices. */
static enum hg_status require_of_model(enum hg_formula_model model, const char *size)
{
    const size_t length = strcspn(size, "=");
    for (const char *const *own = models[model].sizes + 1; *own; ++own) /* N is no matrix */
        if (strncmp(*own, size, length + 1) == 0)
            return HG_OK;
    return hg_fail(HG_USAGE, "size: '%s' is of no matrix of this model; it has %s", size,
                   model == HG_FORMULA_MLP ? "X, W1, b1, W2, b2 and Y" : "W and X");
}

static enum hg_status declare(struct hg_problem *problem, const struct hg_formula_options *options)
{
    const bool custom = options->model == HG_FORMULA_CUSTOM;
    if (!custom && options->dataset)
        return dataset_sizes(problem, options);
    if (!custom && options->sizes[0])
        HG_TRY(hg_scope_add(&problem->scope, "N", 1, 1, 1));
    for (size_t i = 0; !custom && i < HG_FORMULA_SIZES && options->sizes[i]; ++i)
        HG_TRY(require_of_model(options->model, options->sizes[i]));
    HG_TRY(hg_sizes_read(&problem->scope, custom || options->sizes[0] ? options->sizes : models[options->model].sizes));
    return custom ? HG_OK : hg_sizes_relate(&problem->scope, options->model);
}

static enum hg_status allocate_values(struct hg_scope *scope)
{
    const size_t most = scope->work && scope->work < HG_FORMULA_NUMBERS ? scope->work : HG_FORMULA_NUMBERS;
    size_t total = 0;
    for (size_t i = 0; i < scope->count; ++i) {
        struct hg_variable *variable = &scope->variables[i];
        if (variable->rows > most / variable->cols || total + variable->rows * variable->cols > most)
            return hg_fail(HG_USAGE, "size: with %s, %zux%zu, the matrices exceed the limit of %zu numbers",
                           variable->name, variable->rows, variable->cols, most);
        total += variable->rows * variable->cols;
        if (!variable->value)
            HG_TRY(hg_allocate(&variable->value, variable->rows * variable->cols, variable->name));
    }
    return HG_OK;
}

/* An intermediate quantity becomes a variable, with the value that its definition has. */
static enum hg_status free_intermediate(struct hg_problem *problem, const struct hg_formula_options *options)
{
    struct hg_scope *scope = &problem->scope;
    for (const struct hg_definition *d = scope->definitions; d && d->name; ++d) {
        if (strcmp(d->name, options->of) != 0)
            continue;
        scope->of = "";
        HG_TRY(hg_problem_evaluate(problem, d->name, d->text));
        scope->of = options->of;
        const struct hg_node *root = hg_tree_root(&problem->formula);
        return hg_scope_add_value(scope, d->name, root->rows, root->cols, root->value);
    }
    return HG_OK;
}

/* A size of what does not occur is a misspelt one. */
static enum hg_status require_occurrence(const struct hg_tree *loss, const struct hg_scope *scope)
{
    bool occurs[HG_FORMULA_VARIABLES] = {false};
    for (size_t k = 0; k < loss->count; ++k)
        if (loss->nodes[k].kind == HG_NODE_VARIABLE)
            occurs[loss->nodes[k].variable] = true;
    for (size_t i = 0; i < scope->count; ++i)
        if (!occurs[i])
            return hg_fail(HG_USAGE, "size: the loss has no '%s'", scope->variables[i].name);
    return HG_OK;
}

static enum hg_status prepare_loss(struct hg_problem *problem, const struct hg_formula_options *options)
{
    struct hg_scope *scope = &problem->scope;
    struct hg_tree *loss = &problem->loss;
    const bool custom = options->model == HG_FORMULA_CUSTOM;
    HG_TRY(hg_formula_parse(loss, "loss", problem->text, scope));
    if (custom)
        HG_TRY(require_occurrence(loss, scope));
    HG_TRY(hg_formula_relate(loss, scope));
    hg_scope_settle(scope);
    HG_TRY(allocate_values(scope));
    if (!custom) {
        HG_TRY(model_values(problem, options));
        HG_TRY(free_intermediate(problem, options));
        /* of an intermediate quantity the loss is what follows it */
        static const char *const rest[][2] = {{"z1", "-sum(Y.*logsoftmax(W2*swish(z1) + b2))/N"},
                                              {"h", "-sum(Y.*logsoftmax(W2*h + b2))/N"},
                                              {"z2", "-sum(Y.*logsoftmax(z2))/N"},
                                              {"p", "-sum(Y.*log(p))/N"}};
        for (size_t i = 0; i < sizeof rest / sizeof *rest; ++i)
            if (strcmp(options->of, rest[i][0]) == 0)
                problem->text = rest[i][1];
        HG_TRY(hg_formula_parse(loss, "loss", problem->text, scope));
        HG_TRY(hg_formula_relate(loss, scope));
    }
    HG_TRY(hg_formula_allocate(loss, scope));
    const struct hg_node *root = hg_tree_root(loss);
    if (root->rows != 1 || root->cols != 1)
        return hg_formula_fail("loss", root->place, "the loss is %zux%zu; it must be one number: take sum, tr or norm2",
                               root->rows, root->cols);
    return custom ? draw(problem, options) : hg_formula_evaluate(loss, scope);
}

static bool is_occurrence(const struct hg_problem *problem, const struct hg_node *node)
{
    return node->kind == HG_NODE_VARIABLE && &problem->scope.variables[node->variable] == problem->of;
}

size_t hg_problem_occurrences(const struct hg_problem *problem)
{
    size_t count = 0;
    for (size_t k = 0; k < problem->loss.count; ++k)
        count += is_occurrence(problem, &problem->loss.nodes[k]);
    return count;
}

enum hg_status hg_problem_create(struct hg_problem *problem, const struct hg_formula_options *options)
{
    struct hg_scope *scope = &problem->scope;
    HG_TRY(hg_scope_create(scope));
    scope->of = options->of;
    scope->work = options->work ? options->work : LOSS_WORK;
    problem->text = options->model == HG_FORMULA_CUSTOM ? options->loss : models[options->model].loss;
    if (options->model != HG_FORMULA_CUSTOM)
        scope->definitions = models[options->model].definitions;
    HG_TRY(declare(problem, options));
    HG_TRY(prepare_loss(problem, options));
    problem->of = hg_scope_find(scope, options->of, strlen(options->of));
    if (hg_problem_occurrences(problem) == 0)
        return hg_fail(HG_USAGE, "of: the loss %s does not contain %s", problem->text, options->of);
    scope->work = options->work;
    if (!options->formula)
        return HG_OK;
    scope->closed = true;
    return hg_problem_evaluate(problem, "formula", options->formula);
}

enum hg_status hg_problem_evaluate(struct hg_problem *problem, const char *role, const char *text)
{
    struct hg_tree *tree = &problem->formula;
    struct hg_scope *scope = &problem->scope;
    hg_tree_free(tree);
    HG_TRY(hg_formula_parse(tree, role, text, scope));
    HG_TRY(hg_formula_relate(tree, scope));
    HG_TRY(hg_formula_allocate(tree, scope));
    return hg_formula_evaluate(tree, scope);
}

void hg_problem_free(struct hg_problem *problem)
{
    hg_tree_free(&problem->loss);
    hg_tree_free(&problem->formula);
    hg_scope_free(&problem->scope);
}

enum hg_status hg_problem_loss(struct hg_problem *problem, const double *values, double *loss)
{
    const struct hg_variable *of = problem->of;
    memmove(of->value, values, of->rows * of->cols * sizeof *values);
    HG_TRY(hg_formula_evaluate(&problem->loss, &problem->scope));
    *loss = hg_tree_root(&problem->loss)->value[0];
    return HG_OK;
}

enum hg_status hg_problem_gradient(struct hg_problem *problem, size_t occurrence, double *out)
{
    const size_t n = problem->of->rows * problem->of->cols;
    size_t count = 0;
    HG_TRY(hg_formula_differentiate(&problem->loss));
    memset(out, 0, n * sizeof *out);
    for (size_t k = 0; k < problem->loss.count; ++k) {
        const struct hg_node *node = &problem->loss.nodes[k];
        if (!is_occurrence(problem, node))
            continue;
        ++count;
        for (size_t i = 0; i < n && (!occurrence || occurrence == count); ++i)
            out[i] += node->adjoint[i];
    }
    return HG_OK;
}
