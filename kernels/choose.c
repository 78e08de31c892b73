/* Which backends there are, and which one a run takes. */
#include <stdio.h>
#include <string.h>

#include "handgrad/machine.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "kernels/choose.h"

const char *const hg_backend_choices[] = {"auto", "cuda", "cpu", "reference", NULL};

enum hg_status hg_backend_check(const char *name)
{
    char choices[64];
    for (size_t i = 0; name && hg_backend_choices[i]; ++i)
        if (strcmp(name, hg_backend_choices[i]) == 0)
            return HG_OK;
    if (name && hg_backend_find(name))
        return HG_OK;
    return hg_fail(HG_USAGE, "backend: there is no backend '%s'; give %s", name ? name : "",
                   hg_words_join(choices, sizeof choices, hg_backend_choices, ", ", " or "));
}

enum hg_status hg_backend_describe(size_t index, struct hg_backend_description *description)
{
    const struct hg_backend *const *backends = hg_backends();
    for (size_t i = 0; i <= index; ++i)
        if (!backends[i])
            return hg_fail(HG_NO_INPUT, "there are %zu backends", i);
    *description = (struct hg_backend_description){.name = backends[index]->name};
    struct hg_device_info info;
    description->usable = backends[index]->probe(&info) == HG_OK;
    if (!description->usable) {
        snprintf(description->reason, sizeof description->reason, "%s", hg_message());
        return HG_OK;
    }
    memcpy(description->device, info.device, sizeof description->device);
    memcpy(description->detail, info.detail, sizeof description->detail);
    description->memory = info.memory;
    return HG_OK;
}

enum hg_status hg_backend_choose(struct hg_context **out, const char *name, const struct hg_open_options *options,
                                 struct hg_device_info *device, char *reason, size_t size)
{
    const struct hg_backend *cuda = hg_backend_find("cuda");
    snprintf(reason, size, "%s", "");
    if (strcmp(name, "auto") == 0) {
        if (cuda && cuda->probe(device) == HG_OK && cuda->open(out, options) == HG_OK)
            return HG_OK;
        snprintf(reason, size, "%s", cuda ? hg_message() : "this build has no CUDA backend");
        name = "cpu";
    }
    const struct hg_backend *backend = hg_backend_find(name);
    if (backend) {
        HG_TRY(hg_backend_require(backend, device));
        return backend->open(out, options);
    }
    HG_TRY(hg_backend_check(name));
    return hg_fail(HG_UNAVAILABLE,
                   "backend %s: not part of this build; CUDA needs a build configured with "
                   "-DHANDGRAD_CUDA=ON where the CUDA Toolkit is installed",
                   name);
}

const char *hg_version(void)
{
    return HANDGRAD_VERSION;
}
