#include "src/output/sheet.h"

#include <math.h>
#include <png.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum {
    COLUMNS = 10,
    GAP = 1,           /* pixels between images, before enlarging */
    ROW_GAP = 6,       /* between rows of pairs */
    LEGIBLE = 56,      /* an image is enlarged to at least this many pixels across */
    LARGEST = 1 << 14, /* pixels of a side that viewers still show */
    PAPER = 255
};

/* One image at (top, left) of the canvas, every pixel as a square of `scale` by `scale`. */
static void draw(uint8_t *canvas, size_t stride, size_t top, size_t left, size_t scale, const struct hg_sheet *sheet,
                 const float *image)
{
    for (size_t y = 0; y < sheet->height * scale; ++y) {
        uint8_t *line = canvas + (top + y) * stride + left;
        for (size_t x = 0; x < sheet->width * scale; ++x) {
            const float value = image[y / scale * sheet->width + x / scale];
            line[x] = value >= 1 ? 255 : value > 0 ? (uint8_t)lroundf(value * 255) : 0;
        }
    }
}

/* The canvas as a PNG file. */
static enum hg_status write_png(const char *file, const uint8_t *canvas, size_t height, size_t width)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)width,
                     .height = (png_uint_32)height,
                     .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    void *encoded;
    enum hg_status status = HG_OK;
    HG_TRY(hg_allocate_bytes(&encoded, size, 1, file));
    if (!png_image_write_to_memory(&png, encoded, &size, 0, canvas, (png_int_32)width, NULL)) {
        status = hg_fail(HG_INTERNAL, "%s: libpng: %s", file, png.message);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(hg_file_replace(file, &(struct iovec){encoded, size}, 1));

cleanup:
    free(encoded);
    return status;
}

enum hg_status hg_sheet_write(const char *file, const struct hg_sheet *sheet)
{
    const size_t columns = sheet->count < COLUMNS ? sheet->count : COLUMNS;
    const size_t rows = (sheet->count + COLUMNS - 1) / COLUMNS;
    if (sheet->width > LARGEST || sheet->height > LARGEST || rows > LARGEST)
        return hg_fail(HG_BAD_DATA, "%s: too large for a picture; give fewer samples with --count", file);
    const size_t scale = sheet->width < LEGIBLE ? (LEGIBLE + sheet->width - 1) / sheet->width : 1;
    const size_t width = scale * (columns * (sheet->width + GAP) + GAP);
    const size_t pair = scale * (2 * (sheet->height + GAP) + ROW_GAP);
    const size_t height = rows * pair - scale * (ROW_GAP - GAP);
    if (width > LARGEST || height > LARGEST)
        return hg_fail(HG_BAD_DATA, "%s: %zu by %zu pixels are too many for a picture; give fewer samples with --count",
                       file, width, height);
    uint8_t *canvas;
    HG_TRY(hg_allocate_bytes(&canvas, height, width, file));
    memset(canvas, PAPER, width * height);
    for (size_t i = 0; i < sheet->count; ++i) {
        const size_t pixels = sheet->height * sheet->width;
        const size_t top = i / COLUMNS * pair + scale * GAP;
        const size_t left = scale * (i % COLUMNS * (sheet->width + GAP) + GAP);
        draw(canvas, width, top, left, scale, sheet, sheet->originals + i * pixels);
        draw(canvas, width, top + scale * (sheet->height + GAP), left, scale, sheet,
             sheet->reconstructions + i * pixels);
    }
    const enum hg_status status = write_png(file, canvas, height, width);
    free(canvas);
    return status;
}
