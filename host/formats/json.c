#include "host/formats/json.h"

#include <errno.h>

#include "kernels/base/memory.h"

enum hg_status hg_json_parse(cJSON **out, const char *text, size_t length, const char **stop, const char *path)
{
    const char *end = text;
    errno = 0;
    *out = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (!*out && errno == ENOMEM)
        return hg_fail_out_of_memory(path);
    if (stop)
        *stop = end;
    return HG_OK;
}
