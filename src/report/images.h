/* Images of the data on the page: small ones enlarged, large ones made smaller. */
#ifndef HANDGRAD_SRC_REPORT_IMAGES_H
#define HANDGRAD_SRC_REPORT_IMAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/report/report.h"

/* How an image of the data becomes one of the page. */
struct hg_report_shape {
    size_t from_height, from_width; /* in the data */
    size_t height, width, channels; /* on the page */
    size_t shrink;                  /* a square of so many pixels a side becomes one, their mean */
    float dark, bright;             /* what is black, and what is white */
};

/* False where the model's samples are no images. */
bool hg_report_shape_of(struct hg_report_shape *shape, const struct hg_report_run *run);
/* Numbers of an image on the page. */
size_t hg_report_shape_numbers(const struct hg_report_shape *shape);
/* [from_height][from_width][channels] -> [height][width][channels] */
void hg_report_shrink(float *out, const struct hg_report_shape *shape, const float *image);

/* Samples of a dataset, made smaller: out[count][numbers of an image on the page]; the caller frees *out. */
enum hg_status hg_report_images(float **out, const struct hg_report_shape *shape, const struct hg_dataset *dataset,
                                const size_t *samples, size_t count);

/* Adds one picture of `count` images, at least 1, `columns` in a row, each with the one of `below` under it unless that
 * is NULL. The text (printf) stands for it where it cannot be seen. */
enum hg_status hg_report_add_images(struct hg_html *page, const struct hg_report_shape *shape, size_t count,
                                    size_t columns, const float *images, const float *below, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

#endif
