#include "host/pictures/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/pictures/decode.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_picture_create(struct hg_picture *out, size_t height, size_t width, size_t channels, const char *what)
{
    *out = (struct hg_picture){0};
    if (height == 0 || width == 0)
        return hg_fail(HG_BAD_DATA, "%s: a picture without pixels", what);
    if (height > HG_PICTURE_SIDE_MAX || width > HG_PICTURE_SIDE_MAX)
        return hg_fail(HG_BAD_DATA, "%s: %zu by %zu pixels are too many for a picture; a side has at most %d", what,
                       width, height, HG_PICTURE_SIDE_MAX);
    HG_TRY(hg_allocate_bytes(&out->pixels, height * width, channels, what));
    out->height = height;
    out->width = width;
    out->channels = channels;
    return HG_OK;
}

void hg_picture_free(struct hg_picture *picture)
{
    free(picture->pixels);
    *picture = (struct hg_picture){0};
}

/* What reads a format. */
struct codec {
    unsigned char magic[HG_PICTURE_MAGIC];
    size_t magic_size;
    enum hg_status (*probe)(struct hg_picture_info *info, const void *bytes, size_t size, const char *path);
    enum hg_status (*decode)(struct hg_picture *out, const void *bytes, size_t size, const char *path);
};

static const struct codec codecs[] = {
    {{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, 8, hg_png_probe, hg_png_decode},
    {{0xff, 0xd8, 0xff}, 3, hg_jpeg_probe, hg_jpeg_decode},
};

static const struct codec *find_codec(const void *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; ++i)
        if (size >= codecs[i].magic_size && memcmp(bytes, codecs[i].magic, codecs[i].magic_size) == 0)
            return &codecs[i];
    return NULL;
}

bool hg_picture_recognise(const void *bytes, size_t size)
{
    return find_codec(bytes, size) != NULL;
}

/* Maps a file, of a format that is known. */
static enum hg_status open_file(struct hg_mapping *file, const struct codec **codec, const char *path)
{
    HG_TRY(hg_file_map(file, path));
    *codec = find_codec(file->data, file->size);
    if (*codec)
        return HG_OK;
    const bool empty = file->size == 0;
    hg_file_unmap(file);
    return hg_fail(HG_BAD_DATA,
                   empty ? "%s: is empty, expected a PNG or JPEG picture" : "%s: is no PNG or JPEG picture", path);
}

enum hg_status hg_picture_read(struct hg_picture *out, struct hg_picture_info *info, const char *path)
{
    struct hg_mapping file;
    const struct codec *codec;
    *out = (struct hg_picture){0};
    HG_TRY(open_file(&file, &codec, path));
    enum hg_status status = info ? codec->probe(info, file.data, file.size, path) : HG_OK;
    if (status == HG_OK)
        status = codec->decode(out, file.data, file.size, path);
    hg_file_unmap(&file);
    return status;
}

enum hg_status hg_picture_probe(struct hg_picture_info *info, const char *path)
{
    struct hg_mapping file;
    const struct codec *codec;
    HG_TRY(open_file(&file, &codec, path));
    const enum hg_status status = codec->probe(info, file.data, file.size, path);
    hg_file_unmap(&file);
    return status;
}

uint8_t hg_picture_shade(float number, float dark, float bright)
{
    const float value = (number - dark) / (bright - dark);
    return value >= 1 ? 255 : value > 0 ? (uint8_t)lroundf(value * 255) : 0;
}
