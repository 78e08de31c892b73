/* config.json: every option of a run under its own name, so that --config can read it back. docs/FORMATS.md. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "handgrad/run.h"
#include "host/runs/run.h"
#include "kernels/base/file.h"
#include "kernels/base/try.h"

/* A config of ours has about 1 KiB. */
enum { CONFIG_LIMIT = 1 << 20 };

enum field_type { FIELD_SIZE, FIELD_UINT64, FIELD_INT, FIELD_DOUBLE, FIELD_BOOL, FIELD_TEXT, FIELD_CHOICE };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    const char *const *choices; /* FIELD_CHOICE: names of the values 0, 1, ..., NULL-terminated */
};

static const char *const models[] = {"mlp", "autoencoder", NULL};
static const char *const gradients[] = {"exact", "encoder", "decoder", NULL};
static const char *const schedules[] = {"constant", "cosine", "step", NULL};
static const char *const inputs[] = {"auto", "dense", "sparse", NULL};

#define FIELD(name, type)                                                                                              \
    {                                                                                                                  \
#name, type, offsetof(struct hg_train_options, name), NULL                                                     \
    }
#define CHOICE(name, choices)                                                                                          \
    {                                                                                                                  \
#name, FIELD_CHOICE, offsetof(struct hg_train_options, name), choices                                          \
    }
