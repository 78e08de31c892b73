/* What a classifier takes for what: the confusion matrix, and images of its cells. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/runs/trained_model.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/report/images.h"
#include "src/report/report.h"

enum {
    LIST = 50,       /* entries of that list */
    COLUMN_NAME = 9, /* bytes of a name that may stand over a column */
    GALLERIES = 120, /* cells that have images */
    IMAGES = 10,     /* of a cell */
    SEARCHED = 20    /* chunks of HG_MODEL_ROWS samples in which right answers are looked for */
};

/* Images of one cell of the matrix. */
struct gallery {
    size_t truth, predicted, cases;
    size_t samples[IMAGES], count;
};

struct galleries {
    const struct hg_report_run *run;
    struct gallery *cells;
    size_t count;
    size_t most;      /* images of a cell */
    uint8_t *numbers; /* [classes][classes]: 1 + the index of its gallery; 0: none */
};

static void galleries_free(struct galleries *g)
{
    free(g->numbers);
    free(g->cells);
}

static size_t cases_of(const struct hg_confusion *c, size_t truth, size_t predicted)
{
    return c->counts[truth * c->classes + predicted];
}

/* Mistakes come before right answers, and among these, frequent cells before rare ones. */
static int compare_cells(const void *a, const void *b)
{
    const struct gallery *x = a, *y = b;
    const bool x_right = x->truth == x->predicted, y_right = y->truth == y->predicted;
    if (x_right != y_right)
        return x_right - y_right;
    if (x->cases != y->cases)
        return x->cases < y->cases ? 1 : -1;
    const size_t x_place = x->truth << 16 | x->predicted, y_place = y->truth << 16 | y->predicted;
    return x_place < y_place ? -1 : x_place > y_place;
}

/* The cells that have cases, in order of compare_cells; of right answers only where there is a matrix. */
static enum hg_status choose_cells(struct galleries *g)
{
    const struct hg_confusion *c = &g->run->confusion;
    HG_TRY(hg_allocate(&g->cells, c->classes * c->classes, "the cells of the confusion matrix"));
    HG_TRY(hg_allocate(&g->numbers, c->classes * c->classes, "the cells of the confusion matrix"));
    for (size_t truth = 0; truth < c->classes; ++truth)
        for (size_t predicted = 0; predicted < c->classes; ++predicted)
            if (cases_of(c, truth, predicted) > 0 && (truth != predicted || c->classes <= HG_REPORT_MATRIX))
                g->cells[g->count++] =
                    (struct gallery){.truth = truth, .predicted = predicted, .cases = cases_of(c, truth, predicted)};
    qsort(g->cells, g->count, sizeof *g->cells, compare_cells);
    g->count = g->count < GALLERIES ? g->count : GALLERIES;
    for (size_t i = 0; i < g->count; ++i)
        g->numbers[g->cells[i].truth * c->classes + g->cells[i].predicted] = (uint8_t)(i + 1);
    return HG_OK;
}

/* Adds a sample to its cell, where that has room. */
static void add_sample(struct galleries *g, size_t truth, size_t predicted, size_t index)
{
    const size_t number = g->numbers[truth * g->run->confusion.classes + predicted];
    struct gallery *cell = number ? &g->cells[number - 1] : NULL;
    if (cell && cell->count < g->most)
        cell->samples[cell->count++] = index;
}

/* The first right answers of each class. */
static enum hg_status find_right_answers(struct galleries *g)
{
    const struct hg_report_run *run = g->run;
    const size_t samples = hg_dataset_count(run->judged), classes = run->confusion.classes;
    const uint8_t *labels = hg_dataset_labels(run->judged);
    float *logits;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&logits, HG_MODEL_ROWS, classes * sizeof *logits, "the model's answers"));
    for (size_t first = 0; first < samples && first < SEARCHED * HG_MODEL_ROWS; first += HG_MODEL_ROWS) {
        const size_t rows = samples - first < HG_MODEL_ROWS ? samples - first : HG_MODEL_ROWS;
        HG_TRY_OR_CLEANUP(hg_model_outputs(run->model, run->judged, first, rows, logits));
        for (size_t b = 0; b < rows; ++b) {
            const size_t predicted = hg_predicted_class(logits + b * classes, classes);
            if (predicted == labels[first + b])
                add_sample(g, predicted, predicted, first + b);
        }
    }
