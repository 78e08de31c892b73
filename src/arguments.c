#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/option_table.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/command.h"

/* What getopt_long returns: FIRST + the index of an option, or NEGATED + the index for its --no- form. */
enum { FIRST = 256, NEGATED = FIRST + HG_MAX_OPTIONS, HELP = NEGATED + HG_MAX_OPTIONS };

/* The long options of a command in the form of getopt_long. */
struct long_options {
    struct option rows[2 * HG_MAX_OPTIONS + 2];
    char names[HG_MAX_OPTIONS][HG_OPTION_WORD], negations[HG_MAX_OPTIONS][HG_OPTION_WORD + 3];
    size_t count;
};

const struct hg_option *hg_command_option(const struct hg_command *command, size_t index)
{
    for (size_t t = 0; t < HG_MAX_TABLES && command->tables[t]; ++t)
        for (const struct hg_option *row = command->tables[t]; row->name; ++row)
            if (index-- == 0)
                return row;
    for (const struct hg_option *row = hg_train_option_table; row->name; ++row)
        if ((row->applies & command->training) && index-- == 0)
            return row;
    return NULL;
}

enum hg_model_kind hg_command_model(const struct hg_command *command)
{
    return command->training == HG_TO_AUTOENCODER ? HG_AUTOENCODER : HG_MLP;
}

static void add_row(struct long_options *out, const char *name, int has_value, int value)
{
    assert(out->count + 1 < sizeof out->rows / sizeof out->rows[0]); /* the last row stays zero: getopt's end */
    out->rows[out->count++] = (struct option){name, has_value, NULL, value};
}

static void long_options_fill(struct long_options *out, const struct hg_command *command)
{
    *out = (struct long_options){.count = 0};
    add_row(out, "help", optional_argument, HELP);
    const struct hg_option *row;
    for (int i = 0; (row = hg_command_option(command, (size_t)i)); ++i) {
        assert(i < HG_MAX_OPTIONS);
        const int argument = hg_option_is_switch(row) ? no_argument : required_argument;
        char flag[HG_OPTION_WORD];
        hg_option_flag(flag, row, hg_command_model(command));
        snprintf(out->names[i], sizeof out->names[i], "%s", flag);
        add_row(out, out->names[i], argument, FIRST + i);
        if (hg_option_is_switch(row)) {
            snprintf(out->negations[i], sizeof out->negations[i], "no-%s", flag);
            add_row(out, out->negations[i], no_argument, NEGATED + i);
        }
    }
}

/* What getopt_long did not understand: unknown, ambiguous, or a flag with a value. */
static enum hg_status explain_unknown(const struct long_options *known, const struct hg_command *command, char **argv)
{
    const char *given = argv[optind - 1];
    if (optopt >= FIRST)
        return hg_fail(HG_USAGE, "%s: this option takes no value", given);
    if (optopt)
        return hg_fail(HG_USAGE, "-%c: there is no such option; see handgrad %s --help", optopt, command->name);

    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(given + 2, "="), given + 2);
    const char *names[2 * HG_MAX_OPTIONS + 2];
    size_t alike = 0;
    for (size_t i = 0; i < known->count; ++i) {
        names[i] = known->rows[i].name;
        alike += strncmp(names[i], word, strlen(word)) == 0;
    }
    if (alike > 1)
        return hg_fail(HG_USAGE, "--%s: %zu options begin like that; give the whole name", word, alike);
    const char *nearest = hg_words_nearest(word, names, known->count);
    if (nearest)
        return hg_fail(HG_USAGE, "--%s: there is no such option; did you mean --%s?", word, nearest);
    return hg_fail(HG_USAGE, "--%s: there is no such option; see handgrad %s --help", word, command->name);
}

static bool is_repeated(const char *operand)
{
    return strstr(operand, "...") != NULL;
}

