/* Plots as SVG, for pages and as files.
 *
 * Lines differ by colour, dashes and marks, so that no reader depends on colours, and are right on light and on dark
 * paper. A plot of very many points shows the least and the largest of each column of pixels, and stays small. */
#ifndef HANDGRAD_SRC_OUTPUT_PLOT_H
#define HANDGRAD_SRC_OUTPUT_PLOT_H

#include <stddef.h>

#include "src/output/axis.h"
#include "src/output/html.h"

/* A line. One without points is left out, in the legend too, and yet has its place among the others: what has the same
 * place in several plots looks alike in all of them. */
struct hg_series {
    const char *name;
    size_t count;
    const double *x, *y; /* [count], x ascending; a point that an axis cannot show is a gap in the line */
    /* A point with a ring around it, and the text beside it, which may be empty; text NULL: no ring. */
    size_t noted;
    const char *note;
};

struct hg_plot {
    const char *title;       /* above the plot, and what a screen reader says */
    const char *description; /* read after it; NULL: the names of the series and their last values */
    const char *x_label, *y_label;
    enum hg_axis_kind x_kind, y_kind;
    const struct hg_series *series; /* [count] */
    size_t count;
};

/* Adds an <svg> to a page, whose style is that of hg_html_begin. All texts are escaped. */
void hg_plot_add(struct hg_html *page, const struct hg_plot *plot);

/* Whether a picture of that name can be written here, to be asked before long work. HG_USAGE: the name ends neither in
 * .svg nor in .png; HG_UNAVAILABLE: in .png, which takes a program that is not installed (svg_render.h). */
enum hg_status hg_plot_require(const char *file);

/* Replaces `file` as a whole by the picture, as SVG, or as PNG where its name ends so. HG_CANNOT_CREATE, HG_IO,
 * HG_INTERNAL, HG_UNAVAILABLE. */
enum hg_status hg_plot_write(const char *file, const struct hg_plot *plot);

#endif
