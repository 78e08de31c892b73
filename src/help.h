/* What --help prints, in two forms: as text, and as a manual page (--help=man, from which the build makes handgrad.1
 * and the others). Both come from the command's row and tables. */
#ifndef HANDGRAD_SRC_HELP_H
#define HANDGRAD_SRC_HELP_H

#include <stdio.h>

#include "src/command.h"

/* How one form prints the options. */
struct hg_help_form {
    void (*heading)(const char *text);
    void (*option)(const char *usage, const char *text);
};

/* Every option of the command, under its headings. `settings` holds the defaults. */
void hg_help_print_options(const struct hg_help_form *form, const struct hg_command *command, const void *settings);

/* The manual page of a command, in roff's man macros. */
void hg_manual_print(const struct hg_command *command, const void *settings);

/* What handgrad prints without a command, and the manual page handgrad(1), which names the others. */
void hg_overview_print(FILE *to);
void hg_overview_print_manual(void);

#endif
