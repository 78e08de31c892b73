#include "host/training/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"

static bool differs(const struct hg_option *option, const struct hg_train_options *a, const struct hg_train_options *b)
{
    char of_a[HG_OPTION_WORDS], of_b[HG_OPTION_WORDS];
    return strcmp(hg_option_exact(of_a, option, a), hg_option_exact(of_b, option, b)) != 0;
}

/* " --lr 0.3" */
static enum hg_status print_value(FILE *to, const char *flag, const char *value)
{
    char *quoted;
    HG_TRY(hg_shell_quote(&quoted, value));
    fprintf(to, " --%s %s", flag, quoted);
    free(quoted);
    return HG_OK;
}

/* " --lr 0.3", " --no-shuffle" */
static enum hg_status print_option(FILE *to, const struct hg_option *option, const struct hg_train_options *options)
{
    char flag[HG_OPTION_WORD], value[HG_OPTION_WORDS];
    hg_option_flag(flag, option, options->model);
    if (hg_option_is_switch(option)) {
        const bool on = *(const bool *)((const char *)options + option->offset);
        fprintf(to, " --%s%s", on ? "" : "no-", flag);
        return HG_OK;
    }
    return print_value(to, flag, hg_option_exact(value, option, options));
}

static enum hg_status print_command(FILE *to, const struct hg_train_options *options, const char *data)
{
    struct hg_train_options defaults;
    hg_train_options_default(&defaults, options->model);
    fprintf(to, "handgrad train %s", hg_model_names[options->model]);
    HG_TRY(print_value(to, "data", data));
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (o->applies & 1U << options->model && !o->unsaved && differs(o, options, &defaults))
            HG_TRY(print_option(to, o, options));
    return HG_OK;
}

enum hg_status hg_recipe_command(char **out, const struct hg_train_options *options, const char *data)
{
    size_t size;
    FILE *to = open_memstream(out, &size);
    if (!to)
        return hg_fail_out_of_memory("a command line");
    enum hg_status status = print_command(to, options, data);
    const bool failed = ferror(to) != 0;
    if ((fclose(to) != 0 || failed) && status == HG_OK)
        status = hg_fail_out_of_memory("a command line");
    if (status != HG_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}
