/* The mistakes that a classifier is surest of. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/report/images.h"
#include "src/report/report.h"

enum {
    MISTAKES = 25,
    VALUES = 6 /* of the features of a sample that is no image */
};

static void add_caption(struct hg_html *page, const struct hg_report_run *run, const struct hg_mistake *m)
{
    char truth[HG_REPORT_NAME], predicted[HG_REPORT_NAME];
    hg_report_class(truth, run, m->truth);
    hg_report_class(predicted, run, m->predicted);
    hg_html_markup(page, "<figcaption>");
    hg_html_element(page, "b", "%s taken for %s", truth, predicted);
    hg_html_markup(page, "<br>");
    hg_html_text(page, "%s: %.2f %%", predicted, 100 * (double)m->predicted_probability);
    hg_html_markup(page, "<br>");
    hg_html_text(page, "%s: %.2g %%", truth, 100 * (double)m->truth_probability);
    hg_html_markup(page, "<br>");
    hg_html_text(page, "sample %zu", m->index);
    hg_html_markup(page, "</figcaption>");
}

static enum hg_status add_images(struct hg_html *page, const struct hg_report_run *run,
                                 const struct hg_report_shape *shape, size_t count)
{
    const struct hg_mistake *mistakes = run->confusion.mistakes;
    hg_html_element(page, "p",
                    "With the probabilities that the model gives to its answer and to the label. Samples are "
                    "counted from 0.");
    hg_html_markup(page, "<div class=\"tiles\">\n");
    for (size_t i = 0; i < count; ++i) {
        float *image;
        char truth[HG_REPORT_NAME], predicted[HG_REPORT_NAME];
        HG_TRY(hg_report_images(&image, shape, run->judged, &mistakes[i].index, 1));
        hg_html_markup(page, "<figure>");
        const enum hg_status status = hg_report_add_images(page, shape, 1, 1, image, NULL, "%s, taken for %s",
                                                           hg_report_class(truth, run, mistakes[i].truth),
                                                           hg_report_class(predicted, run, mistakes[i].predicted));
        free(image);
        HG_TRY(status);
        add_caption(page, run, &mistakes[i]);
        hg_html_markup(page, "</figure>\n");
    }
    hg_html_markup(page, "</div>\n");
    return HG_OK;
}

static enum hg_status add_rows(struct hg_html *page, const struct hg_report_run *run, size_t count)
{
    const size_t features = hg_dataset_features(run->judged), shown = features < VALUES ? features : VALUES;
    char names[VALUES][HG_REPORT_NAME], values[VALUES][HG_REPORT_NUMBER];
    const char *headings[5 + VALUES] = {">sample", "label", "answer", ">of the label, %", ">of the answer, %"};
    const char *cells[5 + VALUES];
    float *sample;
    HG_TRY(hg_allocate(&sample, features, "a sample"));
    for (size_t d = 0; d < shown; ++d)
        headings[5 + d] = hg_report_feature_heading(names[d], run, d);
    hg_html_table_begin(page,
                        features > shown
                            ? "Probabilities of the label and of the answer, and the first features. Samples "
                              "are counted from 0."
                            : "Probabilities of the label and of the answer, and the features. Samples are "
                              "counted from 0.",
                        headings, 5 + shown);
    for (size_t i = 0; i < count; ++i) {
        const struct hg_mistake *m = &run->confusion.mistakes[i];
        char index[HG_REPORT_NUMBER], of_truth[HG_REPORT_NUMBER], of_predicted[HG_REPORT_NUMBER];
        char truth[HG_REPORT_NAME], predicted[HG_REPORT_NAME];
        hg_dataset_sample(run->judged, m->index, sample);
        snprintf(index, sizeof index, "%zu", m->index);
        snprintf(of_truth, sizeof of_truth, "%.2g", 100 * (double)m->truth_probability);
        snprintf(of_predicted, sizeof of_predicted, "%.2f", 100 * (double)m->predicted_probability);
        cells[0] = index;
        cells[1] = hg_report_class(truth, run, m->truth);
        cells[2] = hg_report_class(predicted, run, m->predicted);
        cells[3] = of_truth;
        cells[4] = of_predicted;
        for (size_t d = 0; d < shown; ++d) {
            snprintf(values[d], sizeof values[d], "%.4g", (double)sample[d]);
            cells[5 + d] = values[d];
        }
        hg_html_table_row(page, headings, cells, 5 + shown);
    }
    hg_html_table_end(page);
    free(sample);
    return HG_OK;
}

enum hg_status hg_report_add_mistakes(struct hg_html *page, const struct hg_report_run *run)
{
    const size_t all = run->confusion.mistake_count, count = all < MISTAKES ? all : MISTAKES;
    struct hg_report_shape shape;
    if (count == 0)
        return HG_OK;
    hg_html_element(page, "h2", all > count ? "The %zu most confident mistakes" : "All %zu mistakes", count);
    return hg_report_shape_of(&shape, run) ? add_images(page, run, &shape, count) : add_rows(page, run, count);
}
