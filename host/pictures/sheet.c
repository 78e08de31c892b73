#include "host/pictures/sheet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/pictures/font.h"
#include "kernels/base/try.h"

enum {
    COLUMNS = 10,
    GAP = 1,               /* pixels between images, before enlarging */
    GROUP_GAP = 6,         /* between rows where an image has something under it */
    LEGIBLE = 56,          /* an image is enlarged to at least this many pixels across, */
    LEGIBLE_LABELLED = 84, /* or to this many where a label says something of it */
    TEXT_SCALE = 2,
    INK = 0,
    PAPER = 255
};

/* Lengths in pixels of the picture. */
struct layout {
    size_t columns, scale;
    size_t gap, below;   /* from the top of an image to what is under it */
    size_t label;        /* from the top of an image to its label */
    size_t across, down; /* from an image to its neighbours */
    size_t height, width;
};

static void measure_labels(const struct hg_sheet *sheet, size_t *height, size_t *width)
{
    for (size_t i = 0; sheet->labels && i < sheet->count; ++i) {
        size_t lines, characters;
        hg_font_measure(sheet->labels[i], &lines, &characters);
        const size_t high = TEXT_SCALE * HG_FONT_LINE * lines, wide = TEXT_SCALE * HG_FONT_ADVANCE * (characters + 1);
        *height = high > *height ? high : *height;
        *width = wide > *width ? wide : *width;
    }
}

/* By what images are enlarged where there is room. */
static size_t choose_scale(const struct hg_sheet *sheet)
{
    const size_t legible = sheet->labels ? LEGIBLE_LABELLED : LEGIBLE;
    if (sheet->scale)
        return sheet->scale;
    return (legible + sheet->width - 1) / sheet->width;
}

/* Nothing overflows, since the caller has bounded the number of images and their sides. */
static struct layout lay_out(const struct hg_sheet *sheet, size_t scale)
{
    const size_t columns = sheet->columns ? sheet->columns : COLUMNS;
    struct layout l = {.columns = sheet->count < columns ? sheet->count : columns, .scale = scale, .gap = scale * GAP};
    size_t label_height = 0, cell_width = scale * sheet->width;
    measure_labels(sheet, &label_height, &cell_width);
    l.below = scale * sheet->height + l.gap;
    l.label = (sheet->below ? 2 : 1) * l.below;
    l.across = cell_width + l.gap;
    const size_t row_gap = sheet->below || sheet->labels ? scale * GROUP_GAP : 0;
    const size_t rows = (sheet->count + l.columns - 1) / l.columns;
    l.down = l.label + label_height + row_gap;
    l.width = l.columns * l.across + l.gap;
    l.height = rows * l.down + l.gap - row_gap;
    return l;
}

static bool fits(const struct layout *l)
{
    return l->width <= HG_PICTURE_SIDE_MAX && l->height <= HG_PICTURE_SIDE_MAX;
}

/* One image at (top, left) of the canvas, every pixel as a square of `scale` by `scale`. */
static void draw(struct hg_picture *canvas, size_t top, size_t left, size_t scale, const struct hg_sheet *sheet,
                 const float *image)
{
    const size_t channels = sheet->channels;
    for (size_t y = 0; y < sheet->height * scale; ++y) {
        uint8_t *line = canvas->pixels + ((top + y) * canvas->width + left) * channels;
        for (size_t x = 0; x < sheet->width * scale; ++x) {
            for (size_t c = 0; c < channels; ++c) {
                const float number = image[(y / scale * sheet->width + x / scale) * channels + c];
                line[x * channels + c] = hg_picture_shade(number, sheet->dark, sheet->bright);
            }
        }
    }
}

enum hg_status hg_sheet_draw(struct hg_picture *out, const struct hg_sheet *sheet, const char *what)
{
    if (sheet->width > HG_PICTURE_SIDE_MAX || sheet->height > HG_PICTURE_SIDE_MAX ||
        sheet->count / HG_PICTURE_SIDE_MAX >= HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: too large for a picture; give fewer samples", what);
    struct layout l = lay_out(sheet, choose_scale(sheet));
    while (l.scale > 1 && !fits(&l))
        l = lay_out(sheet, l.scale - 1);
    if (!fits(&l))
        return hg_fail(HG_BAD_DATA, "%s: %zu by %zu pixels are too many for a picture; give fewer samples", what,
                       l.width, l.height);
    HG_TRY(hg_picture_create(out, l.height, l.width, sheet->channels, what));
    memset(out->pixels, PAPER, l.height * l.width * sheet->channels);
    const size_t numbers = sheet->height * sheet->width * sheet->channels;
    for (size_t i = 0; i < sheet->count; ++i) {
        const size_t top = i / l.columns * l.down + l.gap, left = i % l.columns * l.across + l.gap;
        draw(out, top, left, l.scale, sheet, sheet->images + i * numbers);
        if (sheet->below)
            draw(out, top + l.below, left, l.scale, sheet, sheet->below + i * numbers);
        if (sheet->labels)
            hg_font_draw(out, top + l.label, left, TEXT_SCALE, INK, sheet->labels[i]);
    }
    return HG_OK;
}

enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet)
{
    struct hg_picture canvas;
    HG_TRY(hg_sheet_draw(&canvas, sheet, file));
    const enum hg_status status = hg_png_write(file, &canvas);
    hg_picture_free(&canvas);
    return status;
}
