/* Turns the library's names of options in a message into those of the command line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "src/command.h"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether the word of `length` at `at` can be the name of an option: "NAME:" at the beginning of the message,
 * "NAME=value", or a name with an underscore, which no English word has. CONTRIBUTING.md has the rule. */
static bool names_option(const char *message, const char *at, size_t length)
{
    const char after = at[length];
    if (at > message && !strchr(" (", at[-1]))
        return false; /* part of a path, or has its dashes already */
    return (at == message && after == ':') || after == '=' || memchr(at, '_', length);
}

static const struct hg_option *find_option(const struct hg_command *command, const char *name, size_t length)
{
    const struct hg_option *row;
    for (size_t i = 0; (row = hg_command_option(command, i)); ++i)
        if (strncmp(row->name, name, length) == 0 && !row->name[length])
            return row;
    return NULL;
}

void hg_command_note(const struct hg_command *command, const char *text)
{
    char words[1024];
    if (*text)
        fprintf(stderr, "handgrad %s: note: %s\n", command->name,
                hg_command_message(words, sizeof words, command, text));
}

const char *hg_command_message(char *out, size_t size, const struct hg_command *command, const char *message)
{
    size_t used = 0;
    out[0] = '\0';
    for (const char *at = message; *at && used + 1 < size;) {
        char flag[HG_OPTION_WORD];
        size_t length = 0;
        while (is_word(at[length]))
            ++length;
        const struct hg_option *row =
            command && length && names_option(message, at, length) ? find_option(command, at, length) : NULL;
        if (row)
            used +=
                (size_t)snprintf(out + used, size - used, "--%s", hg_option_flag(flag, row, hg_command_model(command)));
        else
            used += (size_t)snprintf(out + used, size - used, "%.*s", (int)(length ? length : 1), at);
        at += length ? length : 1;
    }
    return out;
}
