#include "host/data/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/data/dataset.h"
#include "host/formats/gzip.h"

const char *hg_dataset_fingerprint(char *out, const struct hg_dataset *dataset)
{
    const struct hg_samples *s = hg_dataset_samples(dataset);
    const size_t size = s->element == HG_U8 ? 1 : sizeof(float);
    const uint32_t values = hg_crc32(s->values, s->count * s->features * size);
    snprintf(out, HG_FINGERPRINT, "%s-%08" PRIx32 "-%08" PRIx32, s->element == HG_U8 ? "u8" : "f32", values,
             s->labels ? hg_crc32(s->labels, s->count) : 0);
    return out;
}
