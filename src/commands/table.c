#include <string.h>

#include "kernels/base/words.h"
#include "src/commands/table.h"

#define HEADING(text) {.heading = (text)},
#define ROW(x) {.command = &hg_command_##x},
/* A heading of the overview, or a command. */
static const struct {
    const char *heading;
    const struct hg_command *command;
} rows[] = {HG_COMMANDS(HEADING, ROW)};
enum { ROWS = sizeof rows / sizeof rows[0] };
#undef HEADING
#undef ROW

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
    for (size_t i = 0; i < ROWS; ++i) {
        *words = rows[i].command ? words_matched(rows[i].command->name, argc, argv) : 0;
        if (*words)
            return rows[i].command;
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
    const char *names[ROWS];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; ++i)
        if (rows[i].command)
            names[count++] = rows[i].command->name;
    const char *nearest = hg_words_nearest(given, names, count);
    if (nearest)
        return hg_fail(HG_USAGE, "'%s': there is no such command; did you mean handgrad %s?", given, nearest);
    return hg_fail(HG_USAGE, "'%s': there is no such command; see handgrad --help", given);
}

const struct hg_command *hg_command_at(size_t index, const char **heading)
{
    *heading = NULL;
    for (size_t i = 0; i < ROWS; ++i) {
        if (rows[i].heading)
            *heading = rows[i].heading;
        else if (index-- == 0)
            return rows[i].command;
        else
            *heading = NULL;
    }
    return NULL;
}

void hg_commands_list(void)
{
    const struct hg_command *command;
    const char *heading;
    for (size_t i = 0; (command = hg_command_at(i, &heading)); ++i)
        puts(command->name);
}

void hg_commands_print(FILE *to)
{
    const struct hg_command *command;
    const char *heading;
    int width = 0;
    for (size_t i = 0; (command = hg_command_at(i, &heading)); ++i) {
        const int length = (int)strlen(command->name);
        width = length > width ? length : width;
    }
    for (size_t i = 0; (command = hg_command_at(i, &heading)); ++i) {
        if (heading)
            fprintf(to, "\n%s\n", heading);
        fprintf(to, "  %-*s  %s\n", width, command->name, command->summary);
    }
}