cleanup:
    free(logits);
    return status;
}

static enum hg_status fill(struct galleries *g, const struct hg_report_shape *shape)
{
    const struct hg_confusion *c = &g->run->confusion;
    HG_TRY(choose_cells(g));
    const size_t room = g->run->budget * HG_REPORT_CONFUSION_SHARE / 100;
    g->most = room / (hg_report_shape_numbers(shape) * (g->count ? g->count : 1));
    g->most = g->most < 1 ? 1 : g->most > IMAGES ? IMAGES : g->most;
    for (size_t i = 0; i < c->mistake_count; ++i)
        add_sample(g, c->mistakes[i].truth, c->mistakes[i].predicted, c->mistakes[i].index);
    return c->classes <= HG_REPORT_MATRIX ? find_right_answers(g) : HG_OK;
}

/* ---- on the page ---- */

/* A number of cases, as a link to its images if it has some. */
static void add_cases(const struct galleries *g, struct hg_html *page, size_t truth, size_t predicted)
{
    const struct hg_confusion *c = &g->run->confusion;
    const size_t number = g->numbers ? g->numbers[truth * c->classes + predicted] : 0;
    const size_t cases = cases_of(c, truth, predicted);
    if (number && g->cells[number - 1].count > 0)
        hg_html_markup(page, "<a href=\"#r%zu-%zu-%zu\">%zu</a>", g->run->number, truth, predicted, cases);
    else if (cases > 0)
        hg_html_markup(page, "%zu", cases);
}

/* How strongly a cell is coloured, 0 to 1: a mistake beside the most frequent one, a right answer by its part. */
static double strength(const struct hg_confusion *c, size_t truth, size_t predicted, size_t most)
{
    const double cases = (double)cases_of(c, truth, predicted);
    if (cases == 0)
        return 0;
    return truth == predicted ? 0.45 * cases / (double)c->scores[truth].support
                              : 0.1 + 0.6 * sqrt(cases / (double)most);
}

/* Names that are too long to stand over columns; the columns then have numbers, which the rows have, too. */
static bool names_are_long(const struct hg_report_run *run)
{
    char name[HG_REPORT_NAME];
    for (size_t i = 0; i < run->confusion.classes; ++i)
        if (strlen(hg_report_class(name, run, i)) > COLUMN_NAME)
            return true;
    return false;
}

static void add_matrix(const struct galleries *g, struct hg_html *page)
{
    const struct hg_confusion *c = &g->run->confusion;
    const bool numbered = names_are_long(g->run);
    char name[HG_REPORT_NAME];
    size_t most = 1;
    for (size_t truth = 0; truth < c->classes; ++truth)
        for (size_t predicted = 0; predicted < c->classes; ++predicted)
            if (truth != predicted && cases_of(c, truth, predicted) > most)
                most = cases_of(c, truth, predicted);
    hg_html_markup(page,
                   "<div class=\"scroll\"><table class=\"confusion\"><caption>Each row is a class, each column an "
                   "answer.</caption><thead><tr><th></th>");
    for (size_t i = 0; i < c->classes; ++i)
        if (numbered)
            hg_html_element(page, "th scope=\"col\"", "%zu", i);
        else
            hg_html_element(page, "th scope=\"col\"", "%s", hg_report_class(name, g->run, i));
    hg_html_markup(page, "</tr></thead>\n<tbody>");
    for (size_t truth = 0; truth < c->classes; ++truth) {
        hg_html_markup(page, "<tr>");
        if (numbered)
            hg_html_element(page, "th scope=\"row\"", "%s: %zu", hg_report_class(name, g->run, truth), truth);
        else
            hg_html_element(page, "th scope=\"row\"", "%s", hg_report_class(name, g->run, truth));
        for (size_t predicted = 0; predicted < c->classes; ++predicted) {
            hg_html_markup(page, "<td class=\"%s\" style=\"--a:%.2f\">", truth == predicted ? "right" : "wrong",
                           strength(c, truth, predicted, most));
            add_cases(g, page, truth, predicted);
            hg_html_markup(page, "</td>");
        }
        hg_html_markup(page, "</tr>\n");
    }
    hg_html_markup(page, "</tbody></table></div>\n");
}

