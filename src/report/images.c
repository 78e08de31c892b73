#include "src/report/images.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/pictures/sheet.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum {
    LARGEST = 64, /* pixels a side of an image on the page; larger ones are made smaller */
    LEGIBLE = 56  /* smaller ones are shown at about this size */
};

bool hg_report_shape_of(struct hg_report_shape *shape, const struct hg_report_run *run)
{
    const size_t height = hg_model_height(run->model), width = hg_model_width(run->model);
    const size_t longest = height > width ? height : width;
    if (longest == 0)
        return false;
    *shape = (struct hg_report_shape){.from_height = height,
                                      .from_width = width,
                                      .channels = hg_model_channels(run->model),
                                      .shrink = (longest + LARGEST - 1) / LARGEST,
                                      .bright = 1};
    shape->height = height > shape->shrink ? height / shape->shrink : 1;
    shape->width = width > shape->shrink ? width / shape->shrink : 1;
    if (run->scale.numbers == HG_NUMBERS_VALUES && run->scale.largest > run->scale.least) {
        shape->dark = (float)run->scale.least;
        shape->bright = (float)run->scale.largest;
    }
    return true;
}

size_t hg_report_shape_numbers(const struct hg_report_shape *shape)
{
    return shape->height * shape->width * shape->channels;
}

/* The mean of the pixels that become pixel (y, x) of the page. */
static float mean_of(const struct hg_report_shape *s, const float *image, size_t y, size_t x, size_t channel)
{
    float sum = 0;
    size_t count = 0;
    for (size_t dy = y * s->shrink; dy < (y + 1) * s->shrink && dy < s->from_height; ++dy)
        for (size_t dx = x * s->shrink; dx < (x + 1) * s->shrink && dx < s->from_width; ++dx, ++count)
            sum += image[(dy * s->from_width + dx) * s->channels + channel];
    return sum / (float)count;
}

void hg_report_shrink(float *out, const struct hg_report_shape *shape, const float *image)
{
    for (size_t y = 0; y < shape->height; ++y)
        for (size_t x = 0; x < shape->width; ++x)
            for (size_t c = 0; c < shape->channels; ++c)
                *out++ = mean_of(shape, image, y, x, c);
}

enum hg_status hg_report_images(float **out, const struct hg_report_shape *shape, const struct hg_dataset *dataset,
                                const size_t *samples, size_t count)
{
    const size_t numbers = hg_report_shape_numbers(shape);
    float *sample = NULL;
    *out = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_allocate(&sample, hg_dataset_features(dataset), "a sample"));
    HG_TRY_OR_CLEANUP(hg_allocate_bytes(out, count, numbers * sizeof **out, "images of the page"));
    for (size_t i = 0; i < count; ++i) {
        hg_dataset_sample(dataset, samples[i], sample);
        hg_report_shrink(*out + i * numbers, shape, sample);
    }
cleanup:
    free(sample);
    return status;
}

enum hg_status hg_report_add_images(struct hg_html *page, const struct hg_report_shape *shape, size_t count,
                                    size_t columns, const float *images, const float *below, const char *format, ...)
{
    const struct hg_sheet sheet = {.count = count,
                                   .columns = columns,
                                   .height = shape->height,
                                   .width = shape->width,
                                   .channels = shape->channels,
                                   .scale = 1,
                                   .images = images,
                                   .below = below,
                                   .dark = shape->dark,
                                   .bright = shape->bright};
    struct hg_picture picture;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return hg_fail_out_of_memory("the page");
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_sheet_draw(&picture, &sheet, "a picture of the page"));
    hg_html_picture(page, &picture, shape->width < LEGIBLE ? (LEGIBLE + shape->width / 2) / shape->width : 1, "%s",
                    text);
    hg_picture_free(&picture);
cleanup:
    free(text);
    return status;
}
