/* What an autoencoder makes of samples: images over their reconstructions. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/report/images.h"
#include "src/report/report.h"

enum {
    SHOWN = 20, /* samples, spread evenly */
    WORST = 10,
    COLUMNS = 10,
    VALUES = 6 /* of the features of a sample that is no image */
};

/* One sample and its reconstruction, at the size of the page. */
static enum hg_status reconstruct(const struct hg_report_run *run, const struct hg_report_shape *shape, size_t sample,
                                  float *original, float *reconstruction)
{
    float *numbers;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&numbers, hg_dataset_features(run->judged), "a sample"));
    hg_dataset_sample(run->judged, sample, numbers);
    hg_report_shrink(original, shape, numbers);
    HG_TRY_OR_CLEANUP(hg_model_reconstruct(run->model, run->judged, sample, 1, numbers));
    hg_report_shrink(reconstruction, shape, numbers);
cleanup:
    free(numbers);
    return status;
}

static enum hg_status add_images(struct hg_html *page, const struct hg_report_run *run,
                                 const struct hg_report_shape *shape, const size_t *samples, size_t count)
{
    const size_t numbers = hg_report_shape_numbers(shape);
    float *originals = NULL, *reconstructions = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&originals, count, numbers * sizeof *originals, "images of the page"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&reconstructions, count, numbers * sizeof *originals, "images of the page"));
    for (size_t i = 0; i < count; ++i)
        HG_TRY_OR_CLEANUP(reconstruct(run, shape, samples[i], originals + i * numbers, reconstructions + i * numbers));
    hg_html_markup(page, "<figure>");
    HG_TRY_OR_CLEANUP(hg_report_add_images(page, shape, count, COLUMNS, originals, reconstructions,
                                           "%zu samples, each over its reconstruction", count));
    hg_html_markup(page, "</figure>\n");
cleanup:
    free(reconstructions);
    free(originals);
    return status;
}

/* Rows "value → reconstruction" of the first features. */
static enum hg_status add_rows(struct hg_html *page, const struct hg_report_run *run, const size_t *samples,
                               size_t count)
{
    const size_t features = hg_dataset_features(run->judged), shown = features < VALUES ? features : VALUES;
    char names[VALUES][HG_REPORT_NAME];
    const char *headings[1 + VALUES] = {">sample"}, *cells[1 + VALUES];
    float *numbers;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate(&numbers, 2 * features, "a sample"));
    for (size_t d = 0; d < shown; ++d)
        headings[1 + d] = hg_report_feature_heading(names[d], run, d);
    hg_html_table_begin(page, "Each feature and its reconstruction. Samples are counted from 0.", headings, 1 + shown);
    for (size_t i = 0; i < count; ++i) {
        char values[1 + VALUES][2 * HG_REPORT_NUMBER];
        hg_dataset_sample(run->judged, samples[i], numbers);
        HG_TRY_OR_CLEANUP(hg_model_reconstruct(run->model, run->judged, samples[i], 1, numbers + features));
        snprintf(values[0], sizeof *values, "%zu", samples[i]);
        cells[0] = values[0];
        for (size_t d = 0; d < shown; ++d) {
            snprintf(values[1 + d], sizeof *values, "%.4g → %.4g", (double)numbers[d], (double)numbers[features + d]);
            cells[1 + d] = values[1 + d];
        }
        hg_html_table_row(page, headings, cells, 1 + shown);
    }
    hg_html_table_end(page);
cleanup:
    free(numbers);
    return status;
}

static enum hg_status add_samples(struct hg_html *page, const struct hg_report_run *run, const size_t *samples,
                                  size_t count)
{
    struct hg_report_shape shape;
    return hg_report_shape_of(&shape, run) ? add_images(page, run, &shape, samples, count)
                                           : add_rows(page, run, samples, count);
}

enum hg_status hg_report_add_reconstructions(struct hg_html *page, const struct hg_report_run *run)
{
    if (!run->judged || hg_model_kind(run->model) != HG_AUTOENCODER)
        return HG_OK;
    const size_t all = hg_dataset_count(run->judged), shown = all < SHOWN ? all : SHOWN;
    size_t samples[SHOWN], count;
    struct hg_sample_loss worst[WORST];
    for (size_t i = 0; i < shown; ++i)
        samples[i] = i * all / shown;
    hg_html_element(page, "h2", "What it reconstructs");
    hg_html_element(page, "p", "Of the %s, evenly spread: each sample, and what is left of it after %zu numbers.",
                    hg_report_judged_name(run), hg_model_hidden(run->model));
    HG_TRY(add_samples(page, run, samples, shown));
    HG_TRY(hg_model_largest_losses(run->model, run->judged, WORST, worst, &count));
    for (size_t i = 0; i < count; ++i)
        samples[i] = worst[i].index;
    hg_html_element(page, "h3", "Reconstructed worst");
    hg_html_element(page, "p", "Of all of them, from the largest loss, %.4g, on; the mean is %.4g.", worst[0].loss,
                    run->evaluation.loss);
    return add_samples(page, run, samples, count);
}