/* The most frequent confusions of many classes. */
static void add_list(const struct galleries *g, struct hg_html *page)
{
    static const char *const headings[] = {"class", "taken for", ">samples", ">% of the class"};
    char truth[HG_REPORT_NAME], predicted[HG_REPORT_NAME];
    hg_html_table_begin(page, "The most frequent confusions.", headings, 4);
    for (size_t i = 0; i < g->count && i < LIST; ++i) {
        const struct gallery *cell = &g->cells[i];
        hg_html_markup(page, "<tr>");
        hg_html_element(page, "th scope=\"row\"", "%s", hg_report_class(truth, g->run, cell->truth));
        hg_html_element(page, "td", "%s", hg_report_class(predicted, g->run, cell->predicted));
        hg_html_markup(page, "<td class=\"number\">");
        add_cases(g, page, cell->truth, cell->predicted);
        hg_html_markup(page, "</td><td class=\"number\">%.2f</td></tr>\n",
                       100 * (double)cell->cases / (double)g->run->confusion.scores[cell->truth].support);
    }
    hg_html_table_end(page);
}

static enum hg_status add_gallery(const struct galleries *g, struct hg_html *page, const struct hg_report_shape *shape,
                                  const struct gallery *cell)
{
    char truth[HG_REPORT_NAME], predicted[HG_REPORT_NAME], cases[HG_REPORT_NUMBER];
    float *images = NULL;
    enum hg_status status;
    hg_report_class(truth, g->run, cell->truth);
    hg_report_class(predicted, g->run, cell->predicted);
    HG_TRY_OR_CLEANUP(hg_report_images(&images, shape, g->run->judged, cell->samples, cell->count));
    hg_html_markup(page, "<figure id=\"r%zu-%zu-%zu\"><figcaption>", g->run->number, cell->truth, cell->predicted);
    if (cell->truth == cell->predicted)
        hg_html_text(page, "%s, right: %s", truth, hg_report_count(cases, cell->cases));
    else
        hg_html_text(page, "%s taken for %s: %s", truth, predicted, hg_report_count(cases, cell->cases));
    hg_html_markup(page, "</figcaption>");
    status = hg_report_add_images(page, shape, cell->count, IMAGES, images, NULL, "%zu of them", cell->count);
    hg_html_markup(page, "</figure>\n");
cleanup:
    free(images);
    return status;
}

static enum hg_status add_galleries(const struct galleries *g, struct hg_html *page,
                                    const struct hg_report_shape *shape)
{
    hg_html_markup(page, "<h3>Images of the cells</h3>\n");
    hg_html_element(page, "p class=\"quiet\"",
                    "At most %zu of each: of mistakes the most confident, of right answers the first.", g->most);
    hg_html_markup(page, "<div class=\"galleries\">\n");
    for (size_t i = 0; i < g->count; ++i)
        if (g->cells[i].count > 0)
            HG_TRY(add_gallery(g, page, shape, &g->cells[i]));
    hg_html_markup(page, "</div>\n");
    return HG_OK;
}

enum hg_status hg_report_add_confusion(struct hg_html *page, const struct hg_report_run *run)
{
    if (run->confusion.samples == 0)
        return HG_OK;
    struct galleries g = {.run = run};
    struct hg_report_shape shape;
    const bool images = hg_report_shape_of(&shape, run);
    enum hg_status status = HG_OK;
    HG_TRY_OR_CLEANUP(images ? fill(&g, &shape) : choose_cells(&g));
    hg_html_element(page, "h2", "What is taken for what");
    hg_html_markup(page, "<div class=\"side\">\n");
    if (run->confusion.classes <= HG_REPORT_MATRIX)
        add_matrix(&g, page);
    else
        add_list(&g, page);
    HG_TRY_OR_CLEANUP(hg_report_add_scores(page, run));
    hg_html_markup(page, "</div>\n");
    if (images)
        HG_TRY_OR_CLEANUP(add_galleries(&g, page, &shape));
cleanup:
    galleries_free(&g);
    return status;
}
