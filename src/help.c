#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/command.h"

enum { WORD = 64, INDENT = 34, WIDTH = 100 };

/* The number of single-character edits that turn a into b (Levenshtein). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD + 1];
    const size_t n = strnlen(b, WORD);
    for (size_t j = 0; j <= n; ++j)
        row[j] = j;
    for (size_t i = 0; a[i]; ++i) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; ++j) {
            const size_t replace = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            const size_t shorter = row[j] < row[j + 1] ? row[j] : row[j + 1];
            row[j + 1] = replace < shorter + 1 ? replace : shorter + 1;
        }
    }
    return row[n];
}

const char *hg_help_nearest(const char *word, const char *const *candidates, size_t count)
{
    /* More than every third letter wrong is another word. */
    size_t best = strlen(word) / 3 + 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; ++i) {
        const size_t distance = edit_distance(word, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* The default of an option as one would give it; "" where there is none to speak of. */
static void format_preset(char *out, size_t size, const struct hg_option *row, const void *field)
{
    unsigned choice;
    const char *text;
    out[0] = '\0';
    if (row->preset) {
        snprintf(out, size, "%s", row->preset);
        return;
    }
    switch (row->kind) {
    case HG_OPTION_SIZE:
        snprintf(out, size, "%zu", *(const size_t *)field);
        break;
    case HG_OPTION_SEED:
        snprintf(out, size, "%llu", (unsigned long long)*(const uint64_t *)field);
        break;
    case HG_OPTION_INT:
        snprintf(out, size, "%d", *(const int *)field);
        break;
    case HG_OPTION_REAL:
        snprintf(out, size, "%g", *(const double *)field);
        break;
    case HG_OPTION_TEXT:
        text = *(const char *const *)field;
        snprintf(out, size, "%s", text ? text : "");
        break;
    case HG_OPTION_CHOICE:
        memcpy(&choice, field, sizeof choice);
        snprintf(out, size, "%s", row->choices[choice]);
        break;
    case HG_OPTION_FLAG:
    case HG_OPTION_GROUP:
        break;
    }
}

/* Text from column INDENT on, broken between words at WIDTH. */
static void print_wrapped(const char *text)
{
    size_t column = INDENT;
    while (*text) {
        const size_t length = strcspn(text, " ");
        if (column > INDENT && column + 1 + length > WIDTH) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            putchar(' ');
            ++column;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(const struct hg_option *row, const void *settings)
{
    const void *field = (const char *)settings + row->offset;
    /* A flag that is set already is shown as the one that clears it. */
    const bool negate = row->kind == HG_OPTION_FLAG && *(const bool *)field;
    char left[128], preset[128], right[768];
    snprintf(left, sizeof left, "  --%s%s%s%s", negate ? "no-" : "", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    format_preset(preset, sizeof preset, row, field);
    snprintf(right, sizeof right, "%s%s%s%s", row->help, preset[0] ? " [" : "", preset, preset[0] ? "]" : "");
    if (strlen(left) + 2 > INDENT)
        printf("%s\n%*s", left, INDENT, "");
    else
        printf("%-*s", INDENT, left);
    print_wrapped(right);
}

void hg_help_print(const struct hg_command *command, const void *settings)
{
    printf("handgrad %s: %s\n\nUsage: handgrad %s", command->name, command->summary, command->name);
    for (size_t i = 0; i < HG_MAX_OPERANDS && command->operands[i]; ++i)
        printf(" %s", command->operands[i]);
    printf(" [options]\n\n%s\n", command->description);
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i) {
        if (row->kind == HG_OPTION_GROUP)
            printf("\n%s\n", row->name);
        else
            print_option(row, settings);
    }
}
