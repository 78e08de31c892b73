/* The order of the page. */
#include "kernels/base/try.h"
#include "src/report/report.h"

static enum hg_status add_one(struct hg_html *page, const struct hg_report_run *run)
{
    hg_html_element(page, "h1", "%s", run->path);
    HG_TRY(hg_report_add_verdict(page, run));
    return hg_report_add_curves(page, run, 1);
}

static enum hg_status add_several(struct hg_html *page, const struct hg_report_run *runs, size_t count)
{
    hg_html_element(page, "h1", "%zu runs compared", count);
    for (size_t i = 0; i < count; ++i) {
        hg_html_element(page, "h3", "%s", runs[i].path);
        HG_TRY(hg_report_add_verdict(page, &runs[i]));
    }
    return hg_report_add_curves(page, runs, count);
}

enum hg_status hg_report_write(struct hg_html *page, const struct hg_report_run *runs, size_t count)
{
    hg_html_begin(page, count == 1 ? runs[0].path : "handgrad: runs compared");
    HG_TRY(count == 1 ? add_one(page, runs) : add_several(page, runs, count));
    hg_html_end(page);
    return page->status;
}
