/* What the whole training steps share: the walk through an epoch in chunks, evaluation, tensors and their update,
 * memory.
 */
#ifndef HANDGRAD_KERNELS_CPU_STEPS_STEP_H
#define HANDGRAD_KERNELS_CPU_STEPS_STEP_H

#include "kernels/cpu/context.h"
#include "kernels/cpu/steps/kernels/kernels.h"
#include "kernels/cpu/steps/panels.h"

/* A call of evaluate or forward: the samples first ... first + count - 1 of `data`. */
struct hg_forward_call {
    const struct hg_data *data;
    size_t first, count;
    float *out; /* a row of logits or codes for each sample; NULL: losses (and correct answers) are wanted */
};

/* Base of both networks. */
struct hg_whole_step {
    struct hg_network base;
    struct hg_cpu *cpu;
    const struct hg_data *data;
    struct hg_network_spec spec;
    int threads; /* of the team */
    size_t lanes;
    struct hg_epoch staged;
    struct hg_epoch_progress current;
    size_t steps;                /* that the current call of train runs */
    struct hg_forward_call call; /* the current one */
    struct hg_totals totals;
    size_t capacity; /* most samples of a chunk: a multiple of HG_TILE */
    /* A batch is one chunk, momentum 0, and the gain of the inputs 1: the factor -lr / B goes into the gradients
     * (HG_ADD). */
    bool single;
};

/* A batch is processed in chunks of at most `capacity` samples, so that the workspace does not grow with it. */
struct hg_chunk {
    const uint32_t *order; /* [rows]; NULL: consecutive samples from `start` */
    size_t start, rows;
    size_t batch;     /* rows of the whole batch */
    bool first, last; /* of its batch */
    float rate;
    const uint32_t
        *next; /* [next_rows]: the samples of the chunk after this one, of the same epoch, to be prefetched */
    size_t next_rows;
};

/* The chunks of the steps to run. Every thread walks through its own copy, and all see the same chunks. */
struct hg_chunks {
    const struct hg_whole_step *network;
    size_t step, position, steps_left;
    size_t done; /* rows of the current batch that are in chunks before this one */
};

/* A parameter with its velocity (NULL without momentum) and its gradient (NULL where `single`: then none is stored). */
struct hg_tensor {
    float *values, *velocity, *gradient;
};

void hg_whole_step_init(struct hg_whole_step *network, struct hg_cpu *cpu, const struct hg_data *data,
                        const struct hg_network_spec *spec);
enum hg_status hg_whole_step_epoch_stage(struct hg_network *network, const struct hg_epoch *epoch);
enum hg_status hg_whole_step_epoch_start(struct hg_network *network, size_t first_step);
enum hg_status hg_whole_step_totals(struct hg_network *network, struct hg_totals *totals);
/* Runs `work` in every thread for the next `steps` steps, then advances the epoch; gives the samples that were used. */
size_t hg_whole_step_train(struct hg_whole_step *network, size_t steps, void (*work)(void *network, int thread));
/* Runs `work` in every thread for a call of evaluate or forward. HG_BAD_DATA: the network cannot read this dataset. */
enum hg_status hg_whole_step_forward(struct hg_whole_step *network, struct hg_forward_call call,
                                     void (*work)(void *network, int thread));

struct hg_chunks hg_chunks_of(const struct hg_whole_step *network);
bool hg_chunks_next(struct hg_chunks *chunks, struct hg_chunk *chunk);
/* The next chunk of the call of evaluate or forward, which counts as one batch; *done is 0 at first. */
bool hg_forward_next(const struct hg_forward_call *call, size_t capacity, size_t *done, struct hg_chunk *chunk);

/* A thread's samples of a chunk, or rows of a matrix. */
static inline struct hg_range hg_thread_range(const struct hg_whole_step *network, size_t count, size_t unit,
                                              int thread)
{
    return (struct hg_range){hg_cpu_share(count, unit, thread, network->threads),
                             hg_cpu_share(count, unit, thread + 1, network->threads)};
}

/* Marks a phase for --timings; only thread 0 does. */
void hg_whole_step_phase(struct hg_cpu *cpu, int thread, enum hg_phase phase);

/* Whole tiles that hold `count` samples or features. */
static inline size_t hg_tile_count(size_t count)
{
    return (count + HG_TILE - 1) / HG_TILE;
}

/* Features (or rows) of tile `tile` out of `count`. */
static inline struct hg_range hg_tile_range(size_t count, size_t tile)
{
    const size_t begin = tile * HG_TILE;
    return (struct hg_range){begin, count - begin < HG_TILE ? count : begin + HG_TILE};
}

/* A chunk's weight gradient is summed up in passes of at most HG_PASS_TILES tiles of samples. */
static inline size_t hg_pass_count(size_t tiles)
{
    return (tiles + HG_PASS_TILES - 1) / HG_PASS_TILES;
}

static inline struct hg_range hg_pass_range(size_t tiles, size_t pass)
{
    const size_t begin = pass * HG_PASS_TILES, left = tiles - begin;
    return (struct hg_range){begin, begin + (left < HG_PASS_TILES ? left : HG_PASS_TILES)};
}

static inline size_t hg_round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* How one of the sums that make up a batch's gradient enters a tensor, from element `at` on. The sums come in order;
 * `first` and `last` say that this one is the batch's first or last. */
struct hg_descent hg_descent_of(const struct hg_whole_step *network, const struct hg_chunk *chunk, bool first,
                                bool last, struct hg_tensor *tensor, size_t at);

/* Factor of a batch's mean gradient: -lr where it is added to the weights as it is (HG_ADD), else 1. */
static inline float hg_gradient_factor(const struct hg_whole_step *network, const struct hg_chunk *chunk)
{
    return network->single ? -chunk->rate : 1;
}

/* Zeroed floats on a cache line of their own; NULL when memory is out. */
float *hg_floats(size_t count);

/* *tensor is zeroed before; false when memory is out: hg_tensor_free then frees what was made. */
bool hg_tensor_create(struct hg_tensor *tensor, const struct hg_whole_step *network, size_t count);
void hg_tensor_free(struct hg_tensor *tensor);

enum hg_status hg_tiles_create(struct hg_tiles *out, size_t features, size_t capacity);
void hg_tiles_free(struct hg_tiles *tiles);

/* Prefetches part `part` of `parts` of the next chunk's samples, `bytes` of each from feature `offset` on. */
void hg_prefetch_rows(const struct hg_chunk *chunk, const struct hg_samples *samples, size_t offset, size_t bytes,
                      size_t part, size_t parts);

/* The samples of a chunk, features `offset` to `offset` + tiles->features, into tiles. */
void hg_gather_chunk(const struct hg_cpu_kernels *kernels, struct hg_tiles *tiles, const struct hg_chunk *chunk,
                     const struct hg_samples *samples, size_t offset);

enum hg_status hg_mlp_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                             const struct hg_network_spec *spec);
enum hg_status hg_autoencoder_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                                     const struct hg_network_spec *spec);

#endif
