#include <stdio.h>

#include "src/commands/table.h"
#include "src/help.h"
#include "src/manual.h"

static const char summary[] =
    "handgrad trains two small networks with gradients derived by hand, and checks the derivations numerically.";

static const char exit_codes[] =
    "0 done, 1 a check failed, 64 wrong usage, 65 malformed data, 66 no such input,\n"
    "69 backend not available, 70 internal error, 73 output cannot be created, 74 input/output error,\n"
    "129, 130, 143, 152 stopped by SIGHUP, SIGINT, SIGTERM, SIGXCPU; the run of a training is saved.";

static const char environment[] =
    "HANDGRAD_TRACE=1 shows below an error where in the sources it arose, for bug reports;\n"
    "HANDGRAD_ISA (avx512, avx2, portable) limits the processor's instructions that are used.";

void hg_overview_print(FILE *to)
{
    fprintf(to, "%s\n\nUsage: handgrad COMMAND [arguments]\n", summary);
    hg_commands_print(to);
    fprintf(to,
            "\nhandgrad COMMAND --help, or handgrad help COMMAND, explains each; a first try:\n"
            "  handgrad train mlp --data data/mnist\n\n"
            "Exit codes: %s\n\n"
            "Environment: %s\n",
            exit_codes, environment);
}

void hg_overview_print_manual(void)
{
    hg_manual_print_title("", "train and check two small networks whose gradients were derived by hand");
    puts(".SH SYNOPSIS\n.B handgrad\n.I COMMAND\n[arguments]\n.SH DESCRIPTION");
    hg_manual_print_paragraphs(summary);
    puts(".PP\nEach command has a page of its own, and explains itself with\n.BR \\-\\-help .\n.SH COMMANDS");
    const struct hg_command *command;
    const char *heading;
    for (size_t i = 0; (command = hg_command_at(i, &heading)); ++i) {
        if (heading)
            hg_manual_print_heading(heading);
        puts(".TP");
        hg_manual_print_reference(command->name);
        hg_manual_print_line(command->summary);
    }
    puts(".SH \"EXIT STATUS\"");
    hg_manual_print_paragraphs(exit_codes);
    puts(".SH ENVIRONMENT");
    hg_manual_print_paragraphs(environment);
}