/* getopt_long has moved the operands behind the options. */
static enum hg_status read_operands(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv)
{
    const size_t given = (size_t)(argc - optind);
    size_t most = 0;
    for (size_t i = 0; i < HG_MAX_OPERANDS && command->operands[i]; ++i) {
        const char *name = command->operands[i];
        if (i >= given && name[0] != '[')
            return hg_fail(HG_USAGE, "%.*s is missing; see handgrad %s --help", (int)strcspn(name, " "), name,
                           command->name);
        most = is_repeated(name) ? SIZE_MAX : i + 1;
    }
    if (given > most)
        return hg_fail(HG_USAGE, "'%s': one argument too many; see handgrad %s --help", argv[(size_t)optind + most],
                       command->name);
    out->operands = argv + optind;
    out->operand_count = given;
    return HG_OK;
}

/* --help, or --help=man. */
static enum hg_status read_help_form(struct hg_arguments *out, const char *form)
{
    if (form && strcmp(form, "man") != 0)
        return hg_fail(HG_USAGE, "--help: there is no form '%s'; give --help, or --help=man for a manual page", form);
    out->help = form ? HG_HELP_MANUAL : HG_HELP_TEXT;
    return HG_OK;
}

enum hg_status hg_arguments_split(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv)
{
    struct long_options known;
    long_options_fill(&known, command);
    *out = (struct hg_arguments){.help = HG_HELP_NONE};
    opterr = 0;
    for (int given; (given = getopt_long(argc, argv, ":h", known.rows, NULL)) != -1;) {
        if (given == 'h' || given == HELP)
            HG_TRY(read_help_form(out, given == HELP ? optarg : NULL));
        else if (given == '?')
            return explain_unknown(&known, command, argv);
        else if (given == ':')
            return hg_fail(HG_USAGE, "%s: a value is missing", argv[optind - 1]);
        else if (given >= NEGATED) {
            out->values[given - NEGATED] = "";
            out->negated[given - NEGATED] = true;
        } else {
            out->values[given - FIRST] = optarg ? optarg : "";
            out->negated[given - FIRST] = false;
        }
    }
    return out->help ? HG_OK : read_operands(out, command, argc, argv);
}

enum hg_status hg_arguments_repeated(const char **out, size_t most, const struct hg_command *command, const char *name,
                                     int argc, char **argv)
{
    struct long_options known;
    size_t count = 0;
    long_options_fill(&known, command);
    optind = 0; /* GNU's way to begin again */
    for (int given; (given = getopt_long(argc, argv, ":h", known.rows, NULL)) != -1;) {
        if (given < FIRST || given >= NEGATED ||
            strcmp(hg_command_option(command, (size_t)(given - FIRST))->name, name) != 0)
            continue;
        if (count == most)
            return hg_fail(HG_USAGE, "%s: given more than %zu times", name, most);
        out[count++] = optarg;
    }
    return HG_OK;
}

const char *hg_arguments_text(const struct hg_arguments *arguments, const struct hg_command *command, const char *name)
{
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i)
        if (strcmp(row->name, name) == 0)
            return arguments->values[i];
    return NULL;
}

enum hg_status hg_arguments_apply(const struct hg_arguments *arguments, const struct hg_command *command,
                                  void *settings)
{
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i) {
        if (!arguments->values[i])
            continue;
        const char *text = arguments->values[i];
        if (hg_option_is_switch(row))
            text = arguments->negated[i] ? "false" : "true";
        HG_TRY(hg_option_read(row, text, settings));
    }
    return HG_OK;
}

enum hg_status hg_arguments_models(unsigned *models, const char *operand)
{
    char names[HG_OPTION_WORDS];
    *models = 0;
    for (unsigned model = 0; hg_model_names[model]; ++model)
        if (!operand || strcmp(operand, hg_model_names[model]) == 0)
            *models |= 1U << model;
    if (*models)
        return HG_OK;
    return hg_fail(HG_USAGE, "'%s': there is no such model; give %s, or neither for both", operand,
                   hg_words_join(names, sizeof names, hg_model_names, ", ", " or "));
}

enum hg_status hg_arguments_read(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv,
                                 void *settings, bool *done)
{
    HG_TRY(hg_arguments_split(out, command, argc, argv));
    *done = out->help;
    if (*done) {
        hg_help_print(out->help, command, settings);
        return HG_OK;
    }
    return hg_arguments_apply(out, command, settings);
}
