/* The program: finds the command, runs it, and reports its failure. */
#include <stdio.h>
#include <string.h>

#include "handgrad/machine.h"
#include "src/command.h"

static const struct hg_command *const commands[] = {
    &hg_command_train_mlp,   &hg_command_train_autoencoder,
    &hg_command_resume,      &hg_command_eval,
    &hg_command_predict,     &hg_command_encode,
    &hg_command_reconstruct, &hg_command_gradcheck,
    &hg_command_crosscheck,  &hg_command_bench,
    &hg_command_info,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_overview(FILE *to)
{
    fputs("handgrad trains two small networks with gradients derived by hand, and proves the derivations.\n\n"
          "Usage: handgrad COMMAND [arguments]\n\nCommands:\n",
          to);
    for (size_t i = 0; i < COMMANDS; ++i)
        fprintf(to, "  %-18s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nhandgrad COMMAND --help explains each; a first try:\n"
          "  handgrad train mlp --data data/mnist\n\n"
          "Exit codes: 0 done, 1 a check failed, 64 wrong usage, 65 malformed data, 66 no such input,\n"
          "69 backend not available, 70 internal error, 73 output cannot be created, 74 input/output error,\n"
          "130 and 143 stopped by SIGINT and SIGTERM, the run saved.\n",
          to);
}

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

static enum hg_status unknown_command(int argc, char **argv)
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

static enum hg_status run_command(int argc, char **argv, const char **name)
{
    for (size_t i = 0; i < COMMANDS; ++i) {
        const int words = words_matched(commands[i]->name, argc, argv);
        if (words) {
            *name = commands[i]->name;
            return commands[i]->run(argc - words + 1, argv + words - 1);
        }
    }
    return unknown_command(argc, argv);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return HG_USAGE;
    }
    const char *name = NULL;
    enum hg_status status = HG_OK;
    if (is_help(argv[1]) || (argc == 3 && strcmp(argv[1], "train") == 0 && is_help(argv[2])))
        print_overview(stdout);
    else if (strcmp(argv[1], "--version") == 0)
        printf("handgrad %s\n", hg_version());
    else
        status = run_command(argc - 1, argv + 1, &name);

    /* Output that got lost, on a full disk for example, must not look like success. */
    if (fflush(stdout) != 0 && status == HG_OK)
        status = hg_fail(HG_IO, "standard output: %m");
    if (status != HG_OK)
        fprintf(stderr, "handgrad%s%s: %s\n", name ? " " : "", name ? name : "", hg_message());
    return (int)status;
}
