#include "host/pictures/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/try.h"

enum {
    COLUMNS = 10,
    GAP = 1,      /* pixels between images, before enlarging */
    PAIR_GAP = 6, /* between rows of pairs */
    LEGIBLE = 56, /* an image is enlarged to at least this many pixels across */
    PAPER = 255
};

/* One image at (top, left) of the canvas, every pixel as a square of `scale` by `scale`. */
static void draw(struct hg_picture *canvas, size_t top, size_t left, size_t scale, const struct hg_sheet *sheet,
                 const float *image)
{
    const size_t channels = sheet->channels;
    const float range = sheet->bright - sheet->dark;
    for (size_t y = 0; y < sheet->height * scale; ++y) {
        uint8_t *line = canvas->pixels + ((top + y) * canvas->width + left) * channels;
        for (size_t x = 0; x < sheet->width * scale; ++x) {
            for (size_t c = 0; c < channels; ++c) {
                const float number = image[(y / scale * sheet->width + x / scale) * channels + c];
                const float value = (number - sheet->dark) / range;
                line[x * channels + c] = value >= 1 ? 255 : value > 0 ? (uint8_t)lroundf(value * 255) : 0;
            }
        }
    }
}

enum hg_status hg_sheet_draw(struct hg_picture *out, const struct hg_sheet *sheet, const char *what)
{
    const size_t columns = sheet->count < COLUMNS ? sheet->count : COLUMNS;
    const size_t rows = (sheet->count + COLUMNS - 1) / COLUMNS;
    if (sheet->width > HG_PICTURE_SIDE_MAX || sheet->height > HG_PICTURE_SIDE_MAX || rows > HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: too large for a picture; give fewer samples", what);
    const size_t scale = sheet->width < LEGIBLE ? (LEGIBLE + sheet->width - 1) / sheet->width : 1;
    const size_t gap = scale * GAP, row_gap = scale * (sheet->below ? PAIR_GAP : 0);
    const size_t across = scale * sheet->width + gap, down = scale * sheet->height + gap;
    const size_t row = (sheet->below ? 2 : 1) * down + row_gap;
    const size_t width = columns * across + gap, height = rows * row + gap - row_gap;
    if (width > HG_PICTURE_SIDE_MAX || height > HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: %zu by %zu pixels are too many for a picture; give fewer samples", what, width,
                       height);
    HG_TRY(hg_picture_create(out, height, width, sheet->channels, what));
    memset(out->pixels, PAPER, width * height * sheet->channels);
    const size_t numbers = sheet->height * sheet->width * sheet->channels;
    for (size_t i = 0; i < sheet->count; ++i) {
        const size_t top = i / COLUMNS * row + gap, left = i % COLUMNS * across + gap;
        draw(out, top, left, scale, sheet, sheet->images + i * numbers);
        if (sheet->below)
            draw(out, top + down, left, scale, sheet, sheet->below + i * numbers);
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
