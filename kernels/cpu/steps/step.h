/* What the whole-step networks share: the epoch, chunks of a batch, panels of units, memory. */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_STEP_H
#define HANDGRAD_KERNELS_CPU_STEPS_STEP_H

#include "kernels/cpu/context.h"
#include "kernels/cpu/steps/kernels/kernels.h"

/* Base of both networks. */
struct hg_whole_step {
    struct hg_network base;
    struct hg_cpu *cpu;
    const struct hg_data *data;
    struct hg_network_spec spec;
    struct hg_epoch staged;
    struct hg_epoch_progress current;
    size_t steps; /* that the call of train under way is to do */
    struct hg_totals totals;
    size_t capacity; /* samples of a chunk: a multiple of HG_TILE */
    bool single;     /* a batch is one chunk, momentum 0: the factor -lr / B goes into the gradients (HG_ADD) */
};

/* A batch is processed in chunks of at most `capacity` samples, so that the workspace does not grow with it. */
struct hg_chunk {
    const uint32_t *order; /* [rows]; NULL: consecutive samples from `start` */
    size_t start, rows;
    size_t batch;     /* rows of the whole batch */
    bool first, last; /* of its batch */
    float rate;
    const uint32_t *next; /* the samples of the chunk after this one, of the same epoch: [next_rows] */
    size_t next_rows;
};

/* Steps of the current epoch, chunk by chunk; every member of the team walks through its own copy. */
struct hg_chunks {
    const struct hg_whole_step *network;
    size_t step, position, steps_left;
    size_t done; /* rows of the current batch that have been given out */
};

void hg_whole_step_init(struct hg_whole_step *network, struct hg_cpu *cpu, const struct hg_data *data,
                        const struct hg_network_spec *spec);
enum hg_status hg_whole_step_epoch_stage(struct hg_network *network, const struct hg_epoch *epoch);
enum hg_status hg_whole_step_epoch_start(struct hg_network *network, size_t first_step);
enum hg_status hg_whole_step_totals(struct hg_network *network, struct hg_totals *totals);
/* Whether the network can read this dataset: its features and element. */
enum hg_status hg_whole_step_accepts(const struct hg_whole_step *network, const struct hg_data *data);
/* Runs `work` in every member for the next `steps` steps, then advances the epoch. */
void hg_whole_step_train(struct hg_whole_step *network, size_t steps, void (*work)(void *network, int member));

struct hg_chunks hg_chunks_of(const struct hg_whole_step *network);
bool hg_chunks_next(struct hg_chunks *chunks, struct hg_chunk *chunk);

/* Marks a phase for --timings; for member 0 alone. */
void hg_whole_step_phase(const struct hg_whole_step *network, int member, enum hg_phase phase);

/* Zeroed floats on a cache line of their own; NULL when memory is out. */
float *hg_floats(size_t count);

enum hg_status hg_tiles_create(struct hg_tiles *out, size_t features, size_t capacity);
void hg_tiles_free(struct hg_tiles *tiles);

/* Asks for part `part` of `parts` of the next chunk's rows. */
void hg_prefetch_rows(const struct hg_chunk *chunk, const struct hg_samples *samples, size_t offset, size_t bytes,
                      size_t part, size_t parts);

/* The samples of a chunk, features `offset` to `offset` + tiles->features, into tiles. */
void hg_gather_chunk(const struct hg_cpu_kernels *kernels, struct hg_tiles *tiles, const struct hg_chunk *chunk,
                     const struct hg_samples *samples, size_t offset);

/* Units in vectors, vectors in panels of nearly equal size: panel p of `panels` begins at this vector. */
static inline size_t hg_panels(size_t vectors)
{
    return (vectors + HG_PANEL - 1) / HG_PANEL;
}

static inline size_t hg_panel_begin(size_t vectors, size_t panel)
{
    const size_t panels = hg_panels(vectors);
    return panels ? vectors * panel / panels : 0;
}

static inline size_t hg_round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

enum hg_status hg_mlp_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                             const struct hg_network_spec *spec);
enum hg_status hg_autoencoder_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                                     const struct hg_network_spec *spec);

#endif
