/* Whether numbers can be of the kind that a model was trained on, and if not as they are, then how. The limits are
 * wide: samples of the same kind never meet them, whatever they show. */
#include "host/data/reading.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "host/data/input_scale.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

/* How far the typical sample may reach beyond the range of training, in widths of that range. */
static const double DOUBTFUL_BEYOND = 0.25, IMPOSSIBLE_BEYOND = 4, ABSURD_BEYOND = 32;
/* Distance between the means of many samples and of training, in the larger of their deviations: inverted images of
 * digits have 2.4. */
static const double DOUBTFUL_SHIFT = 1;
/* Factor between the deviations of many samples and of training: what standardised pixels have is 3.2. */
static const double DOUBTFUL_SPREAD = 3;
/* The same for fewer samples; where they are so few that they may be exceptions, it only helps to choose between two
 * readings. */
static const double OTHER_SCALE = 64;
/* From so many samples on most of them are no exceptions; and from so many on their deviation is that of their kind. */
enum { SEVERAL = 10, MANY = 100 };
/* Numbers up to 255 of which the largest is below this are no pixels of bytes. */
static const double DARK = 64;

static const double PIXEL = 255;

enum fit { FITS, UNLIKELY, DOUBTFUL, IMPOSSIBLE };

/* At most 4096 samples of a file, as stored. */
struct measured {
    struct hg_input_scale all;
    bool bytes, whole, fractions; /* stored as bytes; every number is whole; some lie between 0 and 1 */
    size_t rows;
    double *least, *largest, *beyond; /* [rows]; `beyond` is room for the verdict */
};

static enum hg_status measure(struct measured *m, const struct hg_samples *samples)
{
    *m = (struct measured){.bytes = samples->element == HG_U8, .whole = true, .rows = hg_samples_sampled(samples)};
    HG_TRY(hg_allocate_bytes(&m->least, m->rows, 3 * sizeof *m->least, "the range of the data"));
    m->largest = m->least + m->rows;
    m->beyond = m->largest + m->rows;
    hg_samples_moments(samples, &m->all.mean, &m->all.deviation);
    m->all.least = INFINITY;
    m->all.largest = -INFINITY;
    for (size_t k = 0; k < m->rows; ++k) {
        const size_t row = hg_samples_spread(samples, k, m->rows);
        hg_samples_range(samples, row, 1, &m->least[k], &m->largest[k]);
        for (size_t d = 0; !m->bytes && d < samples->features; ++d) {
            const double x = hg_samples_number(samples, row, d);
            m->whole = m->whole && x == floor(x);
            m->fractions = m->fractions || (x > 0 && x < 1);
        }
        m->all.least = fmin(m->all.least, m->least[k]);
        m->all.largest = fmax(m->all.largest, m->largest[k]);
    }
    return HG_OK;
}

