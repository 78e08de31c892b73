/* How a picture of any size becomes a sample of a model. */
#ifndef HANDGRAD_HOST_PICTURES_PREPARE_H
#define HANDGRAD_HOST_PICTURES_PREPARE_H

#include "handgrad/dataset.h"
#include "host/pictures/ink.h"
#include "host/pictures/picture.h"

/* What is wanted. */
struct hg_preparation {
    enum hg_prepare prepare;
    size_t height, width, channels;
    bool digits; /* a model of digits such as MNIST's reads them: what HG_PREPARE_AUTO goes by */
};

/* Reads "HxW", "HxWx1", "HxWx3" or "N" into the size that is wanted; channels is 0 where the text says nothing of them.
 * HG_USAGE, naming the option image_size: another text, or a side of 0 or more than HG_PICTURE_SIDE_MAX. */
enum hg_status hg_preparation_parse(struct hg_preparation *out, const char *text);

/* "auto", "none", "resize", "mnist", NULL; indexed by enum hg_prepare. */
extern const char *const hg_prepare_names[];

/* Whether inputs with these statistics, NULL: unknown, are digits as MNIST has them. */
bool hg_preparation_for_digits(const struct hg_input_scale *like);

/* What was done to one picture. */
struct hg_prepared {
    size_t height, width, channels; /* of the picture as it was */
    bool transparent;
    bool as_mnist;     /* made as MNIST was */
    struct hg_ink ink; /* where it was */
};

/* Makes a sample of the size and kind that are wanted. HG_BAD_DATA, naming the picture `what`: HG_PREPARE_NONE, and it
 * has another size. HG_INTERNAL. */
enum hg_status hg_picture_prepare(struct hg_picture *out, const struct hg_picture *picture,
                                  const struct hg_preparation *wanted, struct hg_prepared *done, const char *what);

/* What was done to `count` pictures, in a sentence, in out[size]; "" where there is nothing to say. */
void hg_prepared_describe(char *out, size_t size, const struct hg_prepared *done, size_t count,
                          const struct hg_preparation *wanted);

#endif
