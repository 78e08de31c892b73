#include <stdio.h>
#include <string.h>

#include "src/help.h"

enum { INDENT = 34, WIDTH = 100 };

static const char *const headings[HG_GROUPS] = {
    [HG_GROUP_OPTIONS] = "Options",
    [HG_GROUP_MODEL] = "Model",
    [HG_GROUP_DATA] = "Data",
    [HG_GROUP_LEARNING] = "Learning",
    [HG_GROUP_REPRODUCING] = "Reproducing",
    [HG_GROUP_OUTPUT] = "Output",
    [HG_GROUP_MEASUREMENT] = "Measurement",
    [HG_GROUP_MACHINE] = "Machine",
};

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

/* The default of an option, for its help; "" where it would say nothing. */
static const char *describe_default(char *out, const struct hg_option *row, const struct hg_command *command,
                                    const void *settings)
{
    if (row->applies && command->training == HG_TO_RESUMED)
        return row->unsaved ? "" : "as before";
    if (row->preset)
        return row->preset;
    if (row->kind == HG_OPTION_FLAG && (!row->applies || row->unsaved))
        return "";
    return hg_option_value(out, row, settings);
}

/* A switch that is no option of training is shown in the form that differs from its default. */
static void describe_usage(char *out, const struct hg_option *row, const struct hg_command *command,
                           const void *settings)
{
    char flag[HG_OPTION_WORD];
    if (row->kind != HG_OPTION_FLAG || row->applies) {
        hg_option_usage(out, row, hg_command_model(command));
        return;
    }
    const bool on = *(const bool *)((const char *)settings + row->offset);
    snprintf(out, HG_OPTION_WORDS, "--%s%s", on ? "no-" : "", hg_option_flag(flag, row, hg_command_model(command)));
}

static void print_heading(const char *text)
{
    printf("\n%s\n", text);
}

static void print_option(const char *usage, const char *text)
{
    if (strlen(usage) + 4 > INDENT)
        printf("  %s\n%*s", usage, INDENT, "");
    else
        printf("  %-*s", INDENT - 2, usage);
    print_wrapped(text);
}

static void describe_option(const struct hg_help_form *form, const struct hg_option *row,
                            const struct hg_command *command, const void *settings)
{
    char usage[HG_OPTION_WORDS], value[HG_OPTION_WORDS], text[768];
    describe_usage(usage, row, command, settings);
    const char *preset = describe_default(value, row, command, settings);
    snprintf(text, sizeof text, "%s%s%s%s", hg_option_help(row, hg_command_model(command)), *preset ? " [" : "", preset,
             *preset ? "]" : "");
    form->option(usage, text);
}

void hg_help_print_options(const struct hg_help_form *form, const struct hg_command *command, const void *settings)
{
    for (unsigned group = 0; group < HG_GROUPS; ++group) {
        const struct hg_option *row;
        bool begun = false;
        for (size_t i = 0; (row = hg_command_option(command, i)); ++i) {
            if (row->group != group)
                continue;
            if (!begun)
                form->heading(headings[group]);
            begun = true;
            describe_option(form, row, command, settings);
        }
    }
}

void hg_help_print(enum hg_help form, const struct hg_command *command, const void *settings)
{
    static const struct hg_help_form text = {print_heading, print_option};
    if (form == HG_HELP_MANUAL) {
        hg_manual_print(command, settings);
        return;
    }
    printf("handgrad %s: %s\n\nUsage: handgrad %s", command->name, command->summary, command->name);
    for (size_t i = 0; i < HG_MAX_OPERANDS && command->operands[i]; ++i)
        printf(" %s", command->operands[i]);
    printf(" [options]\n\n%s\n", command->description);
    hg_help_print_options(&text, command, settings);
}