static void measured_free(struct measured *m)
{
    free(m->least);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* By how much the median sample, divided by `divisor`, reaches beyond the range. */
static double median_beyond(const struct measured *m, double divisor, double least, double largest)
{
    for (size_t k = 0; k < m->rows; ++k)
        m->beyond[k] = fmax(0, fmax(least - m->least[k] / divisor, m->largest[k] / divisor - largest));
    qsort(m->beyond, m->rows, sizeof *m->beyond, compare);
    return m->beyond[m->rows / 2];
}

/* The width of the range of training, in which distances from it are told. */
static double width_of(const struct hg_input_scale *like)
{
    const double width = like->largest - like->least;
    return width > 0 ? width : like->largest != 0 ? fabs(like->largest) : 1;
}

static bool differ(double a, double b, double factor)
{
    return a > 0 && b > 0 && (a > b * factor || b > a * factor);
}

/* *strain: how far from training, to choose between two verdicts of the same name. */
static enum fit judge(const struct measured *m, double divisor, const struct hg_input_scale *like, double *strain)
{
    const double deviation = m->all.deviation / divisor, shift = fabs(m->all.mean / divisor - like->mean);
    const bool pixels = like->numbers == HG_NUMBERS_PIXELS, certain = pixels && m->bytes;
    *strain = median_beyond(m, divisor, like->least, like->largest) / width_of(like);
    /* A pixel lies in [0, 1] whatever training happened to see. */
    if (!certain && (*strain > ABSURD_BEYOND ||
                     (m->rows >= SEVERAL &&
                      (*strain > IMPOSSIBLE_BEYOND || (pixels && median_beyond(m, divisor, 0, 1) > DOUBTFUL_BEYOND)))))
        return IMPOSSIBLE;
    const bool other_scale = differ(deviation, like->deviation, OTHER_SCALE);
    if (*strain > DOUBTFUL_BEYOND || (m->rows >= SEVERAL && other_scale) ||
        (m->rows >= MANY && (differ(deviation, like->deviation, DOUBTFUL_SPREAD) ||
                             shift > DOUBTFUL_SHIFT * fmax(deviation, like->deviation))))
        return DOUBTFUL;
    return other_scale ? UNLIKELY : FITS;
}

static bool within(const struct hg_input_scale *scale, double least, double largest)
{
    return scale->least >= least && scale->largest <= largest;
}

/* The numbers by which the stored ones may have to be divided, the likeliest first; returns how many there are. */
static size_t list_divisors(double divisors[3], const struct hg_array *samples, const struct measured *m,
                            const struct hg_input_scale *like)
{
    const bool for_pixels = like->numbers == HG_NUMBERS_PIXELS, floats = samples->element == HG_F32;
    const bool bright = m->all.least >= 0 && m->all.largest > DARK && m->all.largest <= PIXEL;
    size_t count = 0;
    if (!floats && (for_pixels || (!samples->from_text && within(like, 0, 1))))
        divisors[count++] = PIXEL;
    if (floats || !for_pixels)
        divisors[count++] = 1;
    if (floats && for_pixels) {
        /* Numbers of a table that stood for value / 255 because all of them were whole: 6.0, or 6.5 among small ones.
         */
        if (m->whole || bright || (m->all.least >= 0 && like->largest * PIXEL < DARK))
            divisors[count++] = PIXEL;
    } else if (floats || samples->from_text) {
        if (bright && within(like, 0, 1))
            divisors[count++] = PIXEL;
        if (floats && m->fractions && within(&m->all, 0, 1) && within(like, 0, PIXEL) && like->largest > DARK)
            divisors[count++] = 1 / PIXEL;
    }
    return count;
}

/* Makes floats of the samples, divided. */
static enum hg_status divide(struct hg_array *array, const struct hg_samples *samples, double divisor)
{
    const size_t count = samples->count * samples->features;
    float *values;
    HG_TRY(hg_allocate_bytes(&values, samples->count, samples->features * sizeof *values, "the converted samples"));
    for (size_t i = 0; i < count; ++i)
        values[i] = (float)(hg_samples_number(samples, 0, i) / divisor);
    hg_block_free(&array->values);
    array->values =
        (struct hg_block){.data = (unsigned char *)values, .size = count * sizeof *values, .memory = values};
    array->element = HG_F32;
    return HG_OK;
}

static enum hg_status cannot_be(const char *name, const struct measured *m, double divisor,
                                const struct hg_input_scale *like)
{
    return hg_fail(
        HG_BAD_DATA,
        "%s: its numbers, from %g to %g, cannot be of the kind that training saw, from %g to %g; prepare them "
        "as the training data were prepared",
        name, m->all.least / divisor, m->all.largest / divisor, like->least, like->largest);
}

/* What the user should know about a reading, where there is anything. */
static enum hg_status describe(char **note, const char *path, const struct hg_array *samples, const struct measured *m,
                               const struct hg_input_scale *like, double divisor, enum fit fit)
{
    const bool stored_as_pixels = samples->element == HG_U8 && !samples->from_text;
    const bool usual = like->numbers == HG_NUMBERS_PIXELS ? samples->element == HG_U8 || divisor == 1
                                                          : !stored_as_pixels && divisor == 1;
    *note = NULL;
    if (fit == DOUBTFUL)
        return hg_string_format(
            note,
            "%s: its numbers, from %.4g to %.4g with mean %.3g and deviation %.3g, differ from those of training, "
            "from %.4g to %.4g with mean %.3g and deviation %.3g; were both prepared alike?",
            path, m->all.least / divisor, m->all.largest / divisor, m->all.mean / divisor, m->all.deviation / divisor,
            like->least, like->largest, like->mean, like->deviation);
    if (usual)
        return HG_OK;
    const char *done = divisor == PIXEL ? "are divided by 255"
                       : divisor == 1   ? "stand for themselves"
                                        : "are multiplied by 255";
    return hg_string_format(note, "%s: its numbers %s, since those of training lie from %.4g to %.4g", path, done,
                            like->least, like->largest);
}

static struct hg_samples samples_of(const struct hg_array *array)
{
    return (struct hg_samples){.count = array->shape[0],
                               .features = hg_array_features(array),
                               .element = array->element,
                               .values = array->values.data};
}

enum hg_status hg_array_read_like(struct hg_array *array, const char *path, const struct hg_input_scale *like,
                                  char **note)
{
    const struct hg_samples samples = samples_of(array);
    *note = NULL;
    if (samples.count == 0 || samples.features == 0)
        return HG_OK; /* no dataset: its maker says so */
    struct measured m;
    enum hg_status status = HG_OK;
    HG_TRY(measure(&m, &samples));
    double divisors[3], best = 1, least_strain = INFINITY;
    const size_t count = list_divisors(divisors, array, &m, like);
    enum fit best_fit = IMPOSSIBLE;
    for (size_t i = 0; i < count; ++i) {
        double strain;
        const enum fit fit = judge(&m, divisors[i], like, &strain);
        if (i == 0 || fit < best_fit || (fit == best_fit && strain < least_strain)) {
            best = divisors[i];
            best_fit = fit;
            least_strain = strain;
        }
    }
    if (best_fit == IMPOSSIBLE) {
        status = cannot_be(path, &m, best, like);
        goto cleanup;
    }
    HG_TRY_OR_CLEANUP(describe(note, path, array, &m, like, best, best_fit));
    /* Bytes that stay bytes are divided by 255 where they are computed with. */
    if (best != (array->element == HG_U8 ? PIXEL : 1))
        HG_TRY_OR_CLEANUP(divide(array, &samples, best));

cleanup:
    measured_free(&m);
    return status;
}

enum hg_status hg_samples_require_like(const struct hg_samples *samples, const char *name,
                                       const struct hg_input_scale *like)
{
    const double divisor = samples->element == HG_U8 ? PIXEL : 1;
    struct measured m;
    double strain;
    HG_TRY(measure(&m, samples));
    const enum hg_status status =
        judge(&m, divisor, like, &strain) == IMPOSSIBLE ? cannot_be(name, &m, divisor, like) : HG_OK;
    measured_free(&m);
    return status;
}
