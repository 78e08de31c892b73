#include "host/training/option.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/words.h"

static const void *field_of(const struct hg_option *o, const void *settings)
{
    return (const char *)settings + o->offset;
}

static unsigned choice_of(const struct hg_option *o, const void *settings)
{
    unsigned choice;
    memcpy(&choice, field_of(o, settings), sizeof choice); /* an enum of any name */
    return choice;
}

static size_t count_choices(const struct hg_option *o)
{
    size_t count = 0;
    while (o->choices[count])
        ++count;
    return count;
}

/* Compared as integers, since not every one of them is a double. */
static bool whole_in_range(const struct hg_option *o, uint64_t value)
{
    const double most = o->most > 0 ? o->most : HG_LARGEST_WHOLE;
    return value >= (uint64_t)o->least && value <= (uint64_t)most;
}

const char *hg_option_word(const struct hg_option *option, double value)
{
    return isnan(value) ? option->nan_word : value == (double)INFINITY ? option->infinity_word : NULL;
}

static bool real_in_range(const struct hg_option *o, double value)
{
    if (hg_option_word(o, value))
        return true;
    const bool enough = o->above ? value > o->least : value >= o->least;
    return enough && isfinite(value) && (o->most <= 0 || (o->below ? value < o->most : value <= o->most));
}

static bool in_range(const struct hg_option *o, const void *settings)
{
    const void *field = field_of(o, settings);
    switch (o->kind) {
    case HG_OPTION_SIZE:
        return whole_in_range(o, *(const size_t *)field);
    case HG_OPTION_SEED:
        return whole_in_range(o, *(const uint64_t *)field);
    case HG_OPTION_INT:
        return *(const int *)field >= 0 && whole_in_range(o, (uint64_t) * (const int *)field);
    case HG_OPTION_REAL:
        return real_in_range(o, *(const double *)field);
    case HG_OPTION_CHOICE:
        return choice_of(o, settings) < count_choices(o);
    case HG_OPTION_TEXT:
    case HG_OPTION_FLAG:
        break;
    }
    return true;
}

enum hg_status hg_option_check(const struct hg_option *option, const void *settings)
{
    char value[HG_OPTION_WORDS], expected[HG_OPTION_WORDS];
    if (in_range(option, settings))
        return HG_OK;
    return hg_fail(HG_USAGE, "%s: %s is out of range; give %s", option->name, hg_option_value(value, option, settings),
                   hg_option_expected(expected, option));
}

char *hg_option_flag(char *out, const struct hg_option *option, enum hg_model_kind model)
{
    const char *flag = option->flag;
    if (model == HG_AUTOENCODER && option->autoencoder_flag)
        flag = option->autoencoder_flag;
    snprintf(out, HG_OPTION_WORD, "%s", flag ? flag : option->name);
    for (char *c = flag ? NULL : out; c && (c = strchr(c, '_'));)
        *c = '-';
    return out;
}

char *hg_option_usage(char *out, const struct hg_option *option, enum hg_model_kind model)
{
    char flag[HG_OPTION_WORD], choices[HG_OPTION_WORDS - HG_OPTION_WORD - 4];
    const char *argument = option->argument;
    hg_option_flag(flag, option, model);
    if (option->choices) {
        hg_words_join(choices, sizeof choices, option->choices, "|", "|");
        if (argument) /* or a text of one's own */
            snprintf(choices + strlen(choices), sizeof choices - strlen(choices), "|%s", argument);
        argument = choices;
    } else if (option->kind == HG_OPTION_REAL && option->nan_word) {
        snprintf(choices, sizeof choices, "X|%s%s%s", option->nan_word, option->infinity_word ? "|" : "",
                 option->infinity_word ? option->infinity_word : "");
        argument = choices;
    } else if (option->kind == HG_OPTION_REAL)
        argument = "X";
    else if (option->kind != HG_OPTION_TEXT)
        argument = "N";
    const bool is_switch = option->kind == HG_OPTION_FLAG && !option->choices;
    if (is_switch && option->unsaved)
        snprintf(out, HG_OPTION_WORDS, "--%s", flag);
    else if (is_switch)
        snprintf(out, HG_OPTION_WORDS, "--%s, --no-%s", flag, flag);
    else
        snprintf(out, HG_OPTION_WORDS, "--%s %s", flag, argument);
    return out;
}

