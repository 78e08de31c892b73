/* The commands of the program. A command is described by tables, from which its arguments are read and its --help is
 * printed, so that neither can say what the other does not. */
#ifndef HANDGRAD_SRC_COMMAND_H
#define HANDGRAD_SRC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"
#include "host/training/option.h"

enum { HG_MAX_TABLES = 3, HG_MAX_OPERANDS = 2, HG_MAX_OPTIONS = 48 };

struct hg_command {
    const char *name;                      /* "eval", "train mlp" */
    const char *operands[HG_MAX_OPERANDS]; /* "RUN", "FILE"; in brackets if it may be left out */
    const char *summary;                   /* one line */
    const char *description;               /* paragraphs: what it does, an example, files it writes */
    /* Tables of options; each ends with a row without a name. Offsets are into the settings of the command. */
    const struct hg_option *tables[HG_MAX_TABLES];
    /* Options of training that apply to these, too (HG_TO_MLP, HG_TO_RESUMED ...): the settings then begin with a
     * struct hg_train_options. */
    unsigned training;
    /* argv[0] is the last word of the command's name. The failure of a command is reported by its caller. */
    enum hg_status (*run)(int argc, char **argv);
};

/* ---- reading the arguments of a command ---- */

/* What stands on the command line. Strings belong to argv. */
struct hg_arguments {
    const char *values[HG_MAX_OPTIONS]; /* of each option of hg_command_option; NULL: not given */
    bool negated[HG_MAX_OPTIONS];       /* given as --no-NAME */
    const char *operands[HG_MAX_OPERANDS];
    bool help;
};

/* Takes the command line apart. HG_USAGE, naming the option or operand: unknown (with the nearest known one), without
 * its value, missing, too many. */
enum hg_status hg_arguments_split(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv);

/* The text given for an option; NULL where there is none. */
const char *hg_arguments_text(const struct hg_arguments *arguments, const struct hg_command *command, const char *name);

/* Converts what was given into the fields of `settings`, and leaves the others. HG_USAGE, naming the option: a value of
 * the wrong form, or out of range. */
enum hg_status hg_arguments_apply(const struct hg_arguments *arguments, const struct hg_command *command,
                                  void *settings);

/* The model that an operand names, as bits 1 << enum hg_model_kind; NULL is both. HG_USAGE: there is no such model. */
enum hg_status hg_arguments_models(unsigned *models, const char *operand);

/* Both at once; `settings` holds the defaults. With --help the help is printed, and *done set. */
enum hg_status hg_arguments_read(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv,
                                 void *settings, bool *done);

/* ---- help ---- */

/* `settings` holds the defaults. */
void hg_help_print(const struct hg_command *command, const void *settings);
/* The one of `count` candidates that `word` is most likely a misspelling of; NULL where none is near. */
const char *hg_help_nearest(const char *word, const char *const *candidates, size_t count);

/* Option `index`: those of the tables, then those of training; NULL after the last. */
const struct hg_option *hg_command_option(const struct hg_command *command, size_t index);

/* The model whose names for options the command uses. */
enum hg_model_kind hg_command_model(const struct hg_command *command);

/* ---- messages ---- */

/* Tells the user `text`, one line, on standard error; nothing where it is empty. */
void hg_command_note(const struct hg_command *command, const char *text);

/* A message or note of the library as a user of this command reads it, in out[size]: the library calls options by the
 * names of their fields, "batch_size: 0 ...", and the command line calls them "--batch-size". `command` may be NULL. */
const char *hg_command_message(char *out, size_t size, const struct hg_command *command, const char *message);

#endif
