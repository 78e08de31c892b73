/* How units are cut into panels (kernels/kernels.h has the picture), and where things are in them. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_PANELS_H
#define HANDGRAD_KERNELS_CPU_STEPS_PANELS_H

#include "kernels/cpu/steps/kernels/kernels.h"

struct hg_panel {
    size_t begin, width; /* in units: the first, and how many */
    size_t vectors;      /* width / lanes */
};

static inline size_t hg_panel_count(size_t vectors)
{
    return (vectors + HG_PANEL - 1) / HG_PANEL;
}

/* Panel p of `vectors` vectors of units: their sizes differ by at most one vector. */
static inline struct hg_panel hg_panel_of(size_t vectors, size_t lanes, size_t p)
{
    const size_t panels = hg_panel_count(vectors);
    const size_t begin = vectors * p / panels, end = vectors * (p + 1) / panels;
    return (struct hg_panel){begin * lanes, (end - begin) * lanes, end - begin};
}

/* Where row `row` of a panel begins in an array of panels with `rows` rows each. */
static inline size_t hg_panel_row(struct hg_panel panel, size_t rows, size_t row)
{
    return panel.begin * rows + row * panel.width;
}

/* A tensor in canonical layout (kernels/network.h), to be read or written; the other pointer is NULL. Element (unit,
 * row) is at unit * unit_stride + row * row_stride. */
struct hg_canonical {
    const double *read;
    double *write;
    size_t unit_stride, row_stride;
};

/* The tensor from unit `unit` and row `row` on. */
static inline struct hg_canonical hg_canonical_from(struct hg_canonical tensor, size_t unit, size_t row)
{
    const size_t at = unit * tensor.unit_stride + row * tensor.row_stride;
    if (tensor.read)
        tensor.read += at;
    else
        tensor.write += at;
    return tensor;
}

/* Copies a canonical tensor to panels of [rows][width], or panels to it; of the panels' units the first `units` are
 * real, the others are left alone. */
void hg_panels_copy(float *values, size_t vectors, size_t lanes, size_t rows, size_t units, struct hg_canonical tensor);

#endif
