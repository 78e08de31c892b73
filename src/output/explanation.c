#include "src/output/explanation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 6 };

/* Two texts at the ends of a line, or on two lines where they do not fit on one. */
static void print_ends(const char *left, const char *right)
{
    const int length = (int)strlen(left), gap = WIDTH - length - (int)strlen(right);
    if (gap >= 2 || !*right)
        printf("%s%*s%s\n", left, *right ? gap : 0, "", right);
    else
        printf("%s\n%*s\n", left, WIDTH, right);
}

/* "4x6, norm 3.21", or the value of a single number */
static void describe(char out[64], const struct hg_explain_line *line)
{
    if (line->rows * line->cols == 1)
        snprintf(out, 64, "%.9g", line->values[0]);
    else
        snprintf(out, 64, "%zux%zu, norm %.6g", line->rows, line->cols, line->norm);
}

/* Some of its numbers, so that one can see the line at work: from the first one that is not 0. */
static void describe_numbers(char out[64], const struct hg_explain_line *line)
{
    enum { SHOWN = 3 };
    const size_t count = line->rows * line->cols;
    size_t first = 0, used = 0;
    out[0] = '\0';
    if (count == 1)
        return;
    while (first + 1 < count && line->values[first] == 0)
        ++first;
    for (size_t i = first; i < count && i < first + SHOWN; ++i)
        used += (size_t)snprintf(out + used, 64 - used, "%s%.4g",
                                 i > first ? "  "
                                 : first   ? "... "
                                           : "",
                                 line->values[i]);
    if (first + SHOWN < count)
        snprintf(out + used, 64 - used, " ...");
}

static void print_given(const struct hg_explain_line *line)
{
    char left[128], right[64];
    describe(right, line);
    snprintf(left, sizeof left, "%*s%-6s%s", INDENT, "", line->name, right);
    describe_numbers(right, line);
    print_ends(left, right);
}

static void print_line(const struct hg_explain_line *line)
{
    char left[256], right[64], number[16] = "";
    if (*line->number)
        snprintf(number, sizeof number, "(%s)", line->number);
    describe(right, line);
    const int length = snprintf(left, sizeof left, "%-*s%s = %s", INDENT, number, line->name, line->text);
    if (length < (int)sizeof left)
        print_ends(left, right);
    else /* a long formula */
        printf("%*s%s = %s\n%*s\n", INDENT, "", line->name, line->text, WIDTH, right);
    describe_numbers(right, line);
    snprintf(left, sizeof left, "%*s%s", INDENT, "", line->shapes);
    if (*line->shapes || *right)
        print_ends(left, right);
    if (*line->words)
        printf("%*s%s\n", INDENT, "", line->words);
    if (!*line->along)
        return;
    snprintf(left, sizeof left, "%*s%s", INDENT, line->term ? "+   " : "", line->along);
    if (isnan(line->derivative))
        snprintf(right, sizeof right, "its size is another");
    else
        snprintf(right, sizeof right, "%+.9g", line->derivative);
    print_ends(left, right);
}

void hg_explanation_print(const struct hg_explanation *explanation)
{
    const char *section = "";
    char number[32];
    puts("Each line has its size and norm; below, the sizes of what it is made of, and the\n"
         "numbers that it begins with. Where W, for one, becomes W + t W_d, any Q has the\n"
         "derivative Q_d by t, at t = 0. Samples are columns, and L is their mean.");
    for (size_t i = 0; i < explanation->count; ++i) {
        const struct hg_explain_line *line = &explanation->lines[i];
        if (strcmp(section, line->section) != 0)
            printf("\n%s\n", line->section);
        section = line->section;
        if (*line->text)
            print_line(line);
        else
            print_given(line);
    }
    printf("\nThe derivative of L along the direction\n");
    snprintf(number, sizeof number, "%+.9g", explanation->sum);
    print_ends("      the terms above that have a +, together", number);
    snprintf(number, sizeof number, "%+.9g", explanation->quotient);
    print_ends("      (L(t) - L(-t)) / 2t for small t, from values of L alone", number);
    snprintf(number, sizeof number, "%.1e", explanation->error);
    print_ends("      their relative difference", number);
    snprintf(number, sizeof number, "%.1e", explanation->limit);
    print_ends("      what rounding leaves open", number);
}

void hg_explanation_add_json(struct hg_json *json, const struct hg_explanation *explanation)
{
    enum { MOST = 4096 }; /* numbers of a matrix that are shown */
    struct hg_json *object = hg_json_object(json, "explanation");
    hg_json_number(object, "sum", explanation->sum);
    hg_json_number(object, "quotient", explanation->quotient);
    hg_json_number(object, "error", explanation->error);
    hg_json_number(object, "limit", explanation->limit);
    for (size_t i = 0; i < explanation->count; ++i) {
        const struct hg_explain_line *line = &explanation->lines[i];
        struct hg_json *item = hg_json_append(object, "lines");
        hg_json_text(item, "section", line->section);
        hg_json_text(item, "number", line->number);
        hg_json_text(item, "name", line->name);
        hg_json_text(item, "text", line->text);
        hg_json_text(item, "shapes", line->shapes);
        hg_json_text(item, "words", line->words);
        hg_json_number(item, "rows", (double)line->rows);
        hg_json_number(item, "cols", (double)line->cols);
        hg_json_number(item, "norm", line->norm);
        if (line->rows * line->cols <= MOST)
            hg_json_numbers(item, "values", line->values, line->rows * line->cols);
        hg_json_text(item, "along", line->along);
        hg_json_number(item, "derivative", line->derivative);
        hg_json_bool(item, "term", line->term);
    }
}
