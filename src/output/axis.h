/* An axis of a plot: from numbers to places on the picture, and the round numbers that are written beside it. */
#ifndef HANDGRAD_SRC_OUTPUT_AXIS_H
#define HANDGRAD_SRC_OUTPUT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum hg_axis_kind {
    HG_AXIS_LINEAR,
    HG_AXIS_WHOLE, /* linear, of whole numbers: epochs, steps */
    HG_AXIS_LOG,   /* of positive numbers; others have no place */
};

enum { HG_AXIS_TICKS = 16, HG_AXIS_LABEL = 40 };

struct hg_axis {
    enum hg_axis_kind kind;
    double low, high;  /* its ends; on a logarithmic axis their decimal logarithms */
    double from, to;   /* where the ends are on the picture; the caller's */
    size_t tick_count; /* at least 1 */
    struct {
        double value;
        char label[HG_AXIS_LABEL]; /* UTF-8: "0.05", "−3", "2×10⁻⁵" */
    } ticks[HG_AXIS_TICKS];
};

/* An axis that shows the numbers from `least` to `most`, which it can place and may be equal, with some room beyond. */
void hg_axis_fit(struct hg_axis *axis, enum hg_axis_kind kind, double least, double most);

/* Whether the axis can show a number, whatever its ends: finite, and on a logarithmic axis positive. */
bool hg_axis_shows(enum hg_axis_kind kind, double value);
/* The place of a number that it shows. */
double hg_axis_place(const struct hg_axis *axis, double value);

#endif
