#include "host/pictures/prepare.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/base/try.h"

const char *const hg_prepare_names[] = {[HG_PREPARE_AUTO] = "auto",
                                        [HG_PREPARE_NONE] = "none",
                                        [HG_PREPARE_RESIZE] = "resize",
                                        [HG_PREPARE_MNIST] = "mnist",
                                        NULL};

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

/* MNIST has mean 0.131 and deviation 0.308, EMNIST and Kuzushiji-MNIST up to 0.192 and 0.348; Fashion-MNIST, which is
 * no ink, has 0.286 and 0.353. */
bool hg_preparation_for_digits(const struct hg_input_scale *like)
{
    return like && like->least == 0 && like->largest == 1 && like->mean > 0.08 && like->mean < 0.22 &&
           like->deviation > 0.25 && like->deviation < 0.38;
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
    const bool as_mnist =
        wanted->prepare == HG_PREPARE_MNIST || (wanted->prepare == HG_PREPARE_AUTO && wanted->digits && !fits);
    if (!fits && wanted->prepare == HG_PREPARE_NONE)
        return hg_fail(HG_BAD_DATA, "%s: has %zu x %zu pixels, expected %zu x %zu, and prepare=none resizes nothing",
                       what, picture->height, picture->width, wanted->height, wanted->width);
    if (as_mnist && wanted->channels != 1)
        return hg_fail(HG_USAGE, "prepare: 'mnist' makes grey pictures, but %s is to be one in colour; give resize",
                       what);
    if (as_mnist) {
        done->as_mnist = true;
        return hg_ink_extract(out, picture, wanted->height, wanted->width, &done->ink, what);
    }
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

/* One picture that was made as MNIST was. */
static void describe_ink(struct sentence *s, const struct hg_prepared *done, const struct hg_preparation *wanted)
{
    const struct hg_ink *ink = &done->ink;
    add(s,
        "prepared as MNIST was made: %sthe ink, %zu x %zu pixels from row %zu and column %zu on, fitted into the "
        "middle of "
        "%zu x %zu",
        ink->dark ? "inverted, for the paper is light; " : "", ink->height, ink->width, ink->top, ink->left,
        wanted->height, wanted->width);
}

void hg_prepared_describe(char *out, size_t size, const struct hg_prepared *done, size_t count,
                          const struct hg_preparation *wanted)
{
    struct sentence s = {out, size, 0};
    size_t resized = 0, recoloured = 0, transparent = 0, as_mnist = 0, inverted = 0;
    for (size_t i = 0; i < count; ++i) {
        as_mnist += done[i].as_mnist;
        inverted += done[i].as_mnist && done[i].ink.dark;
        resized += !done[i].as_mnist && !has_size(wanted, done[i].height, done[i].width);
        recoloured += !done[i].as_mnist && done[i].channels != wanted->channels;
        transparent += done[i].transparent;
    }
    out[0] = '\0';
    if (as_mnist == 1 && count == 1)
        describe_ink(&s, done, wanted);
    else if (as_mnist > 0)
        add(&s, "%zu of %zu pictures are prepared as MNIST was made, %zu of them inverted", as_mnist, count, inverted);
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
