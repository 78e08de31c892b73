/* How a classifier does on each class. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "src/report/report.h"

enum { SHOWN = 50 /* of very many classes, the worst */ };

static const char *const score_headings[] = {"class", ">samples", ">answers", ">recall, %", ">precision, %", ">F1, %"};
enum { SCORE_COLUMNS = sizeof score_headings / sizeof *score_headings };

/* A ratio in percent; a dash where there is none. */
static const char *percent(char *out, double ratio)
{
    snprintf(out, HG_REPORT_NUMBER, isfinite(ratio) ? "%.2f" : "–", 100 * ratio);
    return out;
}

static void add_score(struct hg_html *page, const struct hg_report_run *run, size_t class_index)
{
    const struct hg_class_score *s = &run->confusion.scores[class_index];
    char name[HG_REPORT_NAME], numbers[SCORE_COLUMNS - 1][HG_REPORT_NUMBER];
    hg_html_table_row(page, score_headings,
                      (const char *[]){hg_report_class(name, run, class_index), hg_report_count(numbers[0], s->support),
                                       hg_report_count(numbers[1], s->predicted), percent(numbers[2], s->recall),
                                       percent(numbers[3], s->precision), percent(numbers[4], s->f1)},
                      SCORE_COLUMNS);
}

struct place {
    double f1;
    size_t class_index;
};

/* A class whose F1 is not known has no samples, and comes last. */
static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    const double of_x = isnan(x->f1) ? INFINITY : x->f1, of_y = isnan(y->f1) ? INFINITY : y->f1;
    if (of_x != of_y)
        return of_x < of_y ? -1 : 1;
    return x->class_index < y->class_index ? -1 : x->class_index > y->class_index;
}

enum hg_status hg_report_add_scores(struct hg_html *page, const struct hg_report_run *run)
{
    const struct hg_confusion *c = &run->confusion;
    const bool all = c->classes <= HG_REPORT_MATRIX;
    struct place *order;
    char caption[256];
    HG_TRY(hg_allocate(&order, c->classes, "the order of the classes"));
    for (size_t i = 0; i < c->classes; ++i)
        order[i] = (struct place){c->scores[i].f1, i};
    if (!all)
        qsort(order, c->classes, sizeof *order, compare_places);
    snprintf(caption, sizeof caption,
             "%sRecall: of a class's samples, the part that is found. Precision: of its answers, the part that is "
             "right. F1: "
             "their harmonic mean.",
             all ? "" : "The classes with the least F1. ");
    hg_html_table_begin(page, caption, score_headings, SCORE_COLUMNS);
    for (size_t i = 0; i < c->classes && (all || i < SHOWN); ++i)
        add_score(page, run, order[i].class_index);
    hg_html_table_end(page);
    free(order);
    return HG_OK;
}
