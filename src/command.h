/* The commands of the program. A command is described by tables, from which its arguments are read and its --help is
 * printed, so that neither can say what the other does not. */
#ifndef HANDGRAD_SRC_COMMAND_H
#define HANDGRAD_SRC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/status.h"

/* What the value of an option is, and so the type of the field it goes to. */
enum hg_option_kind {
    HG_OPTION_GROUP,  /* no option: the heading of those that follow */
    HG_OPTION_SIZE,   /* size_t */
    HG_OPTION_SEED,   /* uint64_t */
    HG_OPTION_INT,    /* int, not negative */
    HG_OPTION_REAL,   /* double */
    HG_OPTION_TEXT,   /* const char *, borrowed from argv */
    HG_OPTION_CHOICE, /* an enum: the index into `choices` */
    HG_OPTION_FLAG    /* bool; --name and --no-name */
};

struct hg_option {
    enum hg_option_kind kind;
    const char *name;     /* without the dashes; of a group, the heading */
    const char *argument; /* its name in --help: "N", "DIR" */
    size_t offset;        /* of the field, in the command's settings */
    const char *help;
    const char *expected;       /* what to give instead of a bad value: "a positive number such as 0.1" */
    const char *const *choices; /* NULL-terminated */
    const char *preset;         /* the default in words; NULL: the value that the settings start with; "": none */
};

enum { HG_MAX_TABLES = 4, HG_MAX_OPERANDS = 2, HG_MAX_OPTIONS = 48 };

struct hg_command {
    const char *name;                      /* "eval", "train mlp" */
    const char *operands[HG_MAX_OPERANDS]; /* "RUN", "FILE"; in brackets if it may be left out */
    const char *summary;                   /* one line */
    const char *description;               /* paragraphs: what it does, an example, files it writes */
    /* Tables of options; each ends with a row without a name. */
    const struct hg_option *tables[HG_MAX_TABLES];
    /* argv[0] is the last word of the command's name. The failure of a command is reported by its caller. */
    enum hg_status (*run)(int argc, char **argv);
};

/* ---- reading the arguments of a command ---- */

/* What stands on the command line. Strings belong to argv. */
struct hg_arguments {
    const char *values[HG_MAX_OPTIONS]; /* of each option in the order of the tables; NULL: not given */
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
 * the wrong form. */
enum hg_status hg_arguments_apply(const struct hg_arguments *arguments, const struct hg_command *command,
                                  void *settings);

/* Both at once; `settings` holds the defaults. With --help the help is printed, and *done set. */
enum hg_status hg_arguments_read(struct hg_arguments *out, const struct hg_command *command, int argc, char **argv,
                                 void *settings, bool *done);

/* ---- help ---- */

/* `settings` holds the defaults. */
void hg_help_print(const struct hg_command *command, const void *settings);
/* The one of `count` candidates that `word` is most likely a misspelling of; NULL where none is near. */
const char *hg_help_nearest(const char *word, const char *const *candidates, size_t count);

/* Option `index` in the order of the tables, headings included; NULL after the last. */
const struct hg_option *hg_command_option(const struct hg_command *command, size_t index);

#endif
