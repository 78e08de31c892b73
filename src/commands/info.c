#include <stdio.h>
#include <stdlib.h>

#include "handgrad/machine.h"
#include "kernels/base/try.h"
#include "src/commands/table.h"
#include "src/common_options.h"
#include "src/output/json.h"
#include "src/paths.h"

struct info_settings {
    bool json;
};

static const struct hg_option options[] = {
    HG_JSON_OPTION(struct info_settings, HG_GROUP_OPTIONS, "table"),
    {.name = NULL},
};

static void print_backend(const struct hg_backend_description *d)
{
    if (!d->usable) {
        printf("%-11s not usable here: %s\n", d->name, d->reason);
        return;
    }
    printf("%-11s %s", d->name, d->device);
    if (d->memory)
        printf(", %.1f GiB", (double)d->memory / (1 << 30));
    printf("\n%-11s %s\n", "", d->detail);
}

static void add_backend(struct hg_json *json, const struct hg_backend_description *d)
{
    struct hg_json *backend = hg_json_append(json, "backends");
    hg_json_text(backend, "name", d->name);
    hg_json_bool(backend, "usable", d->usable);
    if (d->usable) {
        hg_json_text(backend, "device", d->device);
        hg_json_text(backend, "detail", d->detail);
        if (d->memory)
            hg_json_number(backend, "memory", (double)d->memory);
    } else {
        hg_json_text(backend, "reason", d->reason);
    }
}

static enum hg_status info(int argc, char **argv)
{
    struct info_settings settings = {.json = false};
    struct hg_arguments arguments;
    bool done;
    HG_TRY(hg_arguments_read(&arguments, &hg_command_info, argc, argv, &settings, &done));
    if (done)
        return HG_OK;

    struct hg_json *json = settings.json ? hg_json_create() : NULL;
    if (json)
        hg_json_text(json, "version", hg_version());
    else
        printf("%-11s %s\n\n", "handgrad", hg_version());

    struct hg_backend_description description;
    for (size_t i = 0; hg_backend_describe(i, &description) == HG_OK; ++i) {
        if (json)
            add_backend(json, &description);
        else
            print_backend(&description);
    }

    char *data = NULL;
    const bool found = hg_paths_data(&data, NULL) == HG_OK;
    enum hg_status status = HG_OK;
    if (json) {
        if (found)
            hg_json_text(json, "data", data);
        status = hg_json_print(json);
    } else {
        printf("\n%-11s %s\n", "data", found ? data : "data/mnist is not here; get it with scripts/fetch_data");
    }
    free(data);
    hg_json_free(json);
    return status;
}

const struct hg_command hg_command_info = {
    .name = "info",
    .summary = "what this build and this machine offer",
    .description = "Lists the backends of this build, on what they would compute, or why they cannot; and where the\n"
                   "default data is.\n\n"
                   "Example:\n"
                   "  handgrad info --json\n\n"
                   "Writes no files.",
    .tables = {options},
    .run = info,
};
