/* The steps are those by which MNIST was made of NIST's forms (Y. LeCun, http://yann.lecun.com/exdb/mnist), preceded by
 * what a photograph needs: the paper's own brightness, which light makes uneven, is fitted and taken away. */
#include "host/pictures/ink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/pictures/paper.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum {
    WORKING_SIDE = 320, /* larger pictures are first reduced to this: a digit needs no more, and noise becomes less */
    LEVELS = 256
};

/* MNIST's digits fill 20 of the 28 pixels of a side. */
static const double FILLED = 20.0 / 28.0;
/* Ink stands out from the paper by this many deviations of the paper's noise, and by so many levels at least. */
static const double STANDS_OUT = 5, LEAST_CONTRAST = 16;
/* Less than this part of the picture is no writing, but what noise leaves. */
static const double LEAST_AREA = 1.0 / 5000;
/* What is fainter than this part of the full ink is paper: shadows, noise, show-through. */
static const double FAINT = 0.25;
/* Parts of the ink with less than this of the mass of the largest are specks. */
static const double SPECK = 0.05;
/* A pen's strokes are made as wide, at least, as this part of the digit's longer side: those of MNIST have about 1/8,
 * and thinner ones fade where the digit gets smaller. */
static const double STROKE = 1.0 / 9;

/* The ink, 0 none ... 255 full, from what differs from the paper. *dark: it is darker. Gives back whether there is any.
 */
static bool separate(struct hg_picture *ink, const float *residual, double noise, bool *dark)
{
    const size_t count = ink->height * ink->width;
    const double least = fmax(STANDS_OUT * noise, LEAST_CONTRAST);
    double lighter = 0, darker = 0;
    size_t levels[LEVELS] = {0}, standing_out = 0, above = 0;
    for (size_t i = 0; i < count; ++i) {
        lighter += residual[i] > least ? residual[i] : 0;
        darker += residual[i] < -least ? -residual[i] : 0;
    }
    *dark = darker > lighter;
    for (size_t i = 0; i < count; ++i) {
        const double value = *dark ? -residual[i] : residual[i];
        if (value > least) {
            ++levels[(size_t)fmin(value, LEVELS - 1)];
            ++standing_out;
        }
    }
    if (standing_out == 0 || (double)standing_out < LEAST_AREA * (double)count)
        return false;
    /* Full ink is what the darkest fifth of it has at least: its edges have less. */
    size_t full = LEVELS - 1;
    while (full > 0 && (above += levels[full]) * 5 < standing_out)
        --full;
    const double faint = fmax(least, FAINT * (double)full);
    for (size_t i = 0; i < count; ++i) {
        const double value = *dark ? -residual[i] : residual[i];
        const double part = (value - faint / 2) / ((double)full - faint / 2);
        ink->pixels[i] = value < faint ? 0 : (uint8_t)lround(255 * fmin(part, 1));
    }
    return true;
}

/* Connected parts of the ink, found one after the other. */
struct parts {
    const struct hg_picture *ink;
    uint32_t *part;  /* of each pixel: 0 none yet, else its number */
    uint32_t *stack; /* pixels whose neighbours have not been looked at */
};

/* Gives the number to all ink that is connected with pixel `start`; its mass. */
static double flood(struct parts *p, size_t start, uint32_t number)
{
    const size_t height = p->ink->height, width = p->ink->width;
    double mass = 0;
    size_t left = 0;
    p->part[start] = number;
    p->stack[left++] = (uint32_t)start;
    while (left > 0) {
        const size_t at = p->stack[--left], y = at / width, x = at % width;
        mass += p->ink->pixels[at];
        for (size_t to_y = y > 0 ? y - 1 : 0; to_y <= y + 1 && to_y < height; ++to_y) {
            for (size_t to_x = x > 0 ? x - 1 : 0; to_x <= x + 1 && to_x < width; ++to_x) {
                const size_t to = to_y * width + to_x;
                if (p->ink->pixels[to] > 0 && p->part[to] == 0) {
                    p->part[to] = number;
                    p->stack[left++] = (uint32_t)to;
                }
            }
        }
    }
    return mass;
}

