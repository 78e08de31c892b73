/* What a model has learned: the rows of its first layer, and for an autoencoder the directions that they span beside
 * the principal components. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/trained_model.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/output/plot.h"
#include "src/report/images.h"
#include "src/report/report.h"

enum {
    SHOWN = 60, /* rows of the first layer */
    PAIRS = 20, /* directions beside components, as images */
    COLUMNS = 10,
    FEATURES = 20,  /* of samples that are no images: rows of a table, */
    TABLE_PAIRS = 3 /* and directions beside components */
};

/* A row of weights as an image: 0 is grey, and its largest weight black or white. */
static void fill_row(float *out, const struct hg_report_shape *shape, const double *weights, float *row,
                     size_t features)
{
    float largest = 0;
    for (size_t d = 0; d < features; ++d)
        row[d] = (float)weights[d];
    hg_report_shrink(out, shape, row);
    for (size_t i = 0; i < hg_report_shape_numbers(shape); ++i)
        largest = fmaxf(largest, fabsf(out[i]));
    for (size_t i = 0; i < hg_report_shape_numbers(shape) && largest > 0; ++i)
        out[i] /= largest;
}

/* rows: the first number of each row of weights. */
static enum hg_status fill_rows(float **out, const struct hg_report_shape *shape, const double *const *rows,
                                size_t count, size_t features)
{
    const size_t numbers = hg_report_shape_numbers(shape);
    float *row = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&row, features, "a row of weights"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(out, count, numbers * sizeof **out, "images of the page"));
    for (size_t i = 0; i < count; ++i)
        fill_row(*out + i * numbers, shape, rows[i], row, features);
cleanup:
    free(row);
    return status;
}

static enum hg_status add_rows(struct hg_html *page, const struct hg_report_shape *data_shape,
                               const double *const *rows, const double *const *below, size_t count, size_t features,
                               const char *what)
{
    struct hg_report_shape shape = *data_shape;
    float *images = NULL, *images_below = NULL;
    enum hg_status status;
    shape.dark = -1;
    shape.bright = 1;
    HG_TRY_OR_CLEANUP(fill_rows(&images, &shape, rows, count, features));
    if (below)
        HG_TRY_OR_CLEANUP(fill_rows(&images_below, &shape, below, count, features));
    hg_html_markup(page, "<figure>");
    HG_TRY_OR_CLEANUP(hg_report_add_images(page, &shape, count, COLUMNS, images, images_below, "%s", what));
    hg_html_markup(page, "</figure>\n");
cleanup:
    free(images_below);
    free(images);
    return status;
}

/* ---- the first layer ---- */

struct unit {
    const double *row;
    double strength;
};

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    if (x->strength != y->strength)
        return x->strength < y->strength ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static double norm(const double *numbers, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; ++i)
        sum += numbers[i * stride] * numbers[i * stride];
    return sqrt(sum);
}

/* How far the answers depend on a hidden unit: the lengths of what goes into it and of what comes out of it. */
static double strength_of(const struct hg_model *model, size_t unit)
{
    const size_t features = hg_model_features(model), hidden = hg_model_hidden(model);
    const double *values = hg_model_values(model), *w2 = values + hidden * (features + 1);
    const double in = norm(values + unit * features, features, 1);
    return hg_model_kind(model) == HG_MLP ? in * norm(w2 + unit, hg_model_classes(model), hidden) : in;
}

static enum hg_status sort_units(struct unit **out, const struct hg_model *model)
{
    const size_t hidden = hg_model_hidden(model);
    HG_TRY(hg_allocate(out, hidden, "the hidden units"));
    for (size_t i = 0; i < hidden; ++i)
        (*out)[i] = (struct unit){hg_model_values(model) + i * hg_model_features(model), strength_of(model, i)};
    qsort(*out, hidden, sizeof **out, compare_units);
    return HG_OK;
}

