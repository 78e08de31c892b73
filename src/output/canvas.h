/* A plot that is being drawn: what its parts, in plot.c and note.c, have in common. */
#ifndef HANDGRAD_SRC_OUTPUT_CANVAS_H
#define HANDGRAD_SRC_OUTPUT_CANVAS_H

#include <stdbool.h>

#include "src/output/plot.h"

/* In units of the picture, which a page may show somewhat smaller or larger. */
enum {
    HG_PLOT_WIDTH = 480,
    HG_PLOT_TEXT = 13, /* height of the letters */
    HG_PLOT_COLOURS = 6
};

struct hg_canvas {
    struct hg_html *page;
    const struct hg_plot *plot;
    struct hg_axis x, y;
    bool empty; /* no point that the axes can show */
};

/* Whether point i has a place. */
static inline bool hg_plot_shows(const struct hg_plot *plot, const struct hg_series *s, size_t i)
{
    return hg_axis_shows(plot->x_kind, s->x[i]) && hg_axis_shows(plot->y_kind, s->y[i]);
}

/* The rings of all series, and their texts where there is room: they lie on no other text, and on as few lines as may
 * be. */
void hg_plot_add_notes(const struct hg_canvas *canvas);

#endif
