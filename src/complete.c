/* Completion for shells: what may stand where a user has asked for it, from the tables that parse the command line. The
 * scripts of completions/ pass the words on and show what is printed. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "src/commands/table.h"
#include "src/complete.h"

/* One word that may stand here, if it begins like `begun`, and what it means. */
static void offer(const char *begun, const char *word, const char *meaning)
{
    if (strncmp(word, begun, strlen(begun)) == 0)
        printf("%s\t%.*s\n", word, (int)strcspn(meaning, "\n"), meaning);
}

/* The word of a command's name that follows the `count` words given; NULL if the name begins otherwise, or ends there.
 */
static const char *following_word(const char *name, int count, char **given)
{
    for (int i = 0; i < count; ++i) {
        const size_t length = strlen(given[i]);
        if (strncmp(name, given[i], length) != 0 || name[length] != ' ')
            return NULL;
        name += length + 1;
    }
    return name;
}

/* The next word of every command; "train" once, though several commands begin with it. */
static void offer_commands(int count, char **given)
{
    const struct hg_command *command;
    const char *heading;
    char last[64] = "";
    for (size_t i = 0; (command = hg_command_at(i, &heading)); ++i) {
        const char *word = following_word(command->name, count - 1, given);
        const size_t length = word ? strcspn(word, " ") : 0;
        char next[sizeof last];
        snprintf(next, sizeof next, "%.*s", (int)length, word ? word : "");
        if (!word || strcmp(next, last) == 0)
            continue;
        offer(given[count - 1], next, word[length] ? "one of several models" : command->summary);
        memcpy(last, next, sizeof last);
    }
}

/* What an operand or the value of an option may be, by what the help calls it: "FILE", "RUN ...", "[mlp|autoencoder]".
 */
static void offer_named(const char *begun, const char *name)
{
    if (strstr(name, "FILE") || strstr(name, "DIR") || strstr(name, "RUN")) {
        puts(":files");
        return;
    }
    for (bool several = strchr(name, '|'); several && *name;) {
        char word[HG_OPTION_WORD];
        name += strspn(name, "[|]");
        const size_t length = strcspn(name, "[|]");
        snprintf(word, sizeof word, "%.*s", (int)length, name);
        if (length > 0)
            offer(begun, word, "");
        name += length;
    }
}

static void offer_value(const char *begun, const struct hg_option *row)
{
    for (const char *const *choice = row->choices; choice && *choice; ++choice)
        offer(begun, *choice, "");
    if (row->argument)
        offer_named(begun, row->argument);
}

/* The names of the options; their --no- form where that is what was begun. */
static void offer_options(const char *begun, const struct hg_command *command)
{
    const enum hg_model_kind model = hg_command_model(command);
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i) {
        char flag[HG_OPTION_WORD], word[HG_OPTION_WORD + sizeof "--no-"];
        hg_option_flag(flag, row, model);
        snprintf(word, sizeof word, "--%s", flag);
        offer(begun, word, hg_option_help(row, model));
        snprintf(word, sizeof word, "--no-%s", flag);
        if (hg_option_is_switch(row) && strncmp(begun, "--no", strlen("--no")) == 0)
            offer(begun, word, "");
    }
    offer(begun, "--help", "explain the command");
}

/* The option of that name that takes a value from the next word; else NULL. */
static const struct hg_option *option_with_value(const char *word, const struct hg_command *command)
{
    const struct hg_option *row;
    if (strncmp(word, "--", 2) != 0)
        return NULL;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i) {
        char flag[HG_OPTION_WORD];
        if (!hg_option_is_switch(row) && strcmp(hg_option_flag(flag, row, hg_command_model(command)), word + 2) == 0)
            return row;
    }
    return NULL;
}

/* The operand that comes after so many; the last of them again where it may be repeated. */
static const char *operand_at(const struct hg_command *command, size_t index)
{
    const char *name = NULL;
    for (size_t i = 0; i < HG_MAX_OPERANDS && command->operands[i]; ++i) {
        name = command->operands[i];
        if (i == index || (i < index && strstr(name, "...")))
            return name;
    }
    return NULL;
}

static void offer_arguments(const struct hg_command *command, int count, char **given)
{
    const char *begun = given[count - 1];
    const struct hg_option *valued = NULL; /* the option whose value comes next */
    size_t operands = 0;
    for (int i = 0; i < count - 1; ++i) {
        if (valued) {
            valued = NULL;
            continue;
        }
        valued = option_with_value(given[i], command);
        operands += given[i][0] != '-';
    }
    const char *operand = operand_at(command, operands);
    if (valued)
        offer_value(begun, valued);
    else if (begun[0] == '-' || (!operand && !*begun))
        offer_options(begun, command);
    else if (operand)
        offer_named(begun, operand);
}

void hg_complete(int count, char **given)
{
    const bool help = count > 1 && strcmp(given[0], "help") == 0;
    int words = 0;
    if (count == 0)
        return;
    if (count == 1) {
        offer(given[0], "help", "explain a command");
        offer(given[0], "--help", "what the commands are");
        offer(given[0], "--version", "which version this is");
    }
    if (help)
        ++given, --count;
    const struct hg_command *command = hg_command_find(count - 1, given, &words);
    if (!command)
        offer_commands(count, given);
    else if (!help)
        offer_arguments(command, count - words, given + words);
}
