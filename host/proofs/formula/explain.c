#include "host/proofs/formula/explain.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/token.h"
#include "host/proofs/compare.h"
#include "host/proofs/formula/derivation.h"
#include "host/proofs/formula/problem.h"
#include "host/proofs/gradcheck/probe.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { PARAMETERS = 4, DEFINITIONS = 20 };

/* The parameters that move along the direction, and the problem that they belong to. */
struct subject {
    struct hg_problem *problem;
    unsigned by;
    const char *names[PARAMETERS + 1];
    struct hg_variable *parameters[PARAMETERS];
    size_t count;
    struct hg_probe probe; /* over all their numbers, one parameter after the other */
    struct hg_definition definitions[DEFINITIONS];
};

static size_t numbers(const struct hg_variable *variable)
{
    return variable->rows * variable->cols;
}

/* Where the numbers of a parameter lie among those of all. */
static size_t offset_of(const struct subject *subject, const char *name)
{
    size_t offset = 0;
    for (size_t i = 0; strcmp(subject->names[i], name) != 0; ++i)
        offset += numbers(subject->parameters[i]);
    return offset;
}

static enum hg_status loss_at(void *target, const double *values, double *loss)
{
    const struct subject *subject = target;
    for (size_t i = 0; i < subject->count; ++i) {
        const struct hg_variable *parameter = subject->parameters[i];
        memcpy(parameter->value, values, numbers(parameter) * sizeof *values);
        values += numbers(parameter);
    }
    const enum hg_status status = hg_formula_evaluate(&subject->problem->loss, &subject->problem->scope);
    *loss = status == HG_OK ? hg_tree_root(&subject->problem->loss)->value[0] : NAN;
    return status == HG_BAD_DATA ? HG_OK : status; /* the widest steps may leave where L has a value */
}

/* ---- the direction ---- */

static enum hg_status aim(struct subject *subject, uint64_t seed)
{
    struct hg_random random = hg_random_stream(seed, HG_RANDOM_SYNTHETIC, UINT32_MAX);
    struct hg_problem *problem = subject->problem;
    struct hg_probe *probe = &subject->probe;
    size_t total = 0;
    for (size_t i = 0; i < subject->count; ++i)
        total += numbers(subject->parameters[i]);
    HG_TRY(hg_probe_create(probe, total));
    for (size_t i = 0; i < subject->count; ++i) {
        const struct hg_variable *parameter = problem->of = subject->parameters[i];
        const size_t offset = offset_of(subject, subject->names[i]);
        memcpy(probe->base + offset, parameter->value, numbers(parameter) * sizeof *probe->base);
        HG_TRY(hg_problem_gradient(problem, 0, probe->gradient + offset));
    }
    hg_probe_aim(probe, &random);
    return HG_OK;
}

/* W_d beside W, and what follows from it. */
static enum hg_status add_directions(struct subject *subject)
{
    struct hg_scope *scope = &subject->problem->scope;
    for (size_t i = 0; i < subject->count; ++i) {
        const struct hg_variable *parameter = subject->parameters[i];
        char name[HG_FORMULA_NAME];
        snprintf(name, sizeof name, "%.20s_d", parameter->name);
        HG_TRY(hg_scope_add_value(scope, name, parameter->rows, parameter->cols,
                                  subject->probe.direction + offset_of(subject, subject->names[i])));
    }
    return HG_OK;
}

static void add_definitions(struct subject *subject, const struct hg_derivation *derivation)
{
    struct hg_scope *scope = &subject->problem->scope;
    size_t count = 0;
    for (const struct hg_definition *d = scope->definitions; d->name; ++d)
        subject->definitions[count++] = *d;
    for (const struct hg_derivation_change *change = derivation->changes; change->definition.name; ++change)
        if (change->by & subject->by)
            subject->definitions[count++] = change->definition;
    assert(count < DEFINITIONS);
    subject->definitions[count] = (struct hg_definition){NULL, NULL};
    scope->definitions = subject->definitions;
    scope->closed = true;
}

