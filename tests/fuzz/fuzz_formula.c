#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/formula/place.h"
#include "host/proofs/formula/formula.h"
#include "kernels/backend.h"
#include "tests/fuzz/harness.h"

/* No backends: the targets are linked without them, and products are plain loops. */
const struct hg_backend *const *hg_backends(void)
{
    static const struct hg_backend *const none[] = {NULL};
    return none;
}

/* Lines: the loss, or nothing for the classifier's; the variable; the formula; and sizes. */
static struct hg_formula_options options_of(char *text)
{
    enum { LINES = 3 };
    char *lines[LINES + HG_FORMULA_SIZES] = {NULL}, *rest = text;
    for (size_t i = 0; rest && i < LINES + HG_FORMULA_SIZES; ++i)
        lines[i] = strsep(&rest, "\n");
    struct hg_formula_options options = {
        .model = *lines[0] ? HG_FORMULA_CUSTOM : HG_FORMULA_MLP,
        .loss = lines[0],
        .of = lines[1],
        .formula = lines[2],
        .seed = 1,
        .work = 1 << 12, /* so that a check takes milliseconds */
    };
    for (size_t i = 0; i < HG_FORMULA_SIZES && lines[LINES + i]; ++i)
        options.sizes[i] = lines[LINES + i];
    return options;
}

/* A check ends in a verdict or in a message; one on a text shows a place within it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct hg_formula_report report;
    char *text = calloc(size + 1, 1);
    if (!text)
        abort();
    memcpy(text, bytes, size);
    const struct hg_formula_options options = options_of(text);
    const enum hg_status status = hg_formula_check(&report, &options);
    if (status == HG_OK) {
        double sum = report.value; /* the gradient has no value where the derivative has none, but can be read */
        for (size_t i = 0; i < report.rows * report.cols; ++i)
            sum += report.gradient[i];
        if (!isfinite(report.value) || (isfinite(sum) && report.diagnosis_count > HG_FORMULA_DIAGNOSES))
            abort();
        hg_formula_report_free(&report);
    } else if ((status != HG_USAGE && status != HG_BAD_DATA) || !*hg_message()) {
        abort();
    }
    const char *caret = strrchr(hg_formula_picture(), '^');
    if (*hg_formula_picture() && (!caret || caret[1]))
        abort();
    free(text);
    return 0;
}
