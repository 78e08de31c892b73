/* What manual pages are made of, each on standard output, in the macros of man(7); `command` is its name, "train mlp",
 * or "" for the program as a whole. */
#ifndef HANDGRAD_SRC_MANUAL_H
#define HANDGRAD_SRC_MANUAL_H

/* The beginning of a page, up to its name and what it is. */
void hg_manual_print_title(const char *command, const char *summary);
void hg_manual_print_heading(const char *text);
void hg_manual_print_line(const char *text);
/* Text as the commands' descriptions are: paragraphs, and in them lines that begin with blanks and stay as they are. */
void hg_manual_print_paragraphs(const char *text);
/* The name of a command's page, as what else there is to read. */
void hg_manual_print_reference(const char *command);

#endif