/* Removes the specks. */
static enum hg_status clean(struct hg_picture *ink, const char *what)
{
    const size_t count = ink->height * ink->width;
    struct parts p = {.ink = ink};
    double *masses = NULL, largest = 0;
    uint32_t number = 0;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&p.part, count, what));
    HG_TRY_OR_CLEANUP(hg_allocate(&p.stack, count, what));
    HG_TRY_OR_CLEANUP(hg_allocate(&masses, count + 1, what));
    for (size_t i = 0; i < count; ++i) {
        if (ink->pixels[i] == 0 || p.part[i] != 0)
            continue;
        ++number;
        masses[number] = flood(&p, i, number);
        largest = fmax(largest, masses[number]);
    }
    for (size_t i = 0; i < count; ++i)
        if (masses[p.part[i]] < SPECK * largest)
            ink->pixels[i] = 0;

cleanup:
    free(masses);
    free(p.stack);
    free(p.part);
    return status;
}

/* The rectangle of what is not zero. */
static void find_box(const struct hg_picture *ink, struct hg_ink *box)
{
    size_t top = ink->height, left = ink->width, bottom = 0, right = 0;
    for (size_t y = 0; y < ink->height; ++y) {
        for (size_t x = 0; x < ink->width; ++x) {
            if (ink->pixels[y * ink->width + x] == 0)
                continue;
            top = y < top ? y : top;
            bottom = y + 1 > bottom ? y + 1 : bottom;
            left = x < left ? x : left;
            right = x + 1 > right ? x + 1 : right;
        }
    }
    box->top = top;
    box->left = left;
    box->height = bottom - top;
    box->width = right - left;
}

/* How wide the strokes are: a line of length l and width w has the area l w, and an edge of 2 l. */
static double stroke_width(const struct hg_picture *ink)
{
    size_t area = 0, edge = 0;
    for (size_t y = 0; y < ink->height; ++y) {
        for (size_t x = 0; x < ink->width; ++x) {
            const uint8_t *at = ink->pixels + y * ink->width + x;
            if (*at < 128)
                continue;
            ++area;
            edge += (y == 0 || at[-(ptrdiff_t)ink->width] < 128) + (y + 1 == ink->height || at[ink->width] < 128) +
                    (x == 0 || at[-1] < 128) + (x + 1 == ink->width || at[1] < 128);
        }
    }
    return edge > 0 ? 2.0 * (double)area / (double)edge : 1;
}

/* Copies the rectangle with a margin, every pixel being the most of those within `margin` of it, in a disc. */
static enum hg_status cut(struct hg_picture *out, const struct hg_picture *ink, const struct hg_ink *box, size_t margin,
                          const char *what)
{
    const ptrdiff_t reach = (ptrdiff_t)margin;
    HG_TRY(hg_picture_create(out, box->height + 2 * margin, box->width + 2 * margin, 1, what));
    for (size_t y = 0; y < box->height; ++y) {
        for (size_t x = 0; x < box->width; ++x) {
            const uint8_t value = ink->pixels[(box->top + y) * ink->width + box->left + x];
            for (ptrdiff_t dy = -reach; value > 0 && dy <= reach; ++dy) {
                for (ptrdiff_t dx = -reach; dx <= reach; ++dx) {
                    uint8_t *to = out->pixels + (size_t)((ptrdiff_t)(y + margin) + dy) * out->width +
                                  (size_t)((ptrdiff_t)(x + margin) + dx);
                    if (dy * dy + dx * dx <= reach * reach && *to < value)
                        *to = value;
                }
            }
        }
    }
    return HG_OK;
}

/* Where `length` pixels begin on a side of `side`, so that position `mass` of them comes to the middle as far as all of
 * them stay on it. */
static size_t place(double mass, size_t length, size_t side)
{
    const double begin = round((double)side / 2 - mass);
    return (size_t)fmin(fmax(begin, 0), (double)(side - length));
}