static enum hg_status add_first_layer(struct hg_html *page, const struct hg_report_run *run,
                                      const struct hg_report_shape *shape)
{
    const size_t hidden = hg_model_hidden(run->model);
    const size_t room = run->budget * HG_REPORT_FEATURES_SHARE / 100 / hg_report_shape_numbers(shape);
    size_t count = hidden < SHOWN ? hidden : SHOWN;
    count = room < count ? (room ? room : 1) : count;
    const double *rows[SHOWN];
    struct unit *units;
    HG_TRY(sort_units(&units, run->model));
    for (size_t i = 0; i < count; ++i)
        rows[i] = units[i].row;
    free(units);
    hg_html_element(page, "p", "%s %zu rows of %s%s. Grey is 0; each row has its own scale.",
                    count < hidden ? "The" : "All", count, hg_model_kind(run->model) == HG_MLP ? "W1" : "W",
                    count == hidden                       ? ""
                    : hg_model_kind(run->model) == HG_MLP ? " whose hidden units the answers depend on most"
                                                          : " that are longest");
    return add_rows(page, shape, rows, NULL, count, hg_model_features(run->model), "rows of weights as images");
}

/* Of samples that are no images: how strongly each feature enters. */
static enum hg_status add_feature_strengths(struct hg_html *page, const struct hg_report_run *run)
{
    const size_t features = hg_model_features(run->model), shown = features < FEATURES ? features : FEATURES;
    double most = 0;
    for (size_t d = 0; d < features; ++d)
        most = fmax(most, norm(hg_model_values(run->model) + d, hg_model_hidden(run->model), features));
    hg_html_element(
        page, "p", "How long a feature's column of %s is: with equal spreads, how far the %s units depend on it.%s",
        hg_model_kind(run->model) == HG_MLP ? "W1" : "W", hg_model_kind(run->model) == HG_MLP ? "hidden" : "latent",
        shown < features ? " The first ones." : "");
    hg_html_markup(page, "<table class=\"bars\"><tbody>\n");
    for (size_t d = 0; d < shown; ++d) {
        char heading[HG_REPORT_NAME];
        const double length = norm(hg_model_values(run->model) + d, hg_model_hidden(run->model), features);
        hg_html_markup(page, "<tr>");
        hg_html_element(page, "th scope=\"row\"", "%s", hg_report_feature_heading(heading, run, d) + 1);
        hg_html_markup(page, "<td class=\"number\">%.4g</td><td><span style=\"--w:%.1f%%\"></span></td></tr>\n", length,
                       most > 0 ? 100 * length / most : 0);
    }
    hg_html_markup(page, "</tbody></table>\n");
    return HG_OK;
}

/* ---- principal directions ---- */

/* Angles that are not told from 0 (host/training/principal.h) are 0. */
static double degrees(double radians)
{
    return radians < 2e-7 ? 0 : radians * 180 / M_PI;
}

static void add_angles(struct hg_html *page, const struct hg_principal *p)
{
    if (p->angle_count == 0)
        hg_html_element(page, "p",
                        p->rank == 0 ? "W is 0, and spans no direction at all."
                                     : "The data are 0, and have no principal components.");
    else
        hg_html_element(
            page, "p",
            "The space that W spans is at an angle of at most %.3g° to that of the %zu principal components; "
            "the median of the principal angles is %.3g°. Where all are 0° it is the best possible.",
            degrees(p->angles[p->angle_count - 1]), p->angle_count, degrees(p->angles[p->angle_count / 2]));
    if (p->rank > 0 && p->rank < p->latent)
        hg_html_element(page, "p", "The %zu rows of W span %zu directions alone.", p->latent, p->rank);
}

