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

static void tensor_free(struct hg_mlp_tensor *tensor)
{
    free(tensor->gradient);
    free(tensor->velocity);
    free(tensor->values);
}

static bool tensor_create(struct hg_mlp_tensor *tensor, size_t count, const struct hg_whole_step *step)
{
    tensor->values = hg_floats(count);
    if (step->spec.momentum > 0)
        tensor->velocity = hg_floats(count);
    if (!step->single)
        tensor->gradient = hg_floats(count);
    return tensor->values && (tensor->velocity || step->spec.momentum == 0) && (tensor->gradient || step->single);
}

static void share_free(struct hg_mlp_share *share)
{
    free(share->labels);
    free(share->dz);
    free(share->slope);
    free(share->h);
    tensor_free(&share->b2);
    tensor_free(&share->w2);
    tensor_free(&share->b1);
    tensor_free(&share->w1);
    hg_tiles_free(&share->tiles);
}

static void mlp_free(struct hg_network *network)
{
    struct hg_mlp *mlp = mlp_of(network);
    if (!mlp)
        return;
    free(mlp->logits);
    for (int i = 0; mlp->shares && i < mlp->members; ++i)
        share_free(&mlp->shares[i]);
    free(mlp->shares);
    free(mlp);
}

struct creation {
    struct hg_mlp *mlp;
    bool *done; /* [members] */
};

/* Each member makes its own share, so that its pages lie near its core. */
static void share_create(void *argument, int member)
{
    struct creation *creation = argument;
    struct hg_mlp *mlp = creation->mlp;
    const struct hg_whole_step *step = &mlp->step;
    struct hg_mlp_share *share = &mlp->shares[member];
    const size_t vectors = (step->spec.hidden + mlp->lanes - 1) / mlp->lanes;
    share->first = hg_cpu_share(vectors, 1, member, mlp->members);
    share->vectors = hg_cpu_share(vectors, 1, member + 1, mlp->members) - share->first;
    const size_t units = share->vectors * mlp->lanes, classes = step->spec.classes;
    share->h = hg_floats(units * step->capacity);
    share->slope = hg_floats(units * step->capacity);
    share->dz = hg_floats(classes * step->capacity);
    hg_allocate(&share->labels, step->capacity + HG_TILE, "labels");
    creation->done[member] =
        hg_tiles_create(&share->tiles, step->spec.features, step->capacity) == HG_OK &&
        tensor_create(&share->w1, step->spec.features * units, step) && tensor_create(&share->b1, units, step) &&
        tensor_create(&share->w2, classes * units, step) && tensor_create(&share->b2, classes, step) && share->h &&
        share->slope && share->dz && share->labels;
}

/* The members' copies of the output bias. */
static void copy_output_bias(struct hg_mlp *mlp, enum hg_role role, double *get, const double *set)
{
    for (int i = 0; i < mlp->members; ++i) {
        struct hg_mlp_tensor *t = &mlp->shares[i].b2;
        float *values = role == HG_PARAMETER ? t->values : t->velocity;
        for (size_t c = 0; c < mlp->step.spec.classes; ++c) {
            if (set)
                values[c] = (float)set[c];
            else
                get[c] = (double)values[c];
        }
    }
}

/* One member's part of the tensors with a column (or row) a hidden unit: element (row, unit) is
 * canonical[unit * unit_stride + row * row_stride]. */
static void copy_units(const struct hg_mlp *mlp, const struct hg_mlp_share *share, float *values, size_t rows,
                       size_t unit_stride, size_t row_stride, double *get, const double *set)
{
    for (size_t p = 0; p < hg_panels(share->vectors); ++p) {
        const size_t begin = hg_panel_begin(share->vectors, p) * mlp->lanes;
        const size_t width = hg_panel_begin(share->vectors, p + 1) * mlp->lanes - begin;
        for (size_t j = 0; j < width; ++j) {
            const size_t unit = share->first * mlp->lanes + begin + j;
            if (unit >= mlp->step.spec.hidden)
                return;
            for (size_t r = 0; r < rows; ++r) {
                float *value = values + begin * rows + r * width + j;
                const size_t at = unit * unit_stride + r * row_stride;
                if (set)
                    *value = (float)set[at];
                else
                    get[at] = (double)*value;
            }
        }
    }
}

