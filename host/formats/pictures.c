/* Pictures as samples: each file is read, prepared, and becomes a row. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/formats/foreign.h"
#include "host/formats/format.h"
#include "host/formats/names.h"
#include "host/pictures/prepare.h"
#include "kernels/base/memory.h"
#include "kernels/base/parallel.h"
#include "kernels/base/try.h"

/* Pictures that are being read. */
struct reading {
    const char *const *paths;
    size_t count;
    struct hg_preparation preparation;
    struct hg_picture_info *headers; /* [count], where these must be known before; else NULL */
    struct hg_prepared *prepared;    /* [count], what was done to each */
    uint8_t *pixels;                 /* [count] of the size of the preparation */
};

/* The failure to read one of the files as a picture, which may be of another kind. */
static enum hg_status refuse(enum hg_status status, const struct reading *r, const char *path)
{
    char message[1024];
    snprintf(message, sizeof message, "%s", hg_message());
    if (status == HG_BAD_DATA)
        HG_TRY(hg_foreign_refuse_file(path));
    const bool others = status == HG_BAD_DATA && r->count > 1;
    return hg_fail_within(status, "%s%s", message, others ? "; replace it, or leave it out" : "");
}

static enum hg_status probe(void *context, size_t index)
{
    struct reading *r = context;
    const enum hg_status status = hg_picture_probe(&r->headers[index], r->paths[index]);
    return status == HG_OK ? HG_OK : refuse(status, r, r->paths[index]);
}

static enum hg_status read_one(void *context, size_t index)
{
    struct reading *r = context;
    const struct hg_preparation *p = &r->preparation;
    const size_t numbers = p->height * p->width * p->channels;
    struct hg_picture picture, sample;
    struct hg_picture_info info;
    enum hg_status status = hg_picture_read(&picture, &info, r->paths[index]);
    if (status != HG_OK)
        return refuse(status, r, r->paths[index]);
    status = hg_picture_prepare(&sample, &picture, p, &r->prepared[index], r->paths[index]);
    hg_picture_free(&picture);
    HG_TRY(status);
    r->prepared[index].transparent = info.transparent;
    memcpy(r->pixels + index * numbers, sample.pixels, numbers);
    hg_picture_free(&sample);
    return HG_OK;
}

/* The one size that all have. */
static enum hg_status common_size(struct reading *r)
{
    struct hg_preparation *p = &r->preparation;
    const struct hg_picture_info *first = r->headers;
    for (size_t i = 0; p->height == 0 && i < r->count; ++i) {
        if (r->headers[i].height != first->height || r->headers[i].width != first->width)
            return hg_fail(HG_BAD_DATA,
                           "%s: has %zu x %zu pixels, but %s has %zu x %zu; give image_size=HxW, the size to which all "
                           "are brought",
                           r->paths[i], r->headers[i].height, r->headers[i].width, r->paths[0], first->height,
                           first->width);
    }
    if (p->height == 0) {
        p->height = first->height;
        p->width = first->width;
    }
    for (size_t i = 0; i < r->count; ++i)
        if (p->channels < r->headers[i].channels)
            p->channels = r->headers[i].channels;
    return HG_OK;
}

/* The square picture of so many numbers, grey or else in colour. */
static enum hg_status square_size(struct hg_preparation *p, size_t numbers)
{
    for (p->channels = 1; p->channels <= 3; p->channels += 2) {
        const size_t pixels = numbers / p->channels;
        p->height = p->width = (size_t)lround(sqrt((double)pixels));
        if (p->height * p->width * p->channels == numbers)
            return HG_OK;
    }
    return hg_fail(
        HG_BAD_DATA,
        "a model of %zu numbers a sample was not trained on square pictures, and takes none; give it samples "
        "as it was trained on",
        numbers);
}

/* What size and kind the samples have. */
static enum hg_status choose_size(struct reading *r, const struct hg_data_options *given)
{
    struct hg_preparation *p = &r->preparation;
    if (given) {
        p->prepare = given->prepare;
        p->digits = hg_preparation_for_digits(given->like);
        p->height = given->image_height;
        p->width = given->image_width;
        p->channels = given->image_channels;
        if (given->image_size)
            HG_TRY(hg_preparation_parse(p, given->image_size));
        if (p->height == 0 && given->feature_count > 0)
            HG_TRY(square_size(p, given->feature_count));
    }
    if (p->height > 0 && p->channels > 0)
        return HG_OK;
    HG_TRY(hg_allocate(&r->headers, r->count, "the sizes of the pictures"));
    HG_TRY(hg_parallel(r->count, probe, r));
    return common_size(r);
}

enum hg_status hg_pictures_read(struct hg_table *out, const char *const *paths, size_t count,
                                const struct hg_data_options *given)
{
    struct reading r = {.paths = paths, .count = count};
    const struct hg_preparation *p = &r.preparation;
    enum hg_status status;
    *out = (struct hg_table){.names = NULL};
    HG_TRY_OR_CLEANUP(choose_size(&r, given));
    HG_TRY_OR_CLEANUP(hg_allocate(&r.prepared, count, "what was done to the pictures"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(&r.pixels, count, p->height * p->width * p->channels, "the pictures"));
    HG_TRY_OR_CLEANUP(hg_parallel(count, read_one, &r));
    HG_TRY_OR_CLEANUP(hg_names_copy(&out->sample_names, paths, count));
    hg_prepared_describe(out->note, sizeof out->note, r.prepared, count, p);
    out->samples = (struct hg_array){
        .element = HG_U8,
        .dimensions = p->channels == 3 ? 4 : 3,
        .shape = {count, p->height, p->width, p->channels},
        .values = {.data = r.pixels, .size = count * p->height * p->width * p->channels, .memory = r.pixels}};
    r.pixels = NULL; /* the table's */

cleanup:
    free(r.pixels);
    free(r.prepared);
    free(r.headers);
    if (status != HG_OK)
        hg_table_free(out);
    return status;
}
