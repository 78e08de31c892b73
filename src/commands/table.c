#include <string.h>

#include "src/commands/table.h"

#define HG_COMMAND_ADDRESS(x) &hg_command_##x,
static const struct hg_command *const commands[] = {HG_COMMANDS(HG_COMMAND_ADDRESS)};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* The number of words of the name that argv begins with; 0 where it does not begin with all of them. */
static int words_matched(const char *name, int argc, char **argv)
{
    int words = 0;
    while (*name) {
        const size_t length = strcspn(name, " ");
        if (words >= argc || strlen(argv[words]) != length || strncmp(argv[words], name, length) != 0)
            return 0;
        ++words;
        name += length + (name[length] == ' ');
    }
    return words;
}

const struct hg_command *hg_command_find(int argc, char **argv, int *words)
{
    for (size_t i = 0; i < COMMANDS; ++i) {
        *words = words_matched(commands[i]->name, argc, argv);
        if (*words)
            return commands[i];
    }
    return NULL;
}

enum hg_status hg_command_unknown(int argc, char **argv)
{
    char given[128];
    if (strcmp(argv[0], "train") == 0 && argc == 1)
        return hg_fail(HG_USAGE, "train: say which model, mlp or autoencoder");
    if (strcmp(argv[0], "train") == 0)
        snprintf(given, sizeof given, "train %s", argv[1]);
    else
        snprintf(given, sizeof given, "%s", argv[0]);
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; ++i)
        names[i] = commands[i]->name;
    const char *nearest = hg_help_nearest(given, names, COMMANDS);
    if (nearest)
        return hg_fail(HG_USAGE, "'%s': there is no such command; did you mean handgrad %s?", given, nearest);
    return hg_fail(HG_USAGE, "'%s': there is no such command; see handgrad --help", given);
}

void hg_commands_print(FILE *to)
{
    int width = 0;
    for (size_t i = 0; i < COMMANDS; ++i)
        width = (int)strlen(commands[i]->name) > width ? (int)strlen(commands[i]->name) : width;
    fputs("Commands:\n", to);
    for (size_t i = 0; i < COMMANDS; ++i)
        fprintf(to, "  %-*s  %s\n", width, commands[i]->name, commands[i]->summary);
}
