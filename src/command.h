/* The commands of the program. A command's options stand in tables. Its arguments are parsed by these tables and its
 * --help is printed from them, so the two cannot disagree. */
#ifndef HANDGRAD_SRC_COMMAND_H
#define HANDGRAD_SRC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"
#include "host/training/option.h"

enum { HG_MAX_TABLES = 3, HG_MAX_OPERANDS = 2, HG_MAX_OPTIONS = 48 };

struct hg_command {
    const char *name;                      /* "eval", "train mlp" */
    const char *operands[HG_MAX_OPERANDS]; /* "RUN", "[FILE]" if optional, and for any number the last: "RUN ..." */
    const char *summary;                   /* one line */
    const char *description;               /* paragraphs: what it does, an example, files it writes */
    /* Tables of options; each ends with a row without a name. Offsets are into the settings of the command. */
    const struct hg_option *tables[HG_MAX_TABLES];
    /* The command also has the options of training that apply to these (HG_TO_MLP, HG_TO_RESUMED ...); its settings
     * then begin with a struct hg_train_options. */
    unsigned training;
    /* argv[0] is the last word of the command's name. The caller reports a failure. */
    enum hg_status (*run)(int argc, char **argv);
};

/* ---- reading the arguments of a command ---- */

enum hg_help { HG_HELP_NONE, HG_HELP_TEXT, HG_HELP_MANUAL };

/* The command line, split into options and operands. Strings belong to argv. */
struct hg_arguments {
    const char *values[HG_MAX_OPTIONS]; /* of each option of hg_command_option; NULL: not given */
    bool negated[HG_MAX_OPTIONS];       /* given as --no-NAME */
    char *const *operands;              /* [operand_count], and a NULL */
    size_t operand_count;
    enum hg_help help;
};

/* Splits the command line. HG_USAGE, with the name of the option or operand: it is unknown (the message has the nearest
 * known one), lacks its value, is missing, or is one too many. */
enum hg_status hg_arguments_split(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv);

/* Every text given for the option `name`, in order, in out[most]; NULL-terminated where there are fewer. HG_USAGE:
 * more. */
enum hg_status hg_arguments_repeated(const char **out, size_t most, const struct hg_command *command, const char *name,
                                     int argc, char **argv);

/* The text given for an option; NULL where there is none. */
const char *hg_arguments_text(const struct hg_arguments *arguments, const struct hg_command *command, const char *name);

/* Converts the options that were given into fields of `settings`; other fields stay as they are. HG_USAGE, with the
 * name of the option: a value of the wrong form, or out of range. */
enum hg_status hg_arguments_apply(const struct hg_arguments *arguments, const struct hg_command *command,
                                  void *settings);

/* The models that an operand means, as bits 1 << enum hg_model_kind; NULL means both. HG_USAGE: no such model. */
enum hg_status hg_arguments_models(unsigned *models, const char *operand);

/* Splits and applies; `settings` holds the defaults. If --help was given, prints the help and sets *done. */
enum hg_status hg_arguments_read(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv,
                                 void *settings, bool *done);

/* ---- help ---- */

/* `settings` holds the defaults. */
void hg_help_print(enum hg_help form, const struct hg_command *command, const void *settings);

/* Option `index` of a command: first those of its tables, then those of training; NULL after the last. */
const struct hg_option *hg_command_option(const struct hg_command *command, size_t index);

/* The model whose names for options the command uses. */
enum hg_model_kind hg_command_model(const struct hg_command *command);

/* ---- messages ---- */

/* Tells the user `text`, one line, on standard error; nothing where it is empty. */
void hg_command_note(const struct hg_command *command, const char *text);

/* A message or note of the library in the words of the command line, in out[size]: the library names options by their
 * fields, as in "batch_size: 0 ...", which becomes "--batch-size: 0 ...". `command` may be NULL. */
const char *hg_command_message(char *out, size_t size, const struct hg_command *command, const char *message);

#endif