static const char *change_of(const struct hg_derivation *derivation, unsigned by, const char *name)
{
    const struct hg_derivation_change *change = derivation->changes;
    while (!(change->by & by) || strcmp(change->definition.name, name) != 0)
        ++change;
    return change->definition.text;
}

/* ---- lines ---- */

static const struct hg_explain_line *find_line(const struct hg_explanation *out, const char *name)
{
    for (size_t i = 0; i < out->count; ++i)
        if (strcmp(out->lines[i].name, name) == 0)
            return &out->lines[i];
    return NULL;
}

/* The text with "4x6" for W and "6x4" for W'; scalars keep their names. */
static void write_shapes(char out[HG_EXPLAIN_TEXT], const struct hg_explanation *explanation, const char *text)
{
    size_t used = 0, at = 0;
    out[0] = '\0';
    while (text[at] && used < HG_EXPLAIN_TEXT) {
        const struct hg_token token = hg_token_read(text, at), next = hg_token_read(text, token.end);
        const struct hg_explain_line *line =
            token.kind == HG_TOKEN_NAME && next.kind != HG_TOKEN_OPEN ? find_line(explanation, token.name) : NULL;
        used += (size_t)snprintf(out + used, HG_EXPLAIN_TEXT - used, "%.*s", (int)(token.begin - at), text + at);
        if (used >= HG_EXPLAIN_TEXT)
            return;
        const bool turned = line && next.kind == HG_TOKEN_TRANSPOSE;
        if (line && line->rows * line->cols > 1)
            used += (size_t)snprintf(out + used, HG_EXPLAIN_TEXT - used, "%zux%zu", turned ? line->cols : line->rows,
                                     turned ? line->rows : line->cols);
        else
            used += (size_t)snprintf(out + used, HG_EXPLAIN_TEXT - used, "%.*s", (int)(token.end - token.begin),
                                     text + token.begin);
        at = turned ? next.end : token.end;
    }
}

/* The next line, with the value of its text, or of its name where it is given. */
static enum hg_status add_line(struct hg_explanation *out, const struct subject *subject, const char *section,
                               const char *number, const char *name, const char *text)
{
    assert(out->count < HG_EXPLAIN_LINES);
    struct hg_explain_line *line = &out->lines[out->count];
    *line =
        (struct hg_explain_line){.section = section, .number = number, .text = text, .words = "", .derivative = NAN};
    snprintf(line->name, sizeof line->name, "%s", name);
    HG_TRY(hg_problem_evaluate(subject->problem, "formula", *text ? text : name));
    const struct hg_node *root = hg_tree_root(&subject->problem->formula);
    line->rows = root->rows;
    line->cols = root->cols;
    HG_TRY(hg_allocate(&line->values, root->rows * root->cols, "a line of a derivation"));
    memcpy(line->values, root->value, root->rows * root->cols * sizeof *line->values);
    double square = 0;
    for (size_t i = 0; i < line->rows * line->cols; ++i)
        square += line->values[i] * line->values[i];
    line->norm = sqrt(square);
    write_shapes(line->shapes, out, text);
    ++out->count;
    return HG_OK;
}

/* What the latest line, a gradient by `of`, says of L along the direction. */
static void take_derivative(struct hg_explanation *out, const struct subject *subject, const char *of)
{
    struct hg_explain_line *line = &out->lines[out->count - 1];
    const double *direction = subject->probe.direction + offset_of(subject, of);
    const struct hg_explain_line *parameter = find_line(out, of);
    const bool has_name = !strchr(line->name, '/'); /* dL/dW1 is none */
    snprintf(line->along, sizeof line->along, has_name ? "sum(%s.*%s_d)" : "sum((%s).*%s_d)",
             has_name ? line->name : line->text, of);
    if (line->rows != parameter->rows || line->cols != parameter->cols)
        return;
    line->derivative = 0;
    for (size_t i = 0; i < line->rows * line->cols; ++i)
        line->derivative += line->values[i] * direction[i];
}

