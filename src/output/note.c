/* Rings around points of a plot, and the texts beside them. */
#include <math.h>

#include "src/output/canvas.h"
#include "src/output/svg_text.h"

enum {
    RING = 7,
    MOST_TEXTS = 16, /* a plot of more rings than that is read by its legend */
    ON_A_RING = 4    /* as bad as a text that lies on so many lines */
};

struct box {
    double left, top, right, bottom;
};

struct notes {
    const struct hg_canvas *canvas;
    struct box texts[MOST_TEXTS];
    size_t count;
};

static bool overlaps(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static bool has_ring(const struct hg_canvas *canvas, const struct hg_series *s)
{
    return s->note && s->noted < s->count && hg_plot_shows(canvas->plot, s, s->noted);
}

static struct box ring_of(const struct hg_canvas *canvas, const struct hg_series *s)
{
    const double x = hg_axis_place(&canvas->x, s->x[s->noted]), y = hg_axis_place(&canvas->y, s->y[s->noted]);
    return (struct box){x - RING, y - RING, x + RING, y + RING};
}

/* Whether the stroke from a to b meets the box: what is left of it after each side has cut off what is beyond. */
static bool meets(const struct box *box, const double a[2], const double b[2])
{
    const double low[] = {box->left, box->top}, high[] = {box->right, box->bottom};
    double from = 0, to = 1;
    for (unsigned axis = 0; axis < 2; ++axis) {
        const double length = b[axis] - a[axis];
        const double first = (low[axis] - a[axis]) / length, second = (high[axis] - a[axis]) / length;
        if (length == 0 && (a[axis] < low[axis] || a[axis] > high[axis]))
            return false;
        if (length == 0)
            continue;
        from = fmax(from, fmin(first, second));
        to = fmin(to, fmax(first, second));
    }
    return from <= to;
}

static bool is_crossed(const struct hg_canvas *canvas, const struct hg_series *s, const struct box *box)
{
    double last[2] = {0, 0};
    bool down = false;
    for (size_t i = 0; i < s->count; ++i) {
        const bool shown = hg_plot_shows(canvas->plot, s, i);
        const double place[] = {shown ? hg_axis_place(&canvas->x, s->x[i]) : 0,
                                shown ? hg_axis_place(&canvas->y, s->y[i]) : 0};
        if (shown && meets(box, down ? last : place, place))
            return true;
        down = shown;
        last[0] = place[0];
        last[1] = place[1];
    }
    return false;
}

/* How bad a place is; INFINITY: it is on another text, or out of the plot. */
static double cost_of(const struct notes *notes, const struct box *box)
{
    const struct hg_canvas *canvas = notes->canvas;
    double cost = 0;
    if (box->top < canvas->y.to || box->bottom > canvas->y.from)
        return INFINITY;
    for (size_t i = 0; i < notes->count; ++i)
        if (overlaps(&notes->texts[i], box))
            return INFINITY;
    for (size_t k = 0; k < canvas->plot->count; ++k) {
        const struct hg_series *s = &canvas->plot->series[k];
        cost += is_crossed(canvas, s, box);
        if (has_ring(canvas, s)) {
            const struct box ring = ring_of(canvas, s);
            cost += overlaps(&ring, box) ? ON_A_RING : 0;
        }
    }
    return cost;
}

/* The best place near the ring: the first of the least cost. */
static double find_place(const struct notes *notes, const struct box *ring, double width, struct box *out)
{
    static const double height = HG_PLOT_TEXT + 2;
    static const double steps[][2] = {{0, -1}, {0, 1},  {1, 0}, {-1, 0}, {1, -1},  {-1, -1}, {1, 1},
                                      {-1, 1}, {0, -2}, {0, 2}, {1, -2}, {-1, -2}, {1, 2},   {-1, 2}};
    const double middle = (ring->left + ring->right) / 2, level = (ring->top + ring->bottom) / 2;
    const double half = width / 2, left = notes->canvas->x.from + half, right = notes->canvas->x.to - half;
    double best = INFINITY;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && best > 0; ++i) {
        const double x = fmax(left, fmin(middle + steps[i][0] * (half + RING + 4), right));
        const double y = level + steps[i][1] * (height / 2 + RING + 2);
        const struct box box = {x - half, y - height / 2, x + half, y + height / 2};
        const double cost = cost_of(notes, &box);
        if (cost < best) {
            best = cost;
            *out = box;
        }
    }
    return best;
}

static void add_text(struct notes *notes, const struct hg_series *s)
{
    const struct hg_canvas *canvas = notes->canvas;
    const double room = canvas->x.to - canvas->x.from;
    const double width = fmin(hg_svg_text_width(s->note, HG_PLOT_TEXT), room);
    const struct box ring = ring_of(canvas, s);
    struct box box = {0};
    if (!*s->note || notes->count == MOST_TEXTS || isinf(find_place(notes, &ring, width, &box)))
        return;
    notes->texts[notes->count++] = box;
    hg_html_markup(canvas->page, "<text class=\"note\" x=\"%.1f\" y=\"%.1f\">", (box.left + box.right) / 2,
                   box.bottom - 4);
    hg_svg_add_text(canvas->page, s->note, HG_PLOT_TEXT, room);
    hg_html_markup(canvas->page, "</text>");
}

void hg_plot_add_notes(const struct hg_canvas *canvas)
{
    struct notes notes = {.canvas = canvas};
    for (size_t k = 0; k < canvas->plot->count; ++k) {
        const struct hg_series *s = &canvas->plot->series[k];
        if (!has_ring(canvas, s))
            continue;
        const struct box ring = ring_of(canvas, s);
        hg_html_markup(canvas->page, "<circle class=\"ring c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>",
                       k % HG_PLOT_COLOURS, ring.left + RING, ring.top + RING, RING);
    }
    for (size_t k = 0; k < canvas->plot->count; ++k)
        if (has_ring(canvas, &canvas->plot->series[k]))
            add_text(&notes, &canvas->plot->series[k]);
}
