/* The JSON object that --json puts on standard output. The only place in src/ that uses cJSON. */
#ifndef HANDGRAD_SRC_OUTPUT_JSON_H
#define HANDGRAD_SRC_OUTPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/writer.h"

struct hg_json;

/* An empty object. Running out of memory, here or below, is reported when the object is
 * written. */
struct hg_json *hg_json_create(void);
void hg_json_free(struct hg_json *json);

/* Each adds a member to the object; strings are copied. JSON has no NaN or infinity: such a number is left out. */
void hg_json_number(struct hg_json *json, const char *name, double value);
/* With the nine digits that bring a float back to the bit. */
void hg_json_float(struct hg_json *json, const char *name, float value);
void hg_json_floats(struct hg_json *json, const char *name, size_t count, const float *values);
/* Adds the array of whole numbers `values` to the array `name`, which need not exist. */
void hg_json_append_counts(struct hg_json *json, const char *name, size_t count, const size_t *values);
void hg_json_text(struct hg_json *json, const char *name, const char *value);
void hg_json_bool(struct hg_json *json, const char *name, bool value);
/* An array of numbers, all finite. */
void hg_json_numbers(struct hg_json *json, const char *name, const double *values, size_t count);
/* An empty object, which belongs to `json`. */
struct hg_json *hg_json_object(struct hg_json *json, const char *name);
/* The first makes the member `name` an array if it does not exist. The second does, too, and adds an object to that
 * array and returns it; it belongs to `json`. */
void hg_json_array(struct hg_json *json, const char *name);
struct hg_json *hg_json_append(struct hg_json *json, const char *name);

/* The whole object as a line of a file of many. HG_INTERNAL as below; HG_IO. */
enum hg_status hg_json_write_line(const struct hg_json *json, struct hg_writer *to);

/* The whole object, on standard output. HG_INTERNAL: memory ran out, and it is incomplete. */
enum hg_status hg_json_print(const struct hg_json *json);

#endif
