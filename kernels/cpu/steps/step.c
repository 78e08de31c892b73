#include "kernels/cpu/steps/step.h"

#include <assert.h>

#include "kernels/base/try.h"

/* Samples of a chunk: so many that a weight which is loaded serves many samples, so few that a thread's activations
 * stay in its caches. A batch below the lower limit makes smaller chunks in training, not in evaluation. */
enum { CHUNK_LEAST = 256, CHUNK_MOST = 1024 };

/* Density of the data from which the list of dense ops is faster: measured, docs/PERFORMANCE.md. */
static const double DENSE_FROM = 0.75;

enum hg_status hg_cpu_network_create(struct hg_network **out, struct hg_context *ctx, const struct hg_data *data,
                                     const struct hg_network_spec *spec)
{
    struct hg_cpu *cpu = hg_cpu(ctx);
    const enum hg_input input = cpu->host.options.input;
    *out = NULL;
    if (data->samples.element != HG_U8 || input == HG_INPUT_DENSE || spec->second_moment || spec->input_centre ||
        (input == HG_INPUT_AUTO && data->density >= DENSE_FROM))
        return HG_OK;
    return spec->kind == HG_NETWORK_MLP ? hg_mlp_create(out, cpu, data, spec)
                                        : hg_autoencoder_create(out, cpu, data, spec);
}

void hg_whole_step_init(struct hg_whole_step *network, struct hg_cpu *cpu, const struct hg_data *data,
                        const struct hg_network_spec *spec)
{
    network->cpu = cpu;
    network->data = data;
    network->spec = *spec;
    network->threads = hg_team_size(cpu->team);
    network->lanes = cpu->kernels->lanes;
    size_t capacity = spec->batch < CHUNK_LEAST ? CHUNK_LEAST : spec->batch;
    capacity = capacity > CHUNK_MOST ? CHUNK_MOST : capacity;
    network->capacity = hg_round_up(capacity, HG_TILE);
    network->single = spec->batch <= network->capacity && spec->momentum == 0 && hg_input_gain(spec) == 1;
}

enum hg_status hg_whole_step_epoch_stage(struct hg_network *network, const struct hg_epoch *epoch)
{
    ((struct hg_whole_step *)network)->staged = *epoch;
    return HG_OK;
}

enum hg_status hg_whole_step_epoch_start(struct hg_network *base, size_t first_step)
{
    struct hg_whole_step *network = (struct hg_whole_step *)base;
    network->current = hg_epoch_from(&network->staged, first_step);
    assert(network->current.epoch.batch <= network->spec.batch);
    return HG_OK;
}

enum hg_status hg_whole_step_totals(struct hg_network *base, struct hg_totals *totals)
{
    *totals = hg_totals_take(&((struct hg_whole_step *)base)->totals);
    return HG_OK;
}

/* Whether the network can read this dataset: its features and element. */
static enum hg_status accepts(const struct hg_whole_step *network, const struct hg_data *data)
{
    if (data->samples.features != network->spec.features)
        return hg_fail(HG_BAD_DATA, "the dataset has %zu features a sample, the model %zu", data->samples.features,
                       network->spec.features);
    if (data->samples.element != HG_U8)
        return hg_fail(HG_BAD_DATA, "the model was set up for uint8 samples, this dataset has float samples; "
                                    "use input=dense for both");
    return HG_OK;
}

size_t hg_whole_step_train(struct hg_whole_step *network, size_t steps, void (*work)(void *network, int thread))
{
    struct hg_epoch_progress *e = &network->current;
    assert(e->step + steps <= e->epoch.steps);
    const size_t before = e->position;
    network->steps = steps;
    hg_team_run(network->cpu->team, work, network);
    e->step += steps;
    e->position += steps * e->epoch.batch;
    if (e->position > e->epoch.samples)
        e->position = e->epoch.samples;
    return e->position - before;
}

enum hg_status hg_whole_step_forward(struct hg_whole_step *network, struct hg_forward_call call,
                                     void (*work)(void *network, int thread))
{
    HG_TRY(accepts(network, call.data));
    network->call = call;
    if (call.count > 0)
        hg_team_run(network->cpu->team, work, network);
    return HG_OK;
}

struct hg_chunks hg_chunks_of(const struct hg_whole_step *network)
{
    return (struct hg_chunks){network, network->current.step, network->current.position, network->steps, 0};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool hg_chunks_next(struct hg_chunks *chunks, struct hg_chunk *chunk)
{
    if (chunks->steps_left == 0)
        return false;
    const struct hg_epoch *epoch = &chunks->network->current.epoch;
    const size_t capacity = chunks->network->capacity;
    const size_t batch = least(epoch->batch, epoch->samples - chunks->position);
    *chunk = (struct hg_chunk){.order = epoch->order + chunks->position + chunks->done,
                               .rows = least(capacity, batch - chunks->done),
                               .batch = batch,
                               .first = chunks->done == 0,
                               .rate = epoch->rates[chunks->step]};
    chunks->done += chunk->rows;
    chunk->last = chunks->done == batch;
    chunk->next = chunk->order + chunk->rows;
    size_t next_left = batch - chunks->done;
    if (chunk->last) {
        chunks->position += batch;
        chunks->done = 0;
        ++chunks->step;
        --chunks->steps_left;
        next_left = least(epoch->batch, epoch->samples - chunks->position);
    }
    chunk->next_rows = least(capacity, next_left);
    return true;
}

bool hg_forward_next(const struct hg_forward_call *call, size_t capacity, size_t *done, struct hg_chunk *chunk)
{
    if (*done == call->count)
        return false;
    *chunk = (struct hg_chunk){.start = call->first + *done,
                               .rows = least(call->count - *done, capacity),
                               .batch = call->count,
                               .first = *done == 0};
    *done += chunk->rows;
    return true;
}

struct hg_descent hg_descent_of(const struct hg_whole_step *network, const struct hg_chunk *chunk, bool first,
                                bool last, struct hg_tensor *tensor, size_t at)
{
    const struct hg_network_spec *spec = &network->spec;
    if (network->single)
        return (struct hg_descent){
            .kind = HG_ADD, .decay = first ? chunk->rate * spec->weight_decay : 0, .target = tensor->values + at};
    if (!last)
        return (struct hg_descent){.kind = first ? HG_STORE : HG_ADD, .target = tensor->gradient + at};
    return (struct hg_descent){.kind = HG_SGD,
                               .rate = chunk->rate,
                               .gain = 1,
                               .momentum = spec->momentum,
                               .weight_decay = spec->weight_decay,
                               .nesterov = spec->nesterov,
                               .target = tensor->values + at,
                               .velocity = tensor->velocity ? tensor->velocity + at : NULL,
                               .earlier = first ? NULL : tensor->gradient + at};
}

void hg_whole_step_phase(struct hg_cpu *cpu, int thread, enum hg_phase phase)
{
    if (thread == 0)
        cpu->host.base.backend->phase(&cpu->host.base, phase);
}
