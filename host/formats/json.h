/* JSON texts by cJSON, which reports both a malformed text and a lack of memory as NULL. */
#ifndef HANDGRAD_HOST_FORMATS_JSON_H
#define HANDGRAD_HOST_FORMATS_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "handgrad/status.h"

/* The value that `text` starts with; *stop, if not NULL, is where it ends, or where the text is malformed, in which
 * case *out is NULL. Fails for lack of memory alone: HG_INTERNAL. The caller gives *out to cJSON_Delete. */
enum hg_status hg_json_parse(cJSON **out, const char *text, size_t length, const char **stop, const char *path);

#endif
