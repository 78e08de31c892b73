#include "host/proofs/crosscheck/crosscheck.h"

#include <stdlib.h>

#include "host/proofs/crosscheck/parts.h"

/* A backend's own steps may read their input in two ways; ops have only one. */
static const struct {
    enum hg_input input;
    const char *name;
} forms[] = {{HG_INPUT_DENSE, "dense input"}, {HG_INPUT_SPARSE, "sparse input"}};

static enum hg_status check_form(struct hg_crosscheck_report *report, const struct hg_backend *backend, int threads,
                                 size_t form)
{
    const struct hg_open_options options = {.threads = threads, .input = forms[form].input, .precision = HG_FP32};
    struct hg_rig rig;
    hg_rig_open(&rig, backend, &options, report);
    if (form == 0) {
        void (*const ops[])(struct hg_rig *) = {hg_crosscheck_gemm, hg_crosscheck_elementwise, hg_crosscheck_losses,
                                                hg_crosscheck_batches};
        for (size_t i = 0; rig.status == HG_OK && i < sizeof ops / sizeof ops[0]; ++i)
            ops[i](&rig);
    }
    if (rig.status == HG_OK)
        hg_crosscheck_networks(&rig, forms[form].name, form == 0);
    hg_rig_close(&rig);
    return rig.status;
}

enum hg_status hg_crosscheck_backend(struct hg_crosscheck_report *report, const struct hg_backend *backend, int threads)
{
    *report = (struct hg_crosscheck_report){0};
    struct hg_device_info info;
    enum hg_status status = hg_backend_require(backend, &info);
    /* Only a backend with a network of its own has more than one way to read the input. */
    const size_t count = backend->network_create ? sizeof forms / sizeof forms[0] : 1;
    for (size_t form = 0; status == HG_OK && form < count; ++form)
        status = check_form(report, backend, threads, form);
    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < report->count; ++i) {
        const struct hg_crosscheck_row *row = &report->rows[i];
        if (!row->passed)
            return hg_fail(HG_CHECK_FAILED, "%zu of %zu rows of the crosscheck failed, the first %s, %s: %s",
                           report->failed, report->count, row->op, row->size, row->where);
    }
    return HG_OK;
}

enum hg_status hg_crosscheck(struct hg_crosscheck_report *report, const char *name, int threads)
{
    *report = (struct hg_crosscheck_report){0};
    const struct hg_backend *backend = hg_backend_find(name);
    if (!backend)
        return hg_fail(HG_UNAVAILABLE, "backend %s: not part of this build; see handgrad info", name);
    return hg_crosscheck_backend(report, backend, threads);
}

void hg_crosscheck_report_free(struct hg_crosscheck_report *report)
{
    free(report->rows);
    *report = (struct hg_crosscheck_report){0};
}
