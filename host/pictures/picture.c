#include "host/pictures/picture.h"

#include <stdlib.h>

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
