/* Memory of the whole-step networks, and the way of samples into it. */
#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/cpu/steps/step.h"

static void *zeroed(size_t bytes)
{
    void *memory = NULL;
    hg_allocate_aligned(&memory, HG_ALIGN, bytes, "a training step");
    return memory;
}

float *hg_floats(size_t count)
{
    return zeroed(count * sizeof(float));
}

bool hg_tensor_create(struct hg_tensor *tensor, const struct hg_whole_step *network, size_t count)
{
    const bool moves = network->spec.momentum > 0, stores = !network->single;
    tensor->values = hg_floats(count);
    if (moves)
        tensor->velocity = hg_floats(count);
    if (stores)
        tensor->gradient = hg_floats(count);
    return tensor->values && (tensor->velocity || !moves) && (tensor->gradient || !stores);
}

void hg_tensor_free(struct hg_tensor *tensor)
{
    free(tensor->gradient);
    free(tensor->velocity);
    free(tensor->values);
}

enum hg_status hg_tiles_create(struct hg_tiles *out, size_t features, size_t capacity)
{
    const size_t words = hg_tile_count(features);
    struct hg_tiles tiles = {.features = features, .words = words, .capacity = capacity};
    tiles.bytes = zeroed(words * capacity * HG_TILE);
    tiles.by_row = zeroed(words * capacity * sizeof *tiles.by_row);
    tiles.by_feature = zeroed(words * capacity * sizeof *tiles.by_feature);
    if (!tiles.bytes || !tiles.by_row || !tiles.by_feature) {
        hg_tiles_free(&tiles);
        return HG_INTERNAL;
    }
    *out = tiles;
    return HG_OK;
}

void hg_tiles_free(struct hg_tiles *tiles)
{
    free(tiles->by_feature);
    free(tiles->by_row);
    free(tiles->bytes);
}

void hg_prefetch_rows(const struct hg_chunk *chunk, const struct hg_samples *samples, size_t offset, size_t bytes,
                      size_t part, size_t parts)
{
    const uint8_t *values = (const uint8_t *)samples->values + offset;
    for (size_t b = chunk->next_rows * part / parts; b < chunk->next_rows * (part + 1) / parts; ++b)
        for (size_t i = 0; i < bytes; i += HG_ALIGN)
            __builtin_prefetch(values + chunk->next[b] * samples->features + i, 0, 2);
}

void hg_gather_chunk(const struct hg_cpu_kernels *kernels, struct hg_tiles *tiles, const struct hg_chunk *chunk,
                     const struct hg_samples *samples, size_t offset)
{
    const uint8_t *values = (const uint8_t *)samples->values + offset;
    kernels->tiles_gather(tiles, values + chunk->start * samples->features, samples->features, chunk->order,
                          chunk->rows);
}
