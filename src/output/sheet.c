#include "src/output/sheet.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/pictures/picture.h"
#include "kernels/base/try.h"

enum {
    COLUMNS = 10,
    GAP = 1,      /* pixels between images, before enlarging */
    ROW_GAP = 6,  /* between rows of pairs */
    LEGIBLE = 56, /* an image is enlarged to at least this many pixels across */
    PAPER = 255
};

/* One image at (top, left) of the canvas, every pixel as a square of `scale` by `scale`. */
static void draw(struct hg_picture *canvas, size_t top, size_t left, size_t scale, const struct hg_sheet *sheet,
                 const float *image)
{
    const size_t channels = sheet->channels;
    for (size_t y = 0; y < sheet->height * scale; ++y) {
        uint8_t *line = canvas->pixels + ((top + y) * canvas->width + left) * channels;
        for (size_t x = 0; x < sheet->width * scale; ++x) {
            for (size_t c = 0; c < channels; ++c) {
                const float value = image[(y / scale * sheet->width + x / scale) * channels + c];
                line[x * channels + c] = value >= 1 ? 255 : value > 0 ? (uint8_t)lroundf(value * 255) : 0;
            }
        }
    }
}

enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet)
{
    const size_t columns = sheet->count < COLUMNS ? sheet->count : COLUMNS;
    const size_t rows = (sheet->count + COLUMNS - 1) / COLUMNS;
    if (sheet->width > HG_PICTURE_SIDE_MAX || sheet->height > HG_PICTURE_SIDE_MAX || rows > HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: too large for a picture; give fewer samples with --count", file);
    const size_t scale = sheet->width < LEGIBLE ? (LEGIBLE + sheet->width - 1) / sheet->width : 1;
    const size_t width = scale * (columns * (sheet->width + GAP) + GAP);
    const size_t pair = scale * (2 * (sheet->height + GAP) + ROW_GAP);
    const size_t height = rows * pair - scale * (ROW_GAP - GAP);
    if (width > HG_PICTURE_SIDE_MAX || height > HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: %zu by %zu pixels are too many for a picture; give fewer samples with --count",
                       file, width, height);
    struct hg_picture canvas;
    HG_TRY(hg_picture_create(&canvas, height, width, sheet->channels, file));
    memset(canvas.pixels, PAPER, width * height * sheet->channels);
    for (size_t i = 0; i < sheet->count; ++i) {
        const size_t numbers = sheet->height * sheet->width * sheet->channels;
        const size_t top = i / COLUMNS * pair + scale * GAP;
        const size_t left = scale * (i % COLUMNS * (sheet->width + GAP) + GAP);
        draw(&canvas, top, left, scale, sheet, sheet->originals + i * numbers);
        draw(&canvas, top + scale * (sheet->height + GAP), left, scale, sheet, sheet->reconstructions + i * numbers);
    }
    const enum hg_status status = hg_png_write(file, &canvas);
    hg_picture_free(&canvas);
    return status;
}
