/* A profiler of the smallest kind: a library that NVTX loads (NVTX_INJECTION64_PATH) and that writes each call, one a
 * line, to the file HG_NVTX_LOG: "push NAME", "pop", "start NAME", "end". Calls in other domains are left out. */
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *listing;
static int handgrad; /* its address is the domain's handle */

static nvtxDomainHandle_t domain_create(const char *name)
{
    return strcmp(name, "handgrad") == 0 ? (nvtxDomainHandle_t)(void *)&handgrad : NULL;
}

static nvtxStringHandle_t register_string(nvtxDomainHandle_t domain, const char *text)
{
    (void)domain;
    return (nvtxStringHandle_t)(void *)text; /* handgrad registers literals */
}

static const char *name_of(const nvtxEventAttributes_t *event)
{
    return event->messageType == NVTX_MESSAGE_TYPE_REGISTERED ? (const char *)(const void *)event->message.registered
                                                              : "?";
}

static int range_push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t *event)
{
    (void)domain;
    fprintf(listing, "push %s\n", name_of(event));
    return 0;
}

static int range_pop(nvtxDomainHandle_t domain)
{
    (void)domain;
    fprintf(listing, "pop\n");
    return 0;
}

static nvtxRangeId_t range_start(nvtxDomainHandle_t domain, const nvtxEventAttributes_t *event)
{
    (void)domain;
    fprintf(listing, "start %s\n", name_of(event));
    return 1;
}

static void range_end(nvtxDomainHandle_t domain, nvtxRangeId_t id)
{
    (void)domain;
    (void)id;
    fprintf(listing, "end\n");
}

static void take(NvtxFunctionTable table, NvtxCallbackIdCore2 id, NvtxFunctionPointer function)
{
    *table[id] = function;
}

int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table);

int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table)
{
    const NvtxExportTableCallbacks *callbacks = get_table(NVTX_ETID_CALLBACKS);
    NvtxFunctionTable table = NULL;
    unsigned size = 0;
    const char *path = getenv("HG_NVTX_LOG");
    listing = path ? fopen(path, "w") : NULL;
    if (!listing || !callbacks || !callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &table, &size) ||
        size <= NVTX_CBID_CORE2_DomainCreateA)
        return 0;
    setvbuf(listing, NULL, _IOLBF, 0);
    take(table, NVTX_CBID_CORE2_DomainCreateA, (NvtxFunctionPointer)domain_create);
    take(table, NVTX_CBID_CORE2_DomainRegisterStringA, (NvtxFunctionPointer)register_string);
    take(table, NVTX_CBID_CORE2_DomainRangePushEx, (NvtxFunctionPointer)range_push);
    take(table, NVTX_CBID_CORE2_DomainRangePop, (NvtxFunctionPointer)range_pop);
    take(table, NVTX_CBID_CORE2_DomainRangeStartEx, (NvtxFunctionPointer)range_start);
    take(table, NVTX_CBID_CORE2_DomainRangeEnd, (NvtxFunctionPointer)range_end);
    return 1;
}
