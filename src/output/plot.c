#include "src/output/plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/try.h"
#include "src/output/canvas.h"
#include "src/output/svg_render.h"
#include "src/output/svg_text.h"

enum {
    INNER_HEIGHT = 220,
    MARGIN = 14, /* right of the axes, and around everything */
    TITLE = 15,
    LINE = 19,   /* from line to line */
    SAMPLE = 30, /* of a line in the legend */
    DASHES = 5,  /* no factor in common with the colours: 30 lines that differ */
    MARKS = 7,
    FEW = 25,     /* points that each have a mark */
    SPARSE = 8,   /* marks on a line of more */
    POINTS = 6000 /* of all lines together */
};

static void fit_axes(struct hg_canvas *canvas)
{
    const struct hg_plot *plot = canvas->plot;
    double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
    for (size_t k = 0; k < plot->count; ++k)
        for (size_t i = 0; i < plot->series[k].count; ++i) {
            if (!hg_plot_shows(plot, &plot->series[k], i))
                continue;
            x[0] = fmin(x[0], plot->series[k].x[i]);
            x[1] = fmax(x[1], plot->series[k].x[i]);
            y[0] = fmin(y[0], plot->series[k].y[i]);
            y[1] = fmax(y[1], plot->series[k].y[i]);
        }
    canvas->empty = x[0] > x[1];
    if (canvas->empty)
        x[0] = x[1] = y[0] = y[1] = 1;
    hg_axis_fit(&canvas->x, plot->x_kind, x[0], x[1]);
    hg_axis_fit(&canvas->y, plot->y_kind, y[0], y[1]);
}