static enum hg_status add_derivation_line(struct hg_explanation *out, const struct subject *subject,
                                          const struct hg_derivation *derivation, const struct hg_derivation_line *from)
{
    const char *text = from->text ? from->text : change_of(derivation, subject->by, from->name);
    HG_TRY(add_line(out, subject, from->section, from->number, from->name, text));
    struct hg_explain_line *line = &out->lines[out->count - 1];
    line->words = from->words;
    if (from->gradient_of) {
        take_derivative(out, subject, from->gradient_of);
        line->term = true;
        out->sum += line->derivative;
    } else if (from->along) {
        HG_TRY(hg_problem_evaluate(subject->problem, "formula", from->along));
        snprintf(line->along, sizeof line->along, "%s", from->along);
        line->derivative = hg_tree_root(&subject->problem->formula)->value[0];
    }
    return HG_OK;
}

static enum hg_status add_lines(struct hg_explanation *out, const struct subject *subject,
                                const struct hg_derivation *derivation, const char *formula)
{
    const struct hg_scope *scope = &subject->problem->scope;
    for (size_t i = 0; i < scope->count; ++i) /* the directions are the last of them */
        HG_TRY(add_line(out, subject, "Given", "", scope->variables[i].name, ""));
    for (const struct hg_derivation_line *line = derivation->lines; line->name; ++line)
        if (line->by & subject->by)
            HG_TRY(add_derivation_line(out, subject, derivation, line));
    if (!formula)
        return HG_OK;
    HG_TRY(add_line(out, subject, "Your formula", "", "F", formula));
    take_derivative(out, subject, subject->names[0]);
    return HG_OK;
}

static enum hg_status compare(struct hg_explanation *out, struct subject *subject)
{
    struct hg_derivative numeric;
    HG_TRY(hg_probe_numeric(&subject->probe, loss_at, subject, &numeric));
    const double scale = fmax(fabs(out->sum), fabs(numeric.value));
    const double open = numeric.error + hg_probe_analytic(&subject->probe, 64).error;
    out->quotient = numeric.value;
    out->error = hg_relative_error(out->sum, numeric.value, scale);
    out->limit = scale > 0 ? open / scale : 0;
    return HG_OK;
}

static enum hg_status explain(struct hg_explanation *out, struct subject *subject,
                              const struct hg_formula_options *options)
{
    const bool is_autoencoder = options->model == HG_FORMULA_AUTOENCODER;
    const struct hg_derivation *derivation = is_autoencoder ? &hg_derivation_autoencoder : &hg_derivation_mlp;
    struct hg_formula_options without = *options;
    subject->count = hg_derivation_names(subject->names, subject->by);
    without.of = subject->names[0];
    without.formula = NULL;
    HG_TRY(hg_problem_create(subject->problem, &without));
    for (size_t i = 0; i < subject->count; ++i)
        subject->parameters[i] = hg_scope_find(&subject->problem->scope, subject->names[i], strlen(subject->names[i]));
    HG_TRY(aim(subject, options->seed));
    HG_TRY(add_directions(subject));
    add_definitions(subject, derivation);
    HG_TRY(add_lines(out, subject, derivation, options->formula));
    return compare(out, subject);
}

enum hg_status hg_formula_explain(struct hg_explanation *out, const struct hg_formula_options *options)
{
    struct subject subject = {.by = hg_derivation_by(options->model, options->of)};
    *out = (struct hg_explanation){.count = 0};
    if (options->model == HG_FORMULA_CUSTOM || !subject.by)
        return hg_fail(HG_USAGE, "explain: the derivations are those of the two models; give of=W, W1, b1, W2, b2, z1, "
                                 "h or z2, or none of them");
    HG_TRY(hg_allocate(&subject.problem, 1, "a formula"));
    const enum hg_status status = explain(out, &subject, options);
    hg_problem_free(subject.problem);
    free(subject.problem);
    hg_probe_free(&subject.probe);
    return status;
}

void hg_explanation_free(struct hg_explanation *explanation)
{
    for (size_t i = 0; i < explanation->count; ++i)
        free(explanation->lines[i].values);
    explanation->count = 0;
}
