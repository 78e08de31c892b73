/* The description of an option. Everything that concerns an option follows from it: the check of its value, its entry
 * in config.json, its flag on the command line, and its help. The options of training are in option_table.h. */
#ifndef HANDGRAD_HOST_TRAINING_OPTION_H
#define HANDGRAD_HOST_TRAINING_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "handgrad/options.h"

/* The kind of value, which decides the type of the option's field. */
enum hg_option_kind {
    HG_OPTION_SIZE,   /* size_t */
    HG_OPTION_SEED,   /* uint64_t */
    HG_OPTION_INT,    /* int, not negative */
    HG_OPTION_REAL,   /* double */
    HG_OPTION_TEXT,   /* const char * */
    HG_OPTION_CHOICE, /* an enum: the index into `choices` */
    HG_OPTION_FLAG    /* bool; with `choices`, two names for false and true on the command line */
};

/* Headings under which options are listed, in this order. */
enum hg_option_group {
    HG_GROUP_OPTIONS,
    HG_GROUP_MODEL,
    HG_GROUP_DATA,
    HG_GROUP_LEARNING,
    HG_GROUP_REPRODUCING,
    HG_GROUP_OUTPUT,
    HG_GROUP_MEASUREMENT,
    HG_GROUP_MACHINE,
    HG_GROUPS
};

/* What an option of training applies to. */
enum {
    HG_TO_MLP = 1 << HG_MLP,
    HG_TO_AUTOENCODER = 1 << HG_AUTOENCODER,
    HG_TO_BOTH = HG_TO_MLP | HG_TO_AUTOENCODER,
    HG_TO_RESUMED = 1 << 2 /* resume may change it */
};

struct hg_option {
    enum hg_option_kind kind;
    unsigned applies; /* of training: HG_TO_...; 0: no command offers it */
    const char *name; /* of the field: "batch_size". Messages and config.json use it, too */
    const char *flag; /* on the command line; NULL: the name with dashes, "batch-size" */
    enum hg_option_group group;
    bool above, below;          /* `least` or `most` itself is out of range */
    bool unsaved;               /* of training: not in config.json */
    size_t offset;              /* of the field */
    const char *help;           /* what it does, without its default */
    const char *argument;       /* HG_OPTION_TEXT: what to call the value, "DIR" */
    const char *what;           /* HG_OPTION_TEXT: what to give, "a directory" */
    const char *const *choices; /* NULL-terminated; for a text they are suggestions, and `argument` is any other */
    const char *nan_word, *infinity_word; /* of a number: these words mean NAN and INFINITY; NULL: not valid */
    double least, most;                   /* numbers lie in [least, most]; most 0: no bound but that of the type */
    const char *example;                  /* of a number, for messages */
    const char *preset;                   /* the default in words; NULL: print the field's default value */

    const char *autoencoder_flag, *autoencoder_help; /* of training: NULL: as for the MLP */
};

/* The largest integer up to which a JSON number, a double, holds every integer. */
#define HG_LARGEST_WHOLE 0x1p53

/* HG_USAGE where the value in `settings` is out of the option's range or no choice: "NAME: 7 is out of range; give ..."
 * Texts are not judged. */
enum hg_status hg_option_check(const struct hg_option *option, const void *settings);

/* Sets the option's field in `settings` to what `text` says: a number, one of the choices, true or false, or, for a
 * text, `text` itself, which must outlive the settings. HG_USAGE, with the name of the option: a value of the wrong
 * form, or out of range. */
enum hg_status hg_option_read(const struct hg_option *option, const char *text, void *settings);

enum { HG_OPTION_WORD = 48, HG_OPTION_WORDS = 192 };

/* The name on the command line, without dashes, in out[HG_OPTION_WORD]. Returns `out`, as those below do. */
char *hg_option_flag(char *out, const struct hg_option *option, enum hg_model_kind model);
/* In out[HG_OPTION_WORDS]. The option as it is given: "--lr X", "--input auto|dense|sparse", "--nesterov,
 * --no-nesterov". */
char *hg_option_usage(char *out, const struct hg_option *option, enum hg_model_kind model);
/* What may be given: "a whole number from 0 to 1024", "constant, cosine or step". */
char *hg_option_expected(char *out, const struct hg_option *option);
/* The word that means `value`, NULL: none does. */
const char *hg_option_word(const struct hg_option *option, double value);
/* The value in `settings`, as one would give it; a flag is "on" or "off". A text is returned itself, whatever its
 * length, and `out` left alone. */
const char *hg_option_value(char *out, const struct hg_option *option, const void *settings)
    __attribute__((warn_unused_result));

/* The same, but a number has every digit that it needs to be read back as the same double. */
const char *hg_option_exact(char *out, const struct hg_option *option, const void *settings);
/* The fewest digits, from 15 on, from which the same double is read back, in out[HG_OPTION_WORD]. */
char *hg_option_real(char *out, double value);

/* Whether it is given without a value: --nesterov, --no-nesterov. */
bool hg_option_is_switch(const struct hg_option *option);

const char *hg_option_help(const struct hg_option *option, enum hg_model_kind model);

#endif
