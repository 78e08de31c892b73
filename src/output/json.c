#include "src/output/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/formats/json.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/utf8.h"

/* struct hg_json is cJSON under a name of our own, so that no header of cJSON is needed elsewhere. */
static bool incomplete;

static cJSON *node(struct hg_json *json)
{
    return (cJSON *)(void *)json;
}

static cJSON *checked(cJSON *made)
{
    incomplete |= !made;
    return made;
}

struct hg_json *hg_json_create(void)
{
    return (struct hg_json *)(void *)checked(cJSON_CreateObject());
}

void hg_json_free(struct hg_json *json)
{
    cJSON_Delete(node(json));
}

void hg_json_number(struct hg_json *json, const char *name, double value)
{
    if (isfinite(value))
        checked(cJSON_AddNumberToObject(node(json), name, value));
}

/* The double whose shortest digits are those of the float. */
static double shortest(float value)
{
    char text[32];
    snprintf(text, sizeof text, "%.9g", (double)value);
    return strtod(text, NULL);
}

void hg_json_float(struct hg_json *json, const char *name, float value)
{
    hg_json_number(json, name, shortest(value));
}

void hg_json_floats(struct hg_json *json, const char *name, size_t count, const float *values)
{
    cJSON *array = checked(cJSON_AddArrayToObject(node(json), name));
    for (size_t i = 0; i < count; ++i)
        incomplete |= !cJSON_AddItemToArray(array, checked(cJSON_CreateNumber(shortest(values[i]))));
}

void hg_json_append_counts(struct hg_json *json, const char *name, size_t count, const size_t *values)
{
    hg_json_array(json, name);
    cJSON *row = checked(cJSON_CreateArray());
    for (size_t i = 0; i < count; ++i)
        incomplete |= !cJSON_AddItemToArray(row, checked(cJSON_CreateNumber((double)values[i])));
    if (!cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(node(json), name), row)) {
        incomplete = true;
        cJSON_Delete(row);
    }
}

void hg_json_text(struct hg_json *json, const char *name, const char *value)
{
    char *valid;
    if (hg_utf8_copy(&valid, value) != HG_OK) {
        incomplete = true;
        return;
    }
    checked(cJSON_AddStringToObject(node(json), name, valid));
    free(valid);
}

void hg_json_bool(struct hg_json *json, const char *name, bool value)
{
    checked(cJSON_AddBoolToObject(node(json), name, value));
}

void hg_json_numbers(struct hg_json *json, const char *name, const double *values, size_t count)
{
    cJSON *array = checked(cJSON_AddArrayToObject(node(json), name));
    for (size_t i = 0; i < count; ++i)
        if (!cJSON_AddItemToArray(array, checked(cJSON_CreateNumber(values[i]))))
            incomplete = true;
}

struct hg_json *hg_json_object(struct hg_json *json, const char *name)
{
    return (struct hg_json *)(void *)checked(cJSON_AddObjectToObject(node(json), name));
}

void hg_json_array(struct hg_json *json, const char *name)
{
    if (!cJSON_GetObjectItemCaseSensitive(node(json), name))
        checked(cJSON_AddArrayToObject(node(json), name));
}

struct hg_json *hg_json_append(struct hg_json *json, const char *name)
{
    hg_json_array(json, name);
    cJSON *object = checked(cJSON_CreateObject());
    if (!cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(node(json), name), object)) {
        incomplete = true;
        cJSON_Delete(object);
        return NULL;
    }
    return (struct hg_json *)(void *)object;
}

enum hg_status hg_json_write_line(const struct hg_json *json, struct hg_writer *to)
{
    char *text = incomplete ? NULL : cJSON_PrintUnformatted((const cJSON *)(const void *)json);
    if (!text)
        return hg_fail_out_of_memory("the JSON output");
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(hg_writer_text(to, text));
    HG_TRY_OR_CLEANUP(hg_writer_text(to, "\n"));

cleanup:
    cJSON_free(text);
    return status;
}

enum hg_status hg_json_print(const struct hg_json *json)
{
    char *text = incomplete ? NULL : cJSON_Print((const cJSON *)(const void *)json);
    if (!text)
        return hg_fail_out_of_memory("the JSON output");
    puts(text);
    cJSON_free(text);
    return HG_OK;
}