static const struct field fields[] = {
    CHOICE(model, models),
    FIELD(hidden, FIELD_SIZE),
    CHOICE(gradient, gradients),
    FIELD(epochs, FIELD_SIZE),
    FIELD(batch_size, FIELD_SIZE),
    FIELD(lr, FIELD_DOUBLE),
    FIELD(momentum, FIELD_DOUBLE),
    FIELD(nesterov, FIELD_BOOL),
    FIELD(weight_decay, FIELD_DOUBLE),
    CHOICE(lr_schedule, schedules),
    FIELD(warmup_epochs, FIELD_SIZE),
    FIELD(seed, FIELD_UINT64),
    FIELD(shuffle, FIELD_BOOL),
    FIELD(steps, FIELD_SIZE),
    FIELD(limit, FIELD_SIZE),
    FIELD(validation_fraction, FIELD_DOUBLE),
    FIELD(early_stopping, FIELD_SIZE),
    FIELD(checkpoint_every, FIELD_SIZE),
    FIELD(init, FIELD_TEXT),
    FIELD(backend, FIELD_TEXT),
    FIELD(threads, FIELD_INT),
    CHOICE(input, inputs),
    FIELD(tf32, FIELD_BOOL),
    FIELD(stream_data, FIELD_BOOL),
    FIELD(graph, FIELD_BOOL),
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static bool write_field(cJSON *object, const struct field *f, const struct hg_train_options *options)
{
    const void *at = (const char *)options + f->offset;
    switch (f->type) {
    case FIELD_SIZE:
        return cJSON_AddNumberToObject(object, f->name, (double)*(const size_t *)at);
    case FIELD_UINT64:
        return cJSON_AddNumberToObject(object, f->name, (double)*(const uint64_t *)at);
    case FIELD_INT:
        return cJSON_AddNumberToObject(object, f->name, *(const int *)at);
    case FIELD_DOUBLE:
        return cJSON_AddNumberToObject(object, f->name, *(const double *)at);
    case FIELD_BOOL:
        return cJSON_AddBoolToObject(object, f->name, *(const bool *)at);
    case FIELD_TEXT: {
        const char *text = *(const char *const *)at;
        return text ? cJSON_AddStringToObject(object, f->name, text) : cJSON_AddNullToObject(object, f->name);
    }
    case FIELD_CHOICE:
        return cJSON_AddStringToObject(object, f->name, f->choices[*(const int *)at]);
    }
    return false;
}

enum hg_status hg_run_config_text(char **out, const struct hg_train_options *options, const char *data)
{
    cJSON *object = cJSON_CreateObject();
    bool ok = object && cJSON_AddStringToObject(object, "handgrad", hg_version()) &&
              (data ? cJSON_AddStringToObject(object, "data", data) : cJSON_AddNullToObject(object, "data"));
    for (size_t i = 0; ok && i < FIELDS; ++i)
        ok = write_field(object, &fields[i], options);
    *out = ok ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    return *out ? HG_OK : hg_fail(HG_INTERNAL, "out of memory");
}

/* A number that is whole and lies in [least, most]; doubles hold every integer up to 2^53. */
static bool whole(const cJSON *item, double least, double most)
{
    return cJSON_IsNumber(item) && item->valuedouble >= least && item->valuedouble <= most &&
           item->valuedouble == floor(item->valuedouble);
}

static enum hg_status read_field(const char *file, const cJSON *item, const struct field *f,
                                 struct hg_train_options *options)
{
    void *at = (char *)options + f->offset;
    switch (f->type) {
    case FIELD_SIZE:
        if (!whole(item, 0, 0x1p53))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be a whole number of at least 0", file, f->name);
        *(size_t *)at = (size_t)item->valuedouble;
        return HG_OK;
    case FIELD_UINT64:
        if (!whole(item, 0, 0x1p53))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be a whole number from 0 to 2^53", file, f->name);
        *(uint64_t *)at = (uint64_t)item->valuedouble;
        return HG_OK;
    case FIELD_INT:
        if (!whole(item, 0, 0x1p30))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be a whole number of at least 0", file, f->name);
        *(int *)at = (int)item->valuedouble;
        return HG_OK;
    case FIELD_DOUBLE:
        if (!cJSON_IsNumber(item))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be a number", file, f->name);
        *(double *)at = item->valuedouble;
        return HG_OK;
    case FIELD_BOOL:
        if (!cJSON_IsBool(item))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be true or false", file, f->name);
        *(bool *)at = cJSON_IsTrue(item);
        return HG_OK;
    case FIELD_TEXT:
        if (!cJSON_IsString(item) && !cJSON_IsNull(item))
            return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be a text or null", file, f->name);
        *(const char **)at = NULL;
        if (cJSON_IsString(item) && !(*(const char **)at = strdup(item->valuestring)))
            return hg_fail(HG_INTERNAL, "out of memory");
        return HG_OK;
    case FIELD_CHOICE:
        for (int i = 0; cJSON_IsString(item) && f->choices[i]; ++i)
            if (strcmp(item->valuestring, f->choices[i]) == 0) {
                *(int *)at = i;
                return HG_OK;
            }
        return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be one of the names that --help lists", file, f->name);
    }
    return hg_fail(HG_INTERNAL, "a field of no type");
}

static const struct field *find_field(const char *name)
{
    for (size_t i = 0; i < FIELDS; ++i)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static enum hg_status read_object(struct hg_run_config *config, const char *file, const cJSON *object)
{
    if (!cJSON_IsObject(object))
        return hg_fail(HG_BAD_DATA, "%s: not a JSON object; give a config.json of a run", file);
    int model = HG_MLP;
    const cJSON *model_item = cJSON_GetObjectItemCaseSensitive(object, "model");
    if (model_item)
        HG_TRY(read_field(file, model_item, &(struct field){"model", FIELD_CHOICE, 0, models},
                          (struct hg_train_options *)&model));
    hg_train_options_default(&config->options, model);
    config->options.backend = NULL; /* owned below */

    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        const struct field *f = find_field(item->string);
        if (f)
            HG_TRY(read_field(file, item, f, &config->options));
        else if (strcmp(item->string, "data") == 0 && cJSON_IsString(item)) {
            free(config->data);
            config->data = strdup(item->valuestring);
        } else if (strcmp(item->string, "handgrad") != 0 && !cJSON_IsNull(item))
            return hg_fail(HG_BAD_DATA, "%s: there is no option \"%s\"", file, item->string);
    }
    if (!config->options.backend)
        config->options.backend = strdup("auto");
    return config->options.backend ? HG_OK : hg_fail(HG_INTERNAL, "out of memory");
}

enum hg_status hg_run_config_read(struct hg_run_config *config, const char *file)
{
    char *text = NULL;
    HG_TRY(hg_file_read(&text, NULL, file, CONFIG_LIMIT));
    cJSON *object = cJSON_Parse(text);
    free(text);
    if (!object)
        return hg_fail(HG_BAD_DATA, "%s: not JSON; give a config.json of a run", file);
    struct hg_run_config read = {0};
    const enum hg_status status = read_object(&read, file, object);
    cJSON_Delete(object);
    if (status != HG_OK) {
        hg_run_config_free(&read);
        return status;
    }
    *config = read;
    return HG_OK;
}

void hg_run_config_free(struct hg_run_config *config)
{
    free((char *)config->options.init);
    free((char *)config->options.backend);
    free(config->data);
    *config = (struct hg_run_config){0};
}
