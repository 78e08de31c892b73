/* Manual pages, in the macros of man(7). The paragraphs of the help text are taken as they are: a line that begins with
 * a blank is shown as it stands, and other lines of a paragraph are filled. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "handgrad/machine.h"
#include "src/help.h"
#include "src/manual.h"

/* One character of text. Roff would make typographic signs of those that stand for themselves in a command line. */
static void print_character(char c)
{
    switch (c) {
    case '\\':
        fputs("\\e", stdout);
        break;
    case '-':
        fputs("\\-", stdout);
        break;
    case '\'':
        fputs("\\(aq", stdout);
        break;
    case '`':
        fputs("\\(ga", stdout);
        break;
    case '^':
        fputs("\\(ha", stdout);
        break;
    case '~':
        fputs("\\(ti", stdout);
        break;
    default:
        putchar(c);
    }
}

static void print_text(const char *text, size_t length)
{
    if (length > 0 && text[0] == '.') /* else a request */
        fputs("\\&", stdout);
    for (size_t i = 0; i < length; ++i)
        print_character(text[i]);
}

void hg_manual_print_line(const char *text)
{
    print_text(text, strlen(text));
    putchar('\n');
}

void hg_manual_print_paragraphs(const char *text)
{
    bool literal = false, ended = false; /* within lines that stay as they are; behind the end of a paragraph */
    while (*text) {
        const size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
        if (literal && blanks == 0)
            puts(".fi\n.RE");
        if (ended && length > 0)
            puts(".PP");
        if (!literal && blanks > 0)
            puts(".RS 2\n.nf");
        literal = blanks > 0;
        ended = length == 0;
        if (length > 0) {
            const size_t indent = blanks < 2 ? blanks : 2;
            print_text(text + indent, length - indent);
            putchar('\n');
        }
        text += length + (text[length] == '\n');
    }
    if (literal)
        puts(".fi\n.RE");
}

static void print_page_name(const char *command, bool capitals)
{
    char name[64];
    snprintf(name, sizeof name, "handgrad%s%s", *command ? "-" : "", command);
    for (char *c = name; *c; ++c)
        *c = *c == ' ' ? '-' : capitals ? (char)toupper((unsigned char)*c) : *c;
    print_text(name, strlen(name));
}

void hg_manual_print_title(const char *command, const char *summary)
{
    fputs(".TH ", stdout);
    print_page_name(command, true);
    printf(" 1 " HANDGRAD_DATE " \"handgrad %s\" \"handgrad\"\n.SH NAME\n", hg_version());
    print_page_name(command, false);
    fputs(" \\- ", stdout);
    hg_manual_print_line(summary);
}

void hg_manual_print_heading(const char *text)
{
    printf(".SS %s\n", text);
}

static void print_option(const char *usage, const char *text)
{
    fputs(".TP\n.B ", stdout);
    hg_manual_print_line(usage);
    hg_manual_print_line(text);
}

void hg_manual_print_reference(const char *command)
{
    fputs(".BR ", stdout);
    print_page_name(command, false);
    puts(" (1)");
}

static const struct hg_help_form man_form = {hg_manual_print_heading, print_option};

void hg_manual_print(const struct hg_command *command, const void *settings)
{
    hg_manual_print_title(command->name, command->summary);
    printf(".SH SYNOPSIS\n.B handgrad %s\n", command->name);
    for (size_t i = 0; i < HG_MAX_OPERANDS && command->operands[i]; ++i) {
        fputs(".I ", stdout);
        hg_manual_print_line(command->operands[i]);
    }
    puts("[options]\n.SH DESCRIPTION");
    hg_manual_print_paragraphs(command->description);
    if (hg_command_option(command, 0)) {
        puts(".SH OPTIONS");
        hg_help_print_options(&man_form, command, settings);
    }
    puts(".SH \"SEE ALSO\"");
    hg_manual_print_reference("");
}
