/* config.json: every option of a run under its own name, for resume and --config to read back. docs/FORMATS.md. */
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handgrad/machine.h"
#include "handgrad/run.h"
#include "host/formats/json.h"
#include "host/formats/uri.h"
#include "host/runs/run.h"
#include "host/training/option_table.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* handgrad writes about 1 KiB. */
enum { CONFIG_LIMIT = 1 << 20 };

/* cJSON prints numbers with 15 digits, which would change large integers. */
static bool write_whole(cJSON *object, const char *name, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return cJSON_AddRawToObject(object, name, text);
}

static bool write_real(cJSON *object, const char *name, double value)
{
    char text[HG_OPTION_WORD];
    if (isnan(value))
        return cJSON_AddNullToObject(object, name);
    hg_option_real(text, value);
    char *point = strchr(text, *localeconv()->decimal_point);
    if (point)
        *point = '.';
    return cJSON_AddRawToObject(object, name, text);
}

/* NULL is null. */
static bool write_text(cJSON *object, const char *name, const char *text)
{
    char *encoded;
    if (!text)
        return cJSON_AddNullToObject(object, name);
    if (hg_uri_encode(&encoded, text) != HG_OK)
        return false;
    const bool written = cJSON_AddStringToObject(object, name, encoded);
    free(encoded);
    return written;
}

static bool write_option(cJSON *object, const struct hg_option *o, const struct hg_train_options *options)
{
    const void *at = (const char *)options + o->offset;
    char name[HG_OPTION_WORDS];
    switch (o->kind) {
    case HG_OPTION_SIZE:
        return write_whole(object, o->name, *(const size_t *)at);
    case HG_OPTION_SEED:
        return write_whole(object, o->name, *(const uint64_t *)at);
    case HG_OPTION_INT:
        return write_whole(object, o->name, (uint64_t) * (const int *)at);
    case HG_OPTION_REAL:
        if (isinf(*(const double *)at))
            return cJSON_AddStringToObject(object, o->name, o->infinity_word);
        return write_real(object, o->name, *(const double *)at);
    case HG_OPTION_FLAG:
        return cJSON_AddBoolToObject(object, o->name, *(const bool *)at);
    case HG_OPTION_TEXT:
        return write_text(object, o->name, *(const char *const *)at);
    case HG_OPTION_CHOICE:
        return cJSON_AddStringToObject(object, o->name, hg_option_value(name, o, options));
    }
    return false;
}

enum hg_status hg_run_config_text(char **out, const struct hg_train_options *options, const char *data)
{
    HG_TRY(hg_train_options_check(options)); /* what is written can be read back */
    cJSON *object = cJSON_CreateObject();
    bool ok = object && cJSON_AddStringToObject(object, "handgrad", hg_version()) && write_text(object, "data", data);
    for (const struct hg_option *o = hg_train_option_table; ok && o->name; ++o)
        ok = o->unsaved || write_option(object, o, options);
    *out = ok ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    return *out ? HG_OK : hg_fail_out_of_memory("a run's config.json");
}

/* A number that is whole and lies in [0, most]. */
static bool is_whole(const cJSON *item, double most)
{
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= most &&
           item->valuedouble == floor(item->valuedouble);
}

/* Replaces the text that *field owns by a copy of `text`. */
static enum hg_status set_text(char **field, const char *text)
{
    char *copy = NULL;
    if (text)
        HG_TRY(hg_uri_decode(&copy, text));
    free(*field);
    *field = copy;
    return HG_OK;
}

static bool read_choice(const cJSON *item, const struct hg_option *o, void *field)
{
    for (unsigned i = 0; cJSON_IsString(item) && o->choices[i]; ++i) {
        if (strcmp(item->valuestring, o->choices[i]) == 0) {
            memcpy(field, &i, sizeof i); /* an enum of any name */
            return true;
        }
    }
    return false;
}

static bool read_real(const cJSON *item, const struct hg_option *o, double *value)
{
    if (cJSON_IsNumber(item))
        *value = item->valuedouble;
    else if (cJSON_IsNull(item) && o->nan_word)
        *value = NAN;
    else if (cJSON_IsString(item) && o->infinity_word && strcmp(item->valuestring, o->infinity_word) == 0)
        *value = INFINITY;
    else
        return false;
    return true;
}