static void add_axes(struct hg_canvas *canvas)
{
    struct hg_html *page = canvas->page;
    const struct hg_axis *x = &canvas->x, *y = &canvas->y;
    double last_end = -INFINITY;
    hg_html_markup(page, "<g class=\"axis y\">");
    for (size_t i = 0; i < y->tick_count; ++i) {
        const double at = hg_axis_place(y, y->ticks[i].value);
        hg_html_markup(page, "<path d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" dy=\".35em\">%s</text>", x->from,
                       at, x->to, x->from - 6, at, y->ticks[i].label);
    }
    hg_html_markup(page, "</g><g class=\"axis x\">");
    for (size_t i = 0; i < x->tick_count; ++i) {
        const double at = hg_axis_place(x, x->ticks[i].value);
        const double half = hg_svg_text_width(x->ticks[i].label, HG_PLOT_TEXT) / 2;
        hg_html_markup(page, "<path d=\"M%.1f %.1fv5\"/>", at, y->from);
        if (at - half < last_end || at + half > HG_PLOT_WIDTH)
            continue; /* no room for its label */
        last_end = at + half + 4;
        hg_html_markup(page, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", at, y->from + LINE, x->ticks[i].label);
    }
    hg_html_markup(page, "</g><path class=\"frame\" d=\"M%.1f %.1fV%.1fH%.1f\"/>", x->from, y->to, y->from, x->to);
}

/* A line under way. */
struct pen {
    struct hg_html *page;
    bool down;
};

static void draw_to(struct pen *pen, double x, double y)
{
    hg_html_markup(pen->page, "%c%.1f %.1f", pen->down ? 'L' : 'M', x, y);
    if (!pen->down)
        hg_html_markup(pen->page, "h0"); /* a point without neighbours is seen, too */
    pen->down = true;
}

/* The points of a column of pixels that decide how its line looks: the first, the least, the largest and the last. */
struct column {
    size_t first, least, largest, last, count;
};

static void draw_column(struct pen *pen, const struct hg_canvas *canvas, const struct hg_series *s,
                        struct column *column)
{
    const bool falling = column->largest < column->least;
    const size_t points[] = {column->first, falling ? column->largest : column->least,
                             falling ? column->least : column->largest, column->last};
    for (size_t i = 0; column->count > 0 && i < 4; ++i)
        if (i == 0 || points[i] > points[i - 1])
            draw_to(pen, hg_axis_place(&canvas->x, s->x[points[i]]), hg_axis_place(&canvas->y, s->y[points[i]]));
    column->count = 0;
}

static void add_line(const struct hg_canvas *canvas, const struct hg_series *s, double column_width)
{
    struct pen pen = {.page = canvas->page};
    struct column column = {0};
    double place = 0;
    for (size_t i = 0; i < s->count; ++i) {
        if (!hg_plot_shows(canvas->plot, s, i)) {
            draw_column(&pen, canvas, s, &column);
            pen.down = false;
            continue;
        }
        const double at = floor(hg_axis_place(&canvas->x, s->x[i]) / column_width);
        if (column.count > 0 && at != place)
            draw_column(&pen, canvas, s, &column);
        if (column.count == 0)
            column = (struct column){.first = i, .least = i, .largest = i};
        place = at;
        column.least = s->y[i] < s->y[column.least] ? i : column.least;
        column.largest = s->y[i] > s->y[column.largest] ? i : column.largest;
        column.last = i;
        ++column.count;
    }
    draw_column(&pen, canvas, s, &column);
}

static void add_mark(struct hg_html *page, size_t index, double x, double y)
{
    static const char *const shapes[MARKS] = {"m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
                                              "m-3.5-3.5h7v7h-7z",
                                              "m0-4.5l4.5 8h-9z",
                                              "m0-5l5 5l-5 5l-5-5z",
                                              "m0 4.5l4.5-8h-9z",
                                              "m-5-1.5h10v3h-10z",
                                              "m-1.5-5h3v10h-3z"};
    hg_html_markup(page, "M%.1f %.1f%s", x, y, shapes[index % MARKS]);
}

/* On every point of a short line, on a few of a long one. */
static void add_marks(const struct hg_canvas *canvas, const struct hg_series *s, size_t index)
{
    size_t shown = 0, seen = 0, due = 0;
    for (size_t i = 0; i < s->count; ++i)
        shown += hg_plot_shows(canvas->plot, s, i);
    const size_t every = shown <= FEW ? 1 : shown / SPARSE;
    for (size_t i = 0; i < s->count; ++i) {
        if (!hg_plot_shows(canvas->plot, s, i))
            continue;
        if (seen++ == due) {
            add_mark(canvas->page, index, hg_axis_place(&canvas->x, s->x[i]), hg_axis_place(&canvas->y, s->y[i]));
            due += every;
        }
    }
}

static void add_series(const struct hg_canvas *canvas, size_t index)
{
    const struct hg_series *s = &canvas->plot->series[index];
    if (s->count == 0)
        return;
    const double column_width = fmax(1, 4.0 * (canvas->x.to - canvas->x.from) * (double)canvas->plot->count / POINTS);
    hg_html_markup(canvas->page, "<path class=\"line c%zu d%zu\" d=\"", index % HG_PLOT_COLOURS, index % DASHES);
    add_line(canvas, s, column_width);
    hg_html_markup(canvas->page, "\"/><path class=\"mark c%zu\" d=\"", index % HG_PLOT_COLOURS);
    add_marks(canvas, s, index);
    hg_html_markup(canvas->page, "\"/>");
}

/* Entries side by side in lines from `top` on. Returns the place below; draws where `page` is not NULL. */
static double add_legend(struct hg_html *page, const struct hg_plot *plot, double top)
{
    const double room = HG_PLOT_WIDTH - 2 * MARGIN;
    double left = MARGIN, y = top;
    for (size_t k = 0; plot->count > 1 && k < plot->count; ++k) {
        if (plot->series[k].count == 0)
            continue;
        const double text = fmin(hg_svg_text_width(plot->series[k].name, HG_PLOT_TEXT), room - SAMPLE - 8);
        if (left > MARGIN && left + SAMPLE + 8 + text > HG_PLOT_WIDTH - MARGIN) {
            left = MARGIN;
            y += LINE;
        }
        if (page) {
            hg_html_markup(page, "<g>");
            hg_html_element(page, "title", "%s", plot->series[k].name);
            hg_html_markup(page, "<path class=\"line c%zu d%zu\" d=\"M%.1f %.1fh%d\"/><path class=\"mark c%zu\" d=\"",
                           k % HG_PLOT_COLOURS, k % DASHES, left, y - 4, SAMPLE, k % HG_PLOT_COLOURS);
            add_mark(page, k, left + SAMPLE / 2.0, y - 4);
            hg_html_markup(page, "\"/><text x=\"%.1f\" y=\"%.1f\">", left + SAMPLE + 8, y);
            hg_svg_add_text(page, plot->series[k].name, HG_PLOT_TEXT, room - SAMPLE - 8);
            hg_html_markup(page, "</text></g>");
        }
        left += SAMPLE + 8 + text + 16;
    }
    return y + (plot->count > 1 ? LINE : 0);
}

static void add_description(struct hg_canvas *canvas)
{
    const struct hg_plot *plot = canvas->plot;
    hg_html_element(canvas->page, "title", "%s", plot->title);
    if (plot->description) {
        hg_html_element(canvas->page, "desc", "%s", plot->description);
        return;
    }
    hg_html_markup(canvas->page, "<desc>");
    const char *between = "";
    for (size_t k = 0; k < plot->count; ++k) {
        const struct hg_series *s = &plot->series[k];
        size_t last = s->count;
        while (last > 0 && !hg_plot_shows(plot, s, last - 1))
            --last;
        if (last == 0)
            continue;
        hg_html_text(canvas->page, "%s%s: %.5g at %s %.5g", between, s->name, s->y[last - 1], plot->x_label,
                     s->x[last - 1]);
        between = "; ";
    }
    hg_html_markup(canvas->page, "</desc>");
}

/* Places the parts, from the top: title, name of the y axis, the plot itself, the x axis, the legend. Returns the
 * height of it all. */
static double lay_out(struct hg_canvas *canvas)
{
    double widest = 0;
    for (size_t i = 0; i < canvas->y.tick_count; ++i)
        widest = fmax(widest, hg_svg_text_width(canvas->y.ticks[i].label, HG_PLOT_TEXT));
    canvas->x.from = MARGIN + widest;
    canvas->x.to = HG_PLOT_WIDTH - MARGIN;
    canvas->y.to = 2 * LINE + MARGIN;
    canvas->y.from = canvas->y.to + INNER_HEIGHT;
    return add_legend(NULL, canvas->plot, canvas->y.from + 3 * LINE + 4) - HG_PLOT_TEXT + MARGIN;
}

static void draw(struct hg_html *page, const struct hg_plot *plot, const char *style)
{
    struct hg_canvas canvas = {.page = page, .plot = plot};
    fit_axes(&canvas);
    const double height = lay_out(&canvas);
    hg_html_markup(page,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" viewBox=\"0 0 %d %.0f\"%s>",
                   HG_PLOT_WIDTH, height, style ? " width=\"720\"" : "");
    add_description(&canvas);
    if (style)
        hg_html_markup(page, "<style>%s</style><rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>", style);
    hg_html_markup(page, "<text class=\"title\" x=\"%d\" y=\"%d\">", MARGIN, LINE);
    hg_svg_add_text(page, plot->title, TITLE, HG_PLOT_WIDTH - 2 * MARGIN);
    hg_html_markup(page, "</text><text x=\"%d\" y=\"%d\">", MARGIN, 2 * LINE + 2);
    hg_svg_add_text(page, plot->y_label, HG_PLOT_TEXT, HG_PLOT_WIDTH - 2 * MARGIN);
    hg_html_markup(page, "</text>");
    const double middle = (canvas.x.from + canvas.x.to) / 2;
    if (canvas.empty) {
        hg_html_markup(page, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">nothing to show</text>", middle,
                       (canvas.y.from + canvas.y.to) / 2);
    } else {
        add_axes(&canvas);
        for (size_t k = 0; k < plot->count; ++k)
            add_series(&canvas, k);
        hg_plot_add_notes(&canvas);
    }
    hg_html_markup(page, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">", middle, canvas.y.from + 2 * LINE);
    hg_svg_add_text(page, plot->x_label, HG_PLOT_TEXT, canvas.x.to - canvas.x.from);
    hg_html_markup(page, "</text>");
    add_legend(page, plot, canvas.y.from + 3 * LINE + 4);
    hg_html_markup(page, "</svg>\n");
}

void hg_plot_add(struct hg_html *page, const struct hg_plot *plot)
{
    draw(page, plot, NULL);
}

static const char PNG[] = ".png", SVG[] = ".svg";

static bool ends_in(const char *file, const char *ending)
{
    const size_t length = strlen(file), wanted = strlen(ending);
    return length > wanted && strcmp(file + length - wanted, ending) == 0;
}

enum hg_status hg_plot_require(const char *file)
{
    if (ends_in(file, PNG))
        return hg_svg_renderer_require();
    return ends_in(file, SVG) ? HG_OK : hg_fail(HG_USAGE, "plot: '%s' ends neither in .svg nor in .png", file);
}

enum hg_status hg_plot_write(const char *file, const struct hg_plot *plot)
{
    struct hg_html page = {0};
    draw(&page, plot, hg_plot_style);
    if (!ends_in(file, PNG))
        return hg_html_write(file, &page);
    char *svg = NULL;
    const size_t length = page.length;
    HG_TRY(hg_html_take(&svg, &page));
    const enum hg_status status = hg_svg_render(file, svg, length);
    free(svg);
    return status;
}
