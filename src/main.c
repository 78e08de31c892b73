/* The program: finds the command, runs it, and reports its failure. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/formula/place.h"
#include "src/commands/table.h"
#include "src/complete.h"
#include "src/help.h"
#include "src/standard_output.h"

static enum hg_status run_command(int argc, char **argv, const struct hg_command **command)
{
    int words = 0;
    *command = hg_command_find(argc, argv, &words);
    return *command ? (*command)->run(argc - words + 1, argv + words - 1) : hg_command_unknown(argc, argv);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* `help COMMAND`, which is `COMMAND --help`; alone, and for `train` without its model, the overview. */
static enum hg_status help(int argc, char **argv, const struct hg_command **command)
{
    int words = 0;
    if (argc == 0 || (argc == 1 && strcmp(argv[0], "train") == 0)) {
        hg_overview_print(stdout);
        return HG_OK;
    }
    *command = hg_command_find(argc, argv, &words);
    if (!*command)
        return hg_command_unknown(argc, argv);
    if (words < argc)
        return hg_fail(HG_USAGE, "'%s': one argument too many; see handgrad %s --help", argv[words], (*command)->name);
    char *asked[] = {argv[words - 1], "--help", NULL};
    return (*command)->run(2, asked);
}

int main(int argc, char **argv)
{
    /* Exceeding a limit on the size of files then fails the write, which is reported and cleaned up after. */
    signal(SIGXFSZ, SIG_IGN);
    hg_standard_output_open();
    if (argc < 2) {
        hg_overview_print(stderr);
        return HG_USAGE;
    }
    const struct hg_command *command = NULL;
    char message[2048];
    enum hg_status status = HG_OK;
    if (is_help(argv[1]))
        status = help(argc - 2, argv + 2, &command);
    else if (argc == 3 && strcmp(argv[1], "train") == 0 && is_help(argv[2]))
        status = help(0, NULL, &command);
    else if (strcmp(argv[1], "--help=man") == 0)
        hg_overview_print_manual();
    else if (strcmp(argv[1], "--help=commands") == 0)
        hg_commands_list();
    else if (strcmp(argv[1], "complete") == 0)
        hg_complete(argc - 2, argv + 2);
    else if (strcmp(argv[1], "--version") == 0)
        printf("handgrad %s\n", hg_version());
    else
        status = run_command(argc - 1, argv + 1, &command);

    /* Output that got lost, on a full disk for example, must not look like success. */
    if (status == HG_OK)
        status = hg_standard_output_flush();
    if (status != HG_OK) {
        if ((status == HG_USAGE || status == HG_BAD_DATA) && *hg_formula_picture())
            fprintf(stderr, "%s\n", hg_formula_picture());
        fprintf(stderr, "handgrad%s%s: %s\n", command ? " " : "", command ? command->name : "",
                hg_command_message(message, sizeof message, command, hg_message()));
        const char *trace = getenv("HANDGRAD_TRACE");
        if (trace && strcmp(trace, "1") == 0)
            fputs(hg_trace(), stderr);
    }
    return (int)status;
}