/* Ranges are not checked here: hg_train_options_check does that, wherever options come from. */
static enum hg_status read_option(const char *file, const cJSON *item, const struct hg_option *o,
                                  struct hg_train_options *options)
{
    void *at = (char *)options + o->offset;
    const char *expected;
    char choices[HG_OPTION_WORDS];
    switch (o->kind) {
    case HG_OPTION_SIZE:
        expected = "a whole number of at most 2^53";
        if (!is_whole(item, HG_LARGEST_WHOLE))
            break;
        *(size_t *)at = (size_t)item->valuedouble;
        return HG_OK;
    case HG_OPTION_SEED:
        expected = "a whole number of at most 2^53";
        if (!is_whole(item, HG_LARGEST_WHOLE))
            break;
        *(uint64_t *)at = (uint64_t)item->valuedouble;
        return HG_OK;
    case HG_OPTION_INT:
        expected = "a whole number";
        if (!is_whole(item, INT_MAX))
            break;
        *(int *)at = (int)item->valuedouble;
        return HG_OK;
    case HG_OPTION_REAL:
        expected = "a number";
        if (!read_real(item, o, at))
            break;
        return HG_OK;
    case HG_OPTION_FLAG:
        expected = "true or false";
        if (!cJSON_IsBool(item))
            break;
        *(bool *)at = cJSON_IsTrue(item);
        return HG_OK;
    case HG_OPTION_TEXT:
        expected = "a text or null";
        if (!cJSON_IsString(item) && !cJSON_IsNull(item))
            break;
        return set_text((char **)at, cJSON_IsString(item) ? item->valuestring : NULL);
    case HG_OPTION_CHOICE:
        expected = hg_option_expected(choices, o);
        if (!read_choice(item, o, at))
            break;
        return HG_OK;
    default:
        return hg_fail(HG_INTERNAL, "%s: an option of no kind", o->name);
    }
    return hg_fail(HG_BAD_DATA, "%s: \"%s\" must be %s", file, o->name, expected);
}

static const struct hg_option *find_option(const char *name)
{
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (!o->unsaved && strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* The defaults of the model that the object names. Texts are copies, which the caller frees. */
static enum hg_status start_from_defaults(struct hg_train_options *options, const char *file, const cJSON *object)
{
    struct hg_train_options chosen = {.model = HG_MLP};
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(object, "model");
    if (model)
        HG_TRY(read_option(file, model, find_option("model"), &chosen));
    struct hg_train_options defaults;
    hg_train_options_default(&defaults, chosen.model);
    *options = defaults;
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (o->kind == HG_OPTION_TEXT)
            *(char **)((char *)options + o->offset) = NULL;
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (o->kind == HG_OPTION_TEXT)
            HG_TRY(set_text((char **)((char *)options + o->offset), *(char **)((char *)&defaults + o->offset)));
    return HG_OK;
}

static enum hg_status read_object(struct hg_run_config *config, const char *file, const cJSON *object)
{
    if (!cJSON_IsObject(object))
        return hg_fail(HG_BAD_DATA, "%s: not a JSON object; give a config.json of a run", file);
    HG_TRY(start_from_defaults(&config->options, file, object));
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        const struct hg_option *o = find_option(item->string);
        if (o)
            HG_TRY(read_option(file, item, o, &config->options));
        else if (strcmp(item->string, "data") == 0 && cJSON_IsString(item))
            HG_TRY(set_text(&config->data, item->valuestring));
        else if (strcmp(item->string, "handgrad") == 0 && cJSON_IsString(item))
            HG_TRY(set_text(&config->version, item->valuestring));
        else if (strcmp(item->string, "handgrad") != 0 && !cJSON_IsNull(item))
            return hg_fail(HG_BAD_DATA, "%s: there is no option \"%s\"", file, item->string);
    }
    /* Written by version 0.1, which held out the last samples, took a table's first column for the labels and left no
     * column out. */
    if (cJSON_HasObjectItem(object, "handgrad") && !cJSON_HasObjectItem(object, "split_order")) {
        config->options.split_order = HG_SPLIT_FILE;
        HG_TRY(set_text((char **)&config->options.label, "1"));
        HG_TRY(set_text((char **)&config->options.skip_columns, "none"));
    }
    return HG_OK;
}

enum hg_status hg_run_config_read(struct hg_run_config *config, const char *file)
{
    char *text = NULL;
    cJSON *object = NULL;
    struct hg_run_config read = {0};
    enum hg_status status = HG_OK;
    HG_TRY(hg_file_read(&text, NULL, file, CONFIG_LIMIT));
    HG_TRY_OR_CLEANUP(hg_json_parse(&object, text, strlen(text), NULL, file));
    if (!object) {
        status = hg_fail(HG_BAD_DATA, "%s: not JSON; give a config.json of a run", file);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(read_object(&read, file, object));
    *config = read;
    read = (struct hg_run_config){0}; /* the caller's */

cleanup:
    hg_run_config_free(&read);
    cJSON_Delete(object);
    free(text);
    return status;
}

void hg_run_config_free(struct hg_run_config *config)
{
    for (const struct hg_option *o = hg_train_option_table; o->name; ++o)
        if (o->kind == HG_OPTION_TEXT)
            free(*(char **)((char *)&config->options + o->offset));
    free(config->version);
    free(config->data);
    *config = (struct hg_run_config){0};
}