static void expect_whole(char *out, const struct hg_option *o)
{
    if (o->most > 0)
        snprintf(out, HG_OPTION_WORDS, "a whole number from %.0f to %.0f", o->least, o->most);
    else if (o->least > 0)
        snprintf(out, HG_OPTION_WORDS, "a whole number of at least %.0f", o->least);
    else
        snprintf(out, HG_OPTION_WORDS, "a whole number");
}

static void expect_real(char *out, const struct hg_option *o)
{
    if (o->most > 0)
        snprintf(out, HG_OPTION_WORDS, "a number %s %g to %s%g", o->above ? "above" : "from", o->least,
                 o->below ? "below " : "", o->most);
    else if (o->above && o->least == 0)
        snprintf(out, HG_OPTION_WORDS, "a positive number");
    else
        snprintf(out, HG_OPTION_WORDS, "a number %s %g", o->above ? "above" : "of at least", o->least);
}

char *hg_option_expected(char *out, const struct hg_option *option)
{
    if (option->choices) {
        hg_words_join(out, HG_OPTION_WORDS, option->choices, ", ", option->what ? ", " : " or ");
        if (option->what)
            snprintf(out + strlen(out), HG_OPTION_WORDS - strlen(out), " or %s", option->what);
        return out;
    }
    switch (option->kind) {
    case HG_OPTION_SIZE:
    case HG_OPTION_SEED:
    case HG_OPTION_INT:
        expect_whole(out, option);
        break;
    case HG_OPTION_REAL:
        expect_real(out, option);
        break;
    case HG_OPTION_TEXT:
    case HG_OPTION_CHOICE:
    case HG_OPTION_FLAG:
        snprintf(out, HG_OPTION_WORDS, "%s", option->what ? option->what : "on or off");
        break;
    }
    if (option->example) {
        const size_t used = strlen(out);
        snprintf(out + used, HG_OPTION_WORDS - used, " such as %s", option->example);
    }
    const size_t used = strlen(out);
    if (option->infinity_word)
        snprintf(out + used, HG_OPTION_WORDS - used, ", %s or %s", option->nan_word, option->infinity_word);
    else if (option->nan_word)
        snprintf(out + used, HG_OPTION_WORDS - used, ", or %s", option->nan_word);
    return out;
}

const char *hg_option_value(char *out, const struct hg_option *option, const void *settings)
{
    const void *field = field_of(option, settings);
    const char *text;
    unsigned index;
    switch (option->kind) {
    case HG_OPTION_SIZE:
        snprintf(out, HG_OPTION_WORDS, "%zu", *(const size_t *)field);
        break;
    case HG_OPTION_SEED:
        snprintf(out, HG_OPTION_WORDS, "%" PRIu64, *(const uint64_t *)field);
        break;
    case HG_OPTION_INT:
        snprintf(out, HG_OPTION_WORDS, "%d", *(const int *)field);
        break;
    case HG_OPTION_REAL:
        text = hg_option_word(option, *(const double *)field);
        if (text)
            snprintf(out, HG_OPTION_WORDS, "%s", text);
        else
            snprintf(out, HG_OPTION_WORDS, "%g", *(const double *)field);
        break;
    case HG_OPTION_TEXT:
        text = *(const char *const *)field;
        return text ? text : "";
    case HG_OPTION_CHOICE:
        index = choice_of(option, settings);
        if (index < count_choices(option))
            snprintf(out, HG_OPTION_WORDS, "%s", option->choices[index]);
        else
            snprintf(out, HG_OPTION_WORDS, "%u", index);
        break;
    case HG_OPTION_FLAG: {
        const bool on = *(const bool *)field;
        snprintf(out, HG_OPTION_WORDS, "%s", option->choices ? option->choices[on] : on ? "on" : "off");
        break;
    }
    }
    return out;
}

bool hg_option_is_switch(const struct hg_option *o)
{
    return o->kind == HG_OPTION_FLAG && !o->choices;
}

char *hg_option_real(char *out, double value)
{
    for (int digits = 15; digits <= 17; ++digits) {
        snprintf(out, HG_OPTION_WORD, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

const char *hg_option_exact(char *out, const struct hg_option *option, const void *settings)
{
    const double *field = field_of(option, settings);
    if (option->kind == HG_OPTION_REAL && !hg_option_word(option, *field))
        return hg_option_real(out, *field);
    return hg_option_value(out, option, settings);
}

const char *hg_option_help(const struct hg_option *option, enum hg_model_kind model)
{
    return model == HG_AUTOENCODER && option->autoencoder_help ? option->autoencoder_help : option->help;
}
