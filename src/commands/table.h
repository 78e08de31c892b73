/* The table of commands: each row declares a command, puts it into the overview, and makes it callable. */
#ifndef HANDGRAD_SRC_COMMANDS_TABLE_H
#define HANDGRAD_SRC_COMMANDS_TABLE_H

#include <stdio.h>

#include "src/command.h"

/* In the order of the overview: HEADING(text) begins a group of it, and ROW(x) is the command that hg_command_x
 * describes. A heading without commands is not shown. */
#define HG_COMMANDS(HEADING, ROW)                                                                                      \
    HEADING("Before training")                                                                                         \
    ROW(doctor)                                                                                                        \
    ROW(optimum)                                                                                                       \
    HEADING("Train")                                                                                                   \
    ROW(train_mlp)                                                                                                     \
    ROW(train_autoencoder)                                                                                             \
    ROW(resume)                                                                                                        \
    ROW(sweep_mlp)                                                                                                     \
    ROW(sweep_autoencoder)                                                                                             \
    HEADING("Use a trained model")                                                                                     \
    ROW(predict)                                                                                                       \
    ROW(encode)                                                                                                        \
    ROW(reconstruct)                                                                                                   \
    ROW(export)                                                                                                        \
    HEADING("Judge a trained model")                                                                                   \
    ROW(eval)                                                                                                          \
    ROW(report)                                                                                                        \
    HEADING("Check the gradients")                                                                                     \
    ROW(gradcheck)                                                                                                     \
    ROW(crosscheck)                                                                                                    \
    ROW(check)                                                                                                         \
    HEADING("Measure")                                                                                                 \
    ROW(bench)                                                                                                         \
    ROW(info)

#define HG_COMMAND_DECLARATION(x) extern const struct hg_command hg_command_##x;
#define HG_NO_DECLARATION(text)
HG_COMMANDS(HG_NO_DECLARATION, HG_COMMAND_DECLARATION)
#undef HG_COMMAND_DECLARATION
#undef HG_NO_DECLARATION

/* The command whose name the words of argv begin with, and how many words that name has. NULL: there is none, and
 * hg_command_unknown explains. */
const struct hg_command *hg_command_find(int argc, char **argv, int *words);

/* Returns HG_USAGE: argv names no command; the message has the one that was most likely meant. */
enum hg_status hg_command_unknown(int argc, char **argv);

/* Command `index` in the order of the overview; NULL after the last. *heading is that of the group which begins with
 * it, or NULL. */
const struct hg_command *hg_command_at(size_t index, const char **heading);

/* The name of every command, one a line. */
void hg_commands_list(void);

/* Every command, one a line, under the headings of their groups. */
void hg_commands_print(FILE *to);

#endif
