/* The whole-step MLP: memory, and parameters in and out. */
#include "kernels/cpu/steps/mlp.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static struct hg_mlp *mlp_of(struct hg_network *network)
{
    return (struct hg_mlp *)network;
}

static void share_free(struct hg_mlp_share *share)
{
    free(share->labels);
    free(share->dz);
    free(share->slope);
    free(share->h);
    hg_tensor_free(&share->b2);
    hg_tensor_free(&share->w2);
    hg_tensor_free(&share->b1);
    hg_tensor_free(&share->w1);
    hg_tiles_free(&share->tiles);
}

static void mlp_free(struct hg_network *network)
{
    struct hg_mlp *mlp = mlp_of(network);
    if (!mlp)
        return;
    free(mlp->logits);
    for (int i = 0; mlp->shares && i < mlp->step.threads; ++i)
        share_free(&mlp->shares[i]);
    free(mlp->shares);
    free(mlp);
}

struct creation {
    struct hg_mlp *mlp;
    bool *done; /* [threads] */
};

/* Each thread makes its own share, so that the memory lies near its core. */
static void share_create(void *argument, int thread)
{
    struct creation *creation = argument;
    struct hg_mlp *mlp = creation->mlp;
    const struct hg_whole_step *step = &mlp->step;
    struct hg_mlp_share *share = &mlp->shares[thread];
    const size_t vectors = (step->spec.hidden + step->lanes - 1) / step->lanes;
    const struct hg_range own = hg_thread_range(step, vectors, 1, thread);
    share->first = own.begin;
    share->vectors = own.end - own.begin;
    const size_t units = share->vectors * step->lanes, classes = step->spec.classes;
    share->h = hg_floats(units * step->capacity);
    share->slope = hg_floats(units * step->capacity);
    share->dz = hg_floats(classes * step->capacity);
    hg_allocate(&share->labels, step->capacity + HG_TILE, "labels");
    creation->done[thread] =
        hg_tiles_create(&share->tiles, step->spec.features, step->capacity) == HG_OK &&
        hg_tensor_create(&share->w1, step, step->spec.features * units) && hg_tensor_create(&share->b1, step, units) &&
        hg_tensor_create(&share->w2, step, classes * units) && hg_tensor_create(&share->b2, step, classes) &&
        share->h && share->slope && share->dz && share->labels;
}

/* The threads' copies of the output bias. */
static void copy_output_bias(struct hg_mlp *mlp, enum hg_role role, struct hg_canonical tensor)
{
    for (int i = 0; i < mlp->step.threads; ++i) {
        struct hg_tensor *t = &mlp->shares[i].b2;
        float *values = role == HG_PARAMETER ? t->values : t->velocity;
        for (size_t c = 0; c < mlp->step.spec.classes; ++c) {
            if (tensor.read)
                values[c] = (float)tensor.read[c];
            else
                tensor.write[c] = (double)values[c];
        }
    }
}

static void copy_tensor(struct hg_mlp *mlp, enum hg_role role, size_t index, struct hg_canonical tensor)
{
    enum { W1, B1, W2, B2 };
    const struct hg_network_spec *spec = &mlp->step.spec;
    if (index == B2) {
        copy_output_bias(mlp, role, tensor);
        return;
    }
    const size_t rows = index == W1 ? spec->features : index == B1 ? 1 : spec->classes;
    tensor.unit_stride = index == W1 ? spec->features : 1;
    tensor.row_stride = index == W1 ? 1 : spec->hidden;
    for (int i = 0; i < mlp->step.threads; ++i) {
        struct hg_mlp_share *share = &mlp->shares[i];
        if (share->vectors == 0)
            continue;
        const struct hg_tensor *t = index == W1 ? &share->w1 : index == B1 ? &share->b1 : &share->w2;
        const size_t first = share->first * mlp->step.lanes;
        hg_panels_copy(role == HG_PARAMETER ? t->values : t->velocity, share->vectors, mlp->step.lanes, rows,
                       spec->hidden - first, hg_canonical_from(tensor, first, 0));
    }
}

static enum hg_status mlp_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    copy_tensor(mlp_of(network), role, index, (struct hg_canonical){.read = values});
    return HG_OK;
}

static enum hg_status mlp_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    copy_tensor(mlp_of(network), role, index, (struct hg_canonical){.write = values});
    return HG_OK;
}

/* Adds up what the threads have counted since the last time. */
static void collect(struct hg_mlp *mlp, uint64_t samples, struct hg_totals *totals)
{
    for (int i = 0; i < mlp->step.threads; ++i) {
        struct hg_score *score = &mlp->shares[i].score;
        totals->loss += score->loss;
        totals->correct += score->correct;
        *score = (struct hg_score){0};
    }
    totals->samples += samples;
}

static enum hg_status mlp_train(struct hg_network *network, size_t steps)
{
    struct hg_mlp *mlp = mlp_of(network);
    const size_t samples = hg_whole_step_train(&mlp->step, steps, hg_mlp_train_thread);
    collect(mlp, samples, &mlp->step.totals);
    return HG_OK;
}

static enum hg_status mlp_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                   struct hg_totals *totals)
{
    struct hg_mlp *mlp = mlp_of(network);
    HG_TRY(hg_whole_step_forward(&mlp->step, (struct hg_forward_call){data, 0, count, NULL}, hg_mlp_forward_thread));
    *totals = (struct hg_totals){0};
    collect(mlp, count, totals);
    return HG_OK;
}

static enum hg_status mlp_forward(struct hg_network *network, const struct hg_data *data, size_t first, size_t count,
                                  float *out)
{
    return hg_whole_step_forward(&mlp_of(network)->step, (struct hg_forward_call){data, first, count, out},
                                 hg_mlp_forward_thread);
}

static const struct hg_network_functions functions = {
    .free = mlp_free,
    .set = mlp_set,
    .get = mlp_get,
    .epoch_stage = hg_whole_step_epoch_stage,
    .epoch_start = hg_whole_step_epoch_start,
    .train = mlp_train,
    .totals = hg_whole_step_totals,
    .evaluate = mlp_evaluate,
    .forward = mlp_forward,
};

enum hg_status hg_mlp_create(struct hg_network **out, struct hg_cpu *cpu, const struct hg_data *data,
                             const struct hg_network_spec *spec)
{
    enum hg_status status = HG_OK;
    const int threads = hg_team_size(cpu->team);
    bool *done = NULL;
    struct hg_mlp *mlp = NULL;
    HG_TRY_OR_CLEANUP(hg_allocate(&done, (size_t)threads, "a training step"));
    HG_TRY_OR_CLEANUP(hg_allocate(&mlp, 1, "a training step"));
    mlp->step.base.functions = &functions;
    hg_whole_step_init(&mlp->step, cpu, data, spec);
    HG_TRY_OR_CLEANUP(hg_allocate(&mlp->shares, (size_t)threads, "a training step"));
    mlp->logits = hg_floats(2 * (size_t)threads * spec->classes * mlp->step.capacity);
    hg_team_run(cpu->team, share_create, &(struct creation){mlp, done});
    bool complete = mlp->logits != NULL;
    for (int i = 0; i < threads; ++i)
        complete = complete && done[i];
    if (!complete) {
        status = hg_fail_out_of_memory("the MLP's training step; use a smaller batch or fewer threads");
        goto cleanup;
    }
    *out = &mlp->step.base;
    mlp = NULL;

cleanup:
    mlp_free((struct hg_network *)mlp);
    free(done);
    return status;
}
