/* How to get the same run again: the command, the data, the program, the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/data/fingerprint.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/paths.h"
#include "src/report/report.h"

/* Adds " --flag value" to *command, quoted for a shell. */
static enum hg_status add_option(char **command, const struct hg_option *row, const struct hg_train_options *o)
{
    const void *field = (const char *)o + row->offset;
    char flag[HG_OPTION_WORD], number[HG_OPTION_WORDS];
    const bool is_switch = hg_option_is_switch(row);
    char *longer = NULL, *value = NULL;
    enum hg_status status;
    hg_option_flag(flag, row, o->model);
    if (row->kind == HG_OPTION_TEXT)
        HG_TRY_OR_CLEANUP(hg_paths_quote(&value, *(const char *const *)field));
    else if (!is_switch)
        HG_TRY_OR_CLEANUP(hg_string_copy(&value, hg_option_exact(number, row, o)));
    if (is_switch)
        status = hg_string_format(&longer, "%s --%s%s", *command, *(const bool *)field ? "" : "no-", flag);
    else
        status = hg_string_format(&longer, "%s --%s %s", *command, flag, value);
    HG_TRY_OR_CLEANUP(status);
    free(*command);
    *command = longer;
cleanup:
    free(value);
    return status;
}

static bool differs(const struct hg_option *row, const struct hg_train_options *a, const struct hg_train_options *b)
{
    char of_a[HG_OPTION_WORDS], of_b[HG_OPTION_WORDS];
    const void *at = (const char *)a + row->offset;
    if (row->kind == HG_OPTION_TEXT) {
        const char *x = *(const char *const *)at, *y = *(const char *const *)((const char *)b + row->offset);
        return x && (!y || strcmp(x, y) != 0);
    }
    return strcmp(hg_option_exact(of_a, row, a), hg_option_exact(of_b, row, b)) != 0;
}

enum hg_status hg_report_command(char **out, const struct hg_report_run *run)
{
    const struct hg_train_options *o = &run->config.options;
    struct hg_train_options defaults;
    char *data = NULL;
    enum hg_status status = HG_OK;
    *out = NULL;
    hg_train_options_default(&defaults, o->model);
    HG_TRY(hg_paths_quote(&data, run->config.data ? run->config.data : "data/mnist"));
    if (run->solved)
        HG_TRY_OR_CLEANUP(hg_string_format(out, "handgrad optimum --data %s --latent %zu --out RUN", data, o->hidden));
    else
        HG_TRY_OR_CLEANUP(hg_string_format(out, "handgrad train %s --data %s", hg_model_names[o->model], data));
    for (const struct hg_option *row = hg_train_option_table; row->name && !run->solved; ++row)
        if (!row->unsaved && row->applies & 1U << o->model && differs(row, o, &defaults))
            HG_TRY_OR_CLEANUP(add_option(out, row, o));
cleanup:
    if (status != HG_OK) {
        free(*out);
        *out = NULL;
    }
    free(data);
    return status;
}

static void add_fact(struct hg_html *page, const char *name, const char *text)
{
    hg_html_element(page, "dt", "%s", name);
    hg_html_element(page, "dd", "%s", text);
}

static enum hg_status add_dataset(struct hg_html *page, const char *name, const struct hg_dataset *dataset)
{
    char *text, samples[HG_REPORT_NUMBER], print[HG_FINGERPRINT];
    if (!dataset)
        return HG_OK;
    HG_TRY(hg_string_format(&text, "%s: %s samples of %zu features, fingerprint %s", hg_dataset_name(dataset),
                            hg_report_count(samples, hg_dataset_count(dataset)), hg_dataset_features(dataset),
                            hg_dataset_fingerprint(print, dataset)));
    add_fact(page, name, text);
    free(text);
    return HG_OK;
}

/* The processor, and a GPU if one answers. */
static enum hg_status add_machine(struct hg_html *page)
{
    struct hg_backend_description d;
    for (size_t i = 0; hg_backend_describe(i, &d) == HG_OK; ++i) {
        char *text;
        if (!d.usable || strncmp(d.name, "reference", strlen("reference")) == 0)
            continue;
        HG_TRY(hg_string_format(&text, "%s: %s, %s", d.name, d.device, d.detail));
        add_fact(page, "machine of this page", text);
        free(text);
    }
    return HG_OK;
}

enum hg_status hg_report_add_recipe(struct hg_html *page, const struct hg_report_run *run)
{
    char *command, *versions;
    const char *of_run = run->config.version ? run->config.version : "an unknown version";
    HG_TRY(hg_report_command(&command, run));
    hg_html_element(page, "h2", "The same again");
    hg_html_element(page, "pre", "%s", command);
    free(command);
    hg_html_element(
        page, "p",
        "The weights are the same to the bit on the same backend with the same number of threads and the same "
        "kind of processor.");
    hg_html_markup(page, "<dl>\n");
    HG_TRY(hg_string_format(&versions, "handgrad %s; this page by handgrad %s", of_run, hg_version()));
    add_fact(page, "run made by", versions);
    free(versions);
    HG_TRY(add_dataset(page, "training data", run->train));
    HG_TRY(add_dataset(page, "test data", run->test));
    HG_TRY(add_machine(page));
    hg_html_markup(page, "</dl>\n");
    return HG_OK;
}
