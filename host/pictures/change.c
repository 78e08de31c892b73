/* Pictures made of pictures: turned, grey or in colour, in another size. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/pictures/decode.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_picture_turn(struct hg_picture *picture, unsigned orientation, const char *what)
{
    /* Which of the orientations exchange rows and columns, and which run backwards in the file. */
    const bool turned = orientation >= 5;
    const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const size_t channels = picture->channels;
    struct hg_picture upright;
    if (orientation <= 1)
        return HG_OK;
    HG_TRY(hg_picture_create(&upright, turned ? picture->width : picture->height,
                             turned ? picture->height : picture->width, channels, what));
    for (size_t y = 0; y < upright.height; ++y) {
        for (size_t x = 0; x < upright.width; ++x) {
            const size_t row = turned ? x : y, column = turned ? y : x;
            const size_t from_y = (turned ? from_right : from_bottom) ? picture->height - 1 - row : row;
            const size_t from_x = (turned ? from_bottom : from_right) ? picture->width - 1 - column : column;
            memcpy(upright.pixels + (y * upright.width + x) * channels,
                   picture->pixels + (from_y * picture->width + from_x) * channels, channels);
        }
    }
    hg_picture_free(picture);
    *picture = upright;
    return HG_OK;
}

enum hg_status hg_picture_convert(struct hg_picture *out, const struct hg_picture *in, size_t channels,
                                  const char *what)
{
    const size_t count = in->height * in->width;
    HG_TRY(hg_picture_create(out, in->height, in->width, channels, what));
    for (size_t i = 0; i < count; ++i) {
        const uint8_t *from = in->pixels + i * in->channels;
        uint8_t *to = out->pixels + i * channels;
        if (channels == in->channels)
            memcpy(to, from, channels);
        else if (channels == 1)
            *to = (uint8_t)((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
        else
            memset(to, *from, channels);
    }
    return HG_OK;
}

/* Of which pixels of a line each pixel of the resized line is made: out[i] = sum of weights[i * most + k] * in[first[i]
 * + k] over k < most. */
struct resampling {
    size_t most;
    size_t *first;
    float *weights;
};

/* Longer: between the centres of two neighbours, of which the outermost repeat. */
static void interpolate(struct resampling *r, size_t in, size_t out)
{
    for (size_t i = 0; i < out; ++i) {
        const double centre = fmin(fmax(((double)i + 0.5) * (double)in / (double)out - 0.5, 0), (double)(in - 1));
        const size_t left = (size_t)centre < in - 1 ? (size_t)centre : in - r->most;
        r->first[i] = left;
        r->weights[i * r->most] = (float)(1 - (centre - (double)left));
        if (r->most > 1)
            r->weights[i * r->most + 1] = (float)(centre - (double)left);
    }
}

/* Shorter: by the part of each pixel that lies under the new one. */
static void average(struct resampling *r, size_t in, size_t out)
{
    const double scale = (double)in / (double)out;
    for (size_t i = 0; i < out; ++i) {
        const double from = (double)i * scale, to = fmin(from + scale, (double)in);
        const size_t begin = (size_t)from;
        r->first[i] = begin + r->most <= in ? begin : in - r->most;
        for (size_t k = 0; k < r->most; ++k) {
            const double left = (double)(r->first[i] + k), covered = fmin(to, left + 1) - fmax(from, left);
            r->weights[i * r->most + k] = covered > 0 ? (float)(covered / scale) : 0;
        }
    }
}

static enum hg_status resampling_create(struct resampling *r, size_t in, size_t out, const char *what)
{
    *r = (struct resampling){.most = in <= out ? 2 : in / out + 2};
    r->most = r->most < in ? r->most : in;
    HG_TRY(hg_allocate(&r->first, out, what));
    HG_TRY(hg_allocate_bytes(&r->weights, out, r->most * sizeof *r->weights, what));
    (in <= out ? interpolate : average)(r, in, out);
    return HG_OK;
}

static void resampling_free(struct resampling *r)
{
    free(r->weights);
    free(r->first);
}

/* One row of `in`, `channels` interleaved, resampled along it. */
static void resample_row(float *out, const uint8_t *in, size_t count, size_t channels, const struct resampling *r)
{
    for (size_t i = 0; i < count; ++i) {
        for (size_t c = 0; c < channels; ++c) {
            float sum = 0;
            for (size_t k = 0; k < r->most; ++k)
                sum += r->weights[i * r->most + k] * (float)in[(r->first[i] + k) * channels + c];
            out[i * channels + c] = sum;
        }
    }
}

/* Rows first, of which `lines` keeps all; then columns. */
static void resample(struct hg_picture *out, const struct hg_picture *in, float *lines, const struct resampling *across,
                     const struct resampling *down)
{
    const size_t numbers = out->width * out->channels;
    for (size_t y = 0; y < in->height; ++y)
        resample_row(lines + y * numbers, in->pixels + y * in->width * in->channels, out->width, in->channels, across);
    for (size_t y = 0; y < out->height; ++y) {
        for (size_t i = 0; i < numbers; ++i) {
            float sum = 0;
            for (size_t k = 0; k < down->most; ++k)
                sum += down->weights[y * down->most + k] * lines[(down->first[y] + k) * numbers + i];
            out->pixels[y * numbers + i] = (uint8_t)lroundf(fminf(fmaxf(sum, 0), 255));
        }
    }
}

enum hg_status hg_picture_resize(struct hg_picture *out, const struct hg_picture *in, size_t height, size_t width,
                                 const char *what)
{
    struct resampling across = {0}, down = {0};
    float *lines = NULL;
    enum hg_status status;
    *out = (struct hg_picture){0};
    HG_TRY_OR_CLEANUP(resampling_create(&across, in->width, width, what));
    HG_TRY_OR_CLEANUP(resampling_create(&down, in->height, height, what));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&lines, in->height, width * in->channels * sizeof *lines, what));
    HG_TRY_OR_CLEANUP(hg_picture_create(out, height, width, in->channels, what));
    resample(out, in, lines, &across, &down);

cleanup:
    free(lines);
    resampling_free(&down);
    resampling_free(&across);
    return status;
}
