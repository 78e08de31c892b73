/* What things are called on the page. */
#include <stdio.h>
#include <string.h>

#include "src/report/report.h"

const char *hg_report_count(char *out, size_t count)
{
    char digits[HG_REPORT_NUMBER];
    const int length = snprintf(digits, sizeof digits, "%zu", count);
    char *to = out;
    for (int i = 0; i < length; ++i) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *hg_report_judged_name(const struct hg_report_run *run)
{
    const bool images = hg_dataset_height(run->judged) > 0;
    if (run->judged == run->test)
        return images ? "test images" : "test samples";
    return images ? "training images" : "training samples";
}

/* `name` behind `prefix`, as much as fits; no character of UTF-8 is cut. */
static const char *fit(char *out, const char *prefix, const char *name)
{
    static const char more[] = "…";
    const int length = snprintf(out, HG_REPORT_NAME, "%s%s", prefix, name);
    if (length < HG_REPORT_NAME)
        return out;
    size_t end = HG_REPORT_NAME - sizeof more;
    while (((unsigned char)out[end] & 0xc0) == 0x80)
        --end;
    memcpy(out + end, more, sizeof more);
    return out;
}

const char *hg_report_class(char *out, const struct hg_report_run *run, size_t class_index)
{
    const char *const *names = hg_model_class_names(run->model);
    if (names)
        return fit(out, "", names[class_index]);
    snprintf(out, HG_REPORT_NAME, "%zu", class_index);
    return out;
}

const char *hg_report_feature_heading(char *out, const struct hg_report_run *run, size_t feature)
{
    const char *const *names = hg_model_columns(run->model);
    if (names)
        return fit(out, ">", names[feature]);
    snprintf(out, HG_REPORT_NAME, ">x%zu", feature + 1);
    return out;
}
