#include "host/pictures/prepare.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/try.h"

const char *const hg_prepare_names[] = {
    [HG_PREPARE_AUTO] = "auto", [HG_PREPARE_NONE] = "none", [HG_PREPARE_RESIZE] = "resize", NULL};

enum hg_status hg_preparation_parse(struct hg_preparation *out, const char *text)
{
    size_t numbers[3] = {0}, count = 0;
    const char *at = text;
    bool valid = true;
    for (; valid && count < 3; ++at) {
        char *end;
        valid = isdigit((unsigned char)*at);
        numbers[count++] = strtoul(at, &end, 10);
        at = end;
        if (*at != 'x')
            break;
    }
    if (count == 1)
        numbers[1] = numbers[0];
    valid = valid && !*at && numbers[0] >= 1 && numbers[0] <= HG_PICTURE_SIDE_MAX && numbers[1] >= 1 &&
            numbers[1] <= HG_PICTURE_SIDE_MAX && (count < 3 || numbers[2] == 1 || numbers[2] == 3);
    if (!valid)
        return hg_fail(
            HG_USAGE,
            "image_size: '%s' is no size of pictures; give HxW, such as 28x28, with x1 behind it for grey or x3 "
            "for colour",
            text);
    out->height = numbers[0];
    out->width = numbers[1];
    out->channels = numbers[2];
    return HG_OK;
}

static bool has_size(const struct hg_preparation *wanted, size_t height, size_t width)
{
    return height == wanted->height && width == wanted->width;
}

enum hg_status hg_picture_prepare(struct hg_picture *out, const struct hg_picture *picture,
                                  const struct hg_preparation *wanted, struct hg_prepared *done, const char *what)
{
    struct hg_picture converted;
    *done = (struct hg_prepared){.height = picture->height, .width = picture->width, .channels = picture->channels};
    const bool fits = has_size(wanted, picture->height, picture->width);
    if (!fits && wanted->prepare == HG_PREPARE_NONE)
        return hg_fail(HG_BAD_DATA, "%s: has %zu x %zu pixels, expected %zu x %zu, and prepare=none resizes nothing",
                       what, picture->height, picture->width, wanted->height, wanted->width);
    HG_TRY(hg_picture_convert(&converted, picture, wanted->channels, what));
    if (fits) {
        *out = converted;
        return HG_OK;
    }
    const enum hg_status status = hg_picture_resize(out, &converted, wanted->height, wanted->width, what);
    hg_picture_free(&converted);
    return status;
}

/* A sentence that grows, its parts separated. */
struct sentence {
    char *text;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct sentence *s, const char *format, ...)
{
    va_list arguments;
    if (s->used > 0 && s->used + 2 < s->size)
        s->used += (size_t)snprintf(s->text + s->used, s->size - s->used, "; ");
    va_start(arguments, format);
    const int length = vsnprintf(s->text + s->used, s->size - s->used, format, arguments);
    va_end(arguments);
    s->used = s->used + (size_t)length < s->size ? s->used + (size_t)length : s->size - 1;
}

void hg_prepared_describe(char *out, size_t size, const struct hg_prepared *done, size_t count,
                          const struct hg_preparation *wanted)
{
    struct sentence s = {out, size, 0};
    size_t resized = 0, recoloured = 0, transparent = 0;
    for (size_t i = 0; i < count; ++i) {
        resized += !has_size(wanted, done[i].height, done[i].width);
        recoloured += done[i].channels != wanted->channels;
        transparent += done[i].transparent;
    }
    out[0] = '\0';
    if (resized == 1 && count == 1)
        add(&s, "resized from %zu x %zu to %zu x %zu", done->height, done->width, wanted->height, wanted->width);
    else if (resized > 0)
        add(&s, "%zu of %zu pictures are resized to %zu x %zu", resized, count, wanted->height, wanted->width);
    if (recoloured > 0 && wanted->channels == 1)
        add(&s, count == 1 ? "made grey" : "%zu in colour are made grey", recoloured);
    else if (recoloured > 0 && count > 1)
        add(&s, "%zu are grey among pictures in colour", recoloured);
    if (transparent > 0)
        add(&s, count == 1 ? "what is transparent lies on white" : "%zu with transparent parts lie on white",
            transparent);
}
