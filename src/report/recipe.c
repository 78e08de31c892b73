/* How to get the same run again: the command, the data, the program, the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "host/data/fingerprint.h"
#include "host/training/recipe.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "src/report/report.h"

enum hg_status hg_report_command(char **out, const struct hg_report_run *run)
{
    const char *data = run->config.data ? run->config.data : "data/mnist";
    if (!run->solved)
        return hg_recipe_command(out, &run->config.options, data);
    char *quoted;
    HG_TRY(hg_shell_quote(&quoted, data));
    const enum hg_status status =
        hg_string_format(out, "handgrad optimum --data %s --latent %zu --out RUN", quoted, run->config.options.hidden);
    free(quoted);
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
