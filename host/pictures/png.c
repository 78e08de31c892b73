#include <png.h>
#include <stdlib.h>

#include "host/pictures/picture.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static png_uint_32 format_of(size_t channels)
{
    return channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
}

enum hg_status hg_png_read(struct hg_picture *out, const char *path)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    struct hg_mapping file;
    enum hg_status status = HG_OK;
    *out = (struct hg_picture){0};
    HG_TRY(hg_file_map(&file, path));
    if (!png_image_begin_read_from_memory(&png, file.data, file.size)) {
        status = hg_fail(HG_BAD_DATA, "%s: not a PNG picture that can be read: %s", path, png.message);
        goto cleanup;
    }
    const size_t channels = png.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    HG_TRY_OR_CLEANUP(hg_picture_create(out, png.height, png.width, channels, path));
    png.format = format_of(channels);
    const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&png, &white, out->pixels, (png_int_32)(out->width * channels), NULL))
        status = hg_fail(HG_BAD_DATA, "%s: a damaged PNG picture: %s", path, png.message);

cleanup:
    png_image_free(&png);
    hg_file_unmap(&file);
    if (status != HG_OK)
        hg_picture_free(out);
    return status;
}

enum hg_status hg_png_encode(void **bytes, size_t *size, const struct hg_picture *picture, const char *what)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)picture->width,
                     .height = (png_uint_32)picture->height,
                     .format = format_of(picture->channels)};
    png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(png);
    HG_TRY(hg_allocate_bytes(bytes, room, 1, what));
    if (!png_image_write_to_memory(&png, *bytes, &room, 0, picture->pixels,
                                   (png_int_32)(picture->width * picture->channels), NULL)) {
        free(*bytes);
        *bytes = NULL;
        return hg_fail(HG_INTERNAL, "%s: libpng: %s", what, png.message);
    }
    *size = room;
    return HG_OK;
}

enum hg_status hg_png_write(const char *file, const struct hg_picture *picture)
{
    void *bytes;
    size_t size;
    HG_TRY(hg_png_encode(&bytes, &size, picture, file));
    const enum hg_status status = hg_file_replace(file, &(struct iovec){bytes, size}, 1);
    free(bytes);
    return status;
}
