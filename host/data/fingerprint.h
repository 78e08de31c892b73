/* A short text that tells datasets apart. */
#ifndef HANDGRAD_HOST_DATA_FINGERPRINT_H
#define HANDGRAD_HOST_DATA_FINGERPRINT_H

#include "handgrad/dataset.h"

enum { HG_FINGERPRINT = 40 };

/* "u8-1b2c3d4e-5f607182" in out[HG_FINGERPRINT]: the element type, and CRC-32 of the numbers as they
 * are in memory and of the labels. The same samples as IDX, NPY or .gz have the same one. Tells changes by accident; it
 * is no protection against anybody. Returns `out`. */
const char *hg_dataset_fingerprint(char *out, const struct hg_dataset *dataset);

#endif