static enum hg_status add_plots(struct hg_html *page, const struct hg_principal *p)
{
    double *numbers;
    HG_TRY(hg_allocate(&numbers, 2 * p->latent, "the points of a plot"));
    double *places = numbers, *angles = numbers + p->latent;
    for (size_t i = 0; i < p->latent; ++i)
        places[i] = (double)(i + 1);
    for (size_t i = 0; i < p->angle_count; ++i)
        angles[i] = degrees(p->angles[i]);
    hg_html_markup(page, "<div class=\"plots\">\n");
    hg_plot_add(page,
                &(struct hg_plot){
                    .title = "Principal angles",
                    .x_label = "from the smallest to the largest",
                    .y_label = "degrees",
                    .x_kind = HG_AXIS_WHOLE,
                    .series = &(struct hg_series){.name = "angle", .count = p->angle_count, .x = places, .y = angles},
                    .count = 1});
    const struct hg_series moments[] = {
        {.name = "principal components", .count = p->latent, .x = places, .y = p->values},
        {.name = "learned directions", .count = p->rank, .x = places, .y = p->moments}};
    hg_plot_add(page, &(struct hg_plot){.title = "What each direction holds of the data",
                                        .x_label = "direction",
                                        .y_label = "second moment along it, logarithmic",
                                        .x_kind = HG_AXIS_WHOLE,
                                        .y_kind = HG_AXIS_LOG,
                                        .series = moments,
                                        .count = 2});
    hg_html_markup(page, "</div>\n");
    free(numbers);
    return HG_OK;
}

static enum hg_status add_pairs(struct hg_html *page, const struct hg_principal *p, const struct hg_report_shape *shape)
{
    const double *directions[PAIRS], *components[PAIRS];
    const size_t count = p->rank < PAIRS ? p->rank : PAIRS;
    for (size_t i = 0; i < count; ++i) {
        directions[i] = p->directions + i * p->features;
        components[i] = p->components + i * p->features;
    }
    hg_html_element(page, "p",
                    "The rows of W, rotated to its principal directions, each over the true principal component: "
                    "the first %zu, by the data's second moment.",
                    count);
    return add_rows(page, shape, directions, components, count, p->features,
                    "principal directions of W, each over the principal component of the data");
}

/* Of samples that are no images. */
static void add_pair_table(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_principal *p = &run->principal;
    const size_t pairs = p->rank < TABLE_PAIRS ? p->rank : TABLE_PAIRS;
    const size_t shown = p->features < FEATURES ? p->features : FEATURES, columns = 1 + 2 * pairs;
    char names[2 * TABLE_PAIRS][HG_REPORT_NAME];
    const char *headings[1 + 2 * TABLE_PAIRS] = {"feature"};
    for (size_t i = 0; i < 2 * pairs; ++i) {
        snprintf(names[i], sizeof names[i], ">%s %zu", i % 2 ? "component" : "learned", i / 2 + 1);
        headings[1 + i] = names[i];
    }
    hg_html_table_begin(page,
                        "The rows of W, rotated to its principal directions, beside the true principal components.",
                        headings, columns);
    for (size_t d = 0; d < shown; ++d) {
        char feature[HG_REPORT_NAME], numbers[2 * TABLE_PAIRS][HG_REPORT_NUMBER];
        const char *cells[1 + 2 * TABLE_PAIRS] = {hg_report_feature_heading(feature, run, d) + 1};
        for (size_t i = 0; i < 2 * pairs; ++i) {
            const double *from = i % 2 ? p->components : p->directions;
            snprintf(numbers[i], sizeof numbers[i], "%.4f", from[i / 2 * p->features + d]);
            cells[1 + i] = numbers[i];
        }
        hg_html_table_row(page, headings, cells, columns);
    }
    hg_html_table_end(page);
}

enum hg_status hg_report_add_features(struct hg_html *page, const struct hg_report_run *run)
{
    struct hg_report_shape shape;
    if (!run->model)
        return HG_OK;
    const bool images = hg_report_shape_of(&shape, run);
    hg_html_element(page, "h2", "What it has learned");
    if (run->principal.latent > 0) {
        add_angles(page, &run->principal);
        if (run->principal.rank > 0) {
            if (images)
                HG_TRY(add_pairs(page, &run->principal, &shape));
            else
                add_pair_table(page, run);
            HG_TRY(add_plots(page, &run->principal));
        }
    }
    return images ? add_first_layer(page, run, &shape) : add_feature_strengths(page, run);
}
