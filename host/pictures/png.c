#include <limits.h>
#include <png.h>
#include <stdlib.h>

#include "host/pictures/decode.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum { DEFLATE_RATIO = 1032 }; /* bytes that one byte of a PNG file can stand for at most */

static png_uint_32 format_of(size_t channels)
{
    return channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
}

/* Reads the header, of which `png` then holds what libpng made. */
static enum hg_status begin(png_image *png, const void *bytes, size_t size, const char *path,
                            struct hg_picture_info *info)
{
    /* Colour type and bits a channel lie in the header's fixed places; libpng has checked them. */
    enum { BITS_AT = 24, TYPE_AT = 25 };
    static const size_t stored_channels[] = {[0] = 1, [2] = 3, [3] = 1, [4] = 2, [6] = 4};
    *png = (png_image){.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(png, bytes, size))
        return hg_fail(HG_BAD_DATA, "%s: a PNG picture that cannot be read: %s", path, png->message);
    *info = (struct hg_picture_info){.height = png->height,
                                     .width = png->width,
                                     .channels = png->format & PNG_FORMAT_FLAG_COLOR ? 3 : 1,
                                     .transparent = png->format & PNG_FORMAT_FLAG_ALPHA,
                                     .orientation = 1};
    const unsigned char *header = bytes;
    const size_t bits = stored_channels[header[TYPE_AT]] * header[BITS_AT];
    if ((size_t)png->height * png->width * bits / CHAR_BIT / DEFLATE_RATIO > size)
        return hg_fail(HG_BAD_DATA, "%s: announces %u by %u pixels, more than its %zu bytes can hold", path, png->width,
                       png->height, size);
    return HG_OK;
}

enum hg_status hg_png_probe(struct hg_picture_info *info, const void *bytes, size_t size, const char *path)
{
    png_image png;
    const enum hg_status status = begin(&png, bytes, size, path, info);
    png_image_free(&png);
    return status;
}

enum hg_status hg_png_decode(struct hg_picture *out, const void *bytes, size_t size, const char *path)
{
    const png_color white = {255, 255, 255};
    struct hg_picture_info info = {0};
    png_image png;
    enum hg_status status;
    *out = (struct hg_picture){0};
    HG_TRY_OR_CLEANUP(begin(&png, bytes, size, path, &info));
    HG_TRY_OR_CLEANUP(hg_picture_create(out, info.height, info.width, info.channels, path));
    png.format = format_of(info.channels);
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* 16 bits are finer steps of the usual kind, not linear light */
    /* A warning is a picture that was read, as far as libpng could tell. */
    if (!png_image_finish_read(&png, &white, out->pixels, (png_int_32)(out->width * info.channels), NULL))
        status = hg_fail(HG_BAD_DATA, "%s: a damaged PNG picture: %s", path, png.message);

cleanup:
    png_image_free(&png);
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