static void copy_tensor(struct hg_mlp *mlp, enum hg_role role, size_t index, double *get, const double *set)
{
    enum { W1, B1, W2, B2 };
    const struct hg_network_spec *spec = &mlp->step.spec;
    if (index == B2) {
        copy_output_bias(mlp, role, get, set);
        return;
    }
    for (int i = 0; i < mlp->members; ++i) {
        struct hg_mlp_share *share = &mlp->shares[i];
        const struct hg_mlp_tensor *t = index == W1 ? &share->w1 : index == B1 ? &share->b1 : &share->w2;
        const size_t rows = index == W1 ? spec->features : index == B1 ? 1 : spec->classes;
        const size_t unit_stride = index == W1 ? spec->features : 1;
        const size_t row_stride = index == W1 ? 1 : spec->hidden;
        copy_units(mlp, share, role == HG_PARAMETER ? t->values : t->velocity, rows, unit_stride, row_stride, get, set);
    }
}

static enum hg_status mlp_set(struct hg_network *network, enum hg_role role, size_t index, const double *values)
{
    copy_tensor(mlp_of(network), role, index, NULL, values);
    return HG_OK;
}

static enum hg_status mlp_get(struct hg_network *network, enum hg_role role, size_t index, double *values)
{
    copy_tensor(mlp_of(network), role, index, values, NULL);
    return HG_OK;
}

/* Adds up what the members have counted since the last time. */
static void collect(struct hg_mlp *mlp, uint64_t samples, struct hg_totals *totals)
{
    for (int i = 0; i < mlp->members; ++i) {
        struct hg_mlp_share *share = &mlp->shares[i];
        totals->loss += share->loss;
        totals->correct += share->correct;
        share->loss = 0;
        share->correct = 0;
    }
    totals->samples += samples;
}

static enum hg_status mlp_train(struct hg_network *network, size_t steps)
{
    struct hg_mlp *mlp = mlp_of(network);
    const size_t position = mlp->step.current.position;
    hg_whole_step_train(&mlp->step, steps, hg_mlp_train_member);
    collect(mlp, mlp->step.current.position - position, &mlp->step.totals);
    return HG_OK;
}

static enum hg_status mlp_evaluate(struct hg_network *network, const struct hg_data *data, size_t count,
                                   struct hg_totals *totals)
{
    struct hg_mlp *mlp = mlp_of(network);
    HG_TRY(hg_whole_step_accepts(&mlp->step, data));
    mlp->data = data;
    mlp->first = 0;
    mlp->count = count;
    mlp->out = NULL;
    hg_team_run(mlp->step.cpu->team, hg_mlp_forward_member, mlp);
    *totals = (struct hg_totals){0};
    collect(mlp, count, totals);
    return HG_OK;
}

static enum hg_status mlp_forward(struct hg_network *network, const struct hg_data *data, size_t first, size_t count,
                                  float *out)
{
    struct hg_mlp *mlp = mlp_of(network);
    HG_TRY(hg_whole_step_accepts(&mlp->step, data));
    mlp->data = data;
    mlp->first = first;
    mlp->count = count;
    mlp->out = out;
    hg_team_run(mlp->step.cpu->team, hg_mlp_forward_member, mlp);
    return HG_OK;
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
    const int members = hg_team_size(cpu->team);
    bool *done = NULL;
    struct hg_mlp *mlp = NULL;
    HG_TRY_OR_CLEANUP(hg_allocate(&done, (size_t)members, "a training step"));
    HG_TRY_OR_CLEANUP(hg_allocate(&mlp, 1, "a training step"));
    mlp->step.base.functions = &functions;
    hg_whole_step_init(&mlp->step, cpu, data, spec);
    mlp->members = members;
    mlp->lanes = cpu->kernels->lanes;
    HG_TRY_OR_CLEANUP(hg_allocate(&mlp->shares, (size_t)members, "a training step"));
    mlp->logits = hg_floats(2 * (size_t)members * spec->classes * mlp->step.capacity);
    hg_team_run(cpu->team, share_create, &(struct creation){mlp, done});
    bool complete = mlp->logits != NULL;
    for (int i = 0; i < members; ++i)
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
