#include "kernels/cuda/profile/nvtx.h"

#include <string.h>

#if defined(__has_include)
#if __has_include(<nvtx3/nvToolsExt.h>)
#define HG_HAVE_NVTX
#endif
#endif

#ifdef HG_HAVE_NVTX
#include <nvtx3/nvToolsExt.h>

static nvtxEventAttributes_t attributes(const struct hg_nvtx *nvtx, enum hg_range range)
{
    nvtxEventAttributes_t a;
    memset(&a, 0, sizeof a);
    a.version = NVTX_VERSION;
    a.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    a.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
    a.message.registered = nvtx->names[range];
    return a;
}

void hg_nvtx_open(struct hg_nvtx *nvtx)
{
    static const char *const names[HG_RANGES] = {"data", "forward", "backward", "update", "evaluate", "step", "epoch"};
    memset(nvtx, 0, sizeof *nvtx);
    nvtx->domain = nvtxDomainCreateA("handgrad");
    /* Names are registered, because nsys can start a capture only at a range with a registered name, and because it is
     * cheaper than passing the string each time. */
    for (int i = 0; nvtx->domain && i < HG_RANGES; ++i)
        nvtx->names[i] = nvtxDomainRegisterStringA(nvtx->domain, names[i]);
}

void hg_nvtx_close(struct hg_nvtx *nvtx)
{
    hg_nvtx_epoch_end(nvtx);
    if (nvtx->domain)
        nvtxDomainDestroy(nvtx->domain);
    nvtx->domain = NULL;
}

void hg_nvtx_push(const struct hg_nvtx *nvtx, enum hg_range range)
{
    if (!nvtx->domain)
        return;
    const nvtxEventAttributes_t a = attributes(nvtx, range);
    nvtxDomainRangePushEx(nvtx->domain, &a);
}

void hg_nvtx_pop(const struct hg_nvtx *nvtx)
{
    if (nvtx->domain)
        nvtxDomainRangePop(nvtx->domain);
}

void hg_nvtx_epoch_begin(struct hg_nvtx *nvtx)
{
    hg_nvtx_epoch_end(nvtx);
    if (!nvtx->domain)
        return;
    const nvtxEventAttributes_t a = attributes(nvtx, HG_RANGE_EPOCH);
    nvtx->epoch = nvtxDomainRangeStartEx(nvtx->domain, &a);
    nvtx->in_epoch = true;
}

void hg_nvtx_epoch_end(struct hg_nvtx *nvtx)
{
    if (nvtx->in_epoch)
        nvtxDomainRangeEnd(nvtx->domain, nvtx->epoch);
    nvtx->in_epoch = false;
}

#else

void hg_nvtx_open(struct hg_nvtx *nvtx)
{
    memset(nvtx, 0, sizeof *nvtx);
}

void hg_nvtx_close(struct hg_nvtx *nvtx)
{
    (void)nvtx;
}

void hg_nvtx_push(const struct hg_nvtx *nvtx, enum hg_range range)
{
    (void)nvtx;
    (void)range;
}

void hg_nvtx_pop(const struct hg_nvtx *nvtx)
{
    (void)nvtx;
}

void hg_nvtx_epoch_begin(struct hg_nvtx *nvtx)
{
    (void)nvtx;
}

void hg_nvtx_epoch_end(struct hg_nvtx *nvtx)
{
    (void)nvtx;
}

#endif
