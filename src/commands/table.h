/* The table of commands: each row declares a command, puts it into the overview, and makes it callable. */
#ifndef HANDGRAD_SRC_COMMANDS_TABLE_H
#define HANDGRAD_SRC_COMMANDS_TABLE_H

#include <stdio.h>

#include "src/command.h"

/* In the order of the overview; ROW(x) is the command that hg_command_x describes. */
#define HG_COMMANDS(ROW)                                                                                               \
    ROW(train_mlp)                                                                                                     \
    ROW(train_autoencoder)                                                                                             \
    ROW(resume)                                                                                                        \
    ROW(eval)                                                                                                          \
    ROW(predict)                                                                                                       \
    ROW(encode)                                                                                                        \
    ROW(reconstruct)                                                                                                   \
    ROW(optimum)                                                                                                       \
    ROW(check)                                                                                                         \
    ROW(gradcheck)                                                                                                     \
    ROW(crosscheck)                                                                                                    \
    ROW(bench)                                                                                                         \
    ROW(info)

#define HG_COMMAND_DECLARATION(x) extern const struct hg_command hg_command_##x;
HG_COMMANDS(HG_COMMAND_DECLARATION)
#undef HG_COMMAND_DECLARATION

/* The command whose name the words of argv begin with, and how many words that name has. NULL: there is none, and
 * hg_command_unknown explains. */
const struct hg_command *hg_command_find(int argc, char **argv, int *words);

/* Returns HG_USAGE: argv names no command; the message has the one that was most likely meant. */
enum hg_status hg_command_unknown(int argc, char **argv);

/* Every command, one a line under "Commands:". */
void hg_commands_print(FILE *to);

#endif