/* Lays the ink on a black sample, its centre of mass in the middle. */
static void centre(struct hg_picture *out, const struct hg_picture *ink)
{
    double mass = 0, down = 0, across = 0;
    for (size_t y = 0; y < ink->height; ++y) {
        for (size_t x = 0; x < ink->width; ++x) {
            const double value = ink->pixels[y * ink->width + x];
            mass += value;
            down += value * (double)y;
            across += value * (double)x;
        }
    }
    const size_t top = place(down / mass, ink->height, out->height),
                 left = place(across / mass, ink->width, out->width);
    for (size_t y = 0; y < ink->height; ++y)
        memcpy(out->pixels + (top + y) * out->width + left, ink->pixels + y * ink->width, ink->width);
}

/* Full ink is as light as it can be. */
static void brighten(struct hg_picture *ink)
{
    uint8_t most = 1;
    for (size_t i = 0; i < ink->height * ink->width; ++i)
        most = ink->pixels[i] > most ? ink->pixels[i] : most;
    for (size_t i = 0; i < ink->height * ink->width; ++i)
        ink->pixels[i] = (uint8_t)(ink->pixels[i] * 255 / most);
}

/* Cuts the ink out, its strokes wide enough, and fits it into the middle of `out`. */
static enum hg_status fit(struct hg_picture *out, const struct hg_picture *ink, const struct hg_ink *box,
                          const char *what)
{
    const double room_down = FILLED * (double)out->height, room_across = FILLED * (double)out->width;
    const double missing = STROKE * (double)(box->height > box->width ? box->height : box->width) - stroke_width(ink);
    struct hg_picture cropped = {0}, fitted = {0};
    enum hg_status status;
    HG_TRY_OR_CLEANUP(cut(&cropped, ink, box, missing > 0 ? (size_t)lround(missing / 2) : 0, what));
    const double scale = fmin(room_down / (double)cropped.height, room_across / (double)cropped.width);
    HG_TRY_OR_CLEANUP(hg_picture_resize(&fitted, &cropped, (size_t)fmax(1, round(scale * (double)cropped.height)),
                                        (size_t)fmax(1, round(scale * (double)cropped.width)), what));
    brighten(&fitted);
    centre(out, &fitted);

cleanup:
    hg_picture_free(&fitted);
    hg_picture_free(&cropped);
    return status;
}

/* A grey picture that is no larger than needed. */
static enum hg_status reduce(struct hg_picture *out, const struct hg_picture *picture, const char *what)
{
    const size_t longer = picture->height > picture->width ? picture->height : picture->width;
    struct hg_picture grey;
    HG_TRY(hg_picture_convert(&grey, picture, 1, what));
    if (longer <= WORKING_SIDE) {
        *out = grey;
        return HG_OK;
    }
    const double scale = (double)WORKING_SIDE / (double)longer;
    const enum hg_status status = hg_picture_resize(out, &grey, (size_t)fmax(1, round(scale * (double)picture->height)),
                                                    (size_t)fmax(1, round(scale * (double)picture->width)), what);
    hg_picture_free(&grey);
    return status;
}

enum hg_status hg_ink_extract(struct hg_picture *out, const struct hg_picture *picture, size_t height, size_t width,
                              struct hg_ink *found, const char *what)
{
    struct hg_picture ink = {0};
    float *residual = NULL;
    double noise;
    enum hg_status status;
    *out = (struct hg_picture){0};
    HG_TRY_OR_CLEANUP(reduce(&ink, picture, what));
    HG_TRY_OR_CLEANUP(hg_allocate(&residual, ink.height * ink.width, what));
    hg_paper_subtract(residual, &noise, &ink);
    if (!separate(&ink, residual, noise, &found->dark)) {
        status = hg_fail(HG_BAD_DATA,
                         "%s: shows nothing that stands out from its ground; prepare=resize takes it as it is", what);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(clean(&ink, what));
    find_box(&ink, found);
    HG_TRY_OR_CLEANUP(hg_picture_create(out, height, width, 1, what));
    HG_TRY_OR_CLEANUP(fit(out, &ink, found, what));
    const double scale = (double)picture->height / (double)ink.height;
    found->top = (size_t)lround(scale * (double)found->top);
    found->left = (size_t)lround(scale * (double)found->left);
    found->height = (size_t)lround(scale * (double)found->height);
    found->width = (size_t)lround(scale * (double)found->width);

cleanup:
    free(residual);
    hg_picture_free(&ink);
    if (status != HG_OK)
        hg_picture_free(out);
    return status;
}
