#include <math.h>
#include <string.h>

#include "handgrad/options.h"
#include "kernels/backend.h"
#include "kernels/base/try.h"

void hg_train_options_default(struct hg_train_options *options, enum hg_model_kind model)
{
    const bool mlp = model == HG_MLP;
    /* docs/PERFORMANCE.md says what these defaults reach, and how fast. */
    *options = (struct hg_train_options){
        .model = model,
        .hidden = mlp ? 256 : 64,
        .gradient = HG_GRADIENT_EXACT,
        .epochs = mlp ? 25 : 10,
        .batch_size = 128,
        .lr = HG_LR_BY_DATA,
        .momentum = 0.9,
        .nesterov = mlp,
        .weight_decay = mlp ? 5e-5 : 0,
        .lr_schedule = HG_LR_COSINE,
        .warmup_epochs = 1,
        .seed = 1,
        .shuffle = true,
        .checkpoint_every = 10,
        .backend = "auto",
        .graph = true,
    };
}

/* A finite number in [least, below). */
static enum hg_status check_range(const char *option, double value, double least, double below)
{
    if (value >= least && value < below)
        return HG_OK;
    if (isinf(below))
        return hg_fail(HG_USAGE, "%s: %g is out of range; give a number of at least %g", option, value, least);
    return hg_fail(HG_USAGE, "%s: %g is out of range; give a number from %g to below %g", option, value, least, below);
}

enum hg_status hg_train_options_check(const struct hg_train_options *o)
{
    /* Sizes beyond this are slips of the keyboard; the products of any two of them fit into 64 bits. */
    const size_t largest_size = (size_t)1 << 31;
    /* A JSON number holds no larger integer exactly, and config.json must bring the seed back. */
    const uint64_t largest_seed = (uint64_t)1 << 53;
    const char *hidden = o->model == HG_MLP ? "--hidden" : "--latent";

    if (o->hidden < 1 || o->hidden > largest_size)
        return hg_fail(HG_USAGE, "%s: %zu is out of range; give 1 or more", hidden, o->hidden);
    if (o->epochs < 1 || o->epochs > largest_size)
        return hg_fail(HG_USAGE, "--epochs: %zu is out of range; give 1 or more", o->epochs);
    if (o->batch_size > largest_size)
        return hg_fail(HG_USAGE, "--batch-size: %zu is too large; give 0 for the whole training set", o->batch_size);
    if (!isnan(o->lr)) /* HG_LR_BY_DATA */
        HG_TRY(check_range("--lr", o->lr, 0, INFINITY));
    if (o->lr == 0)
        return hg_fail(HG_USAGE, "--lr: %g teaches nothing; give a positive number such as 0.1", o->lr);
    HG_TRY(check_range("--momentum", o->momentum, 0, 1));
    HG_TRY(check_range("--weight-decay", o->weight_decay, 0, INFINITY));
    HG_TRY(check_range("--validation-fraction", o->validation_fraction, 0, 1));
    if (o->early_stopping && o->validation_fraction == 0)
        return hg_fail(HG_USAGE, "--early-stopping watches the validation loss; give --validation-fraction too, for "
                                 "example 0.1");
    if (o->warmup_epochs > o->epochs)
        return hg_fail(HG_USAGE, "--warmup-epochs: %zu is more than --epochs %zu", o->warmup_epochs, o->epochs);
    if (o->seed > largest_seed)
        return hg_fail(HG_USAGE, "--seed: give a number of at most 2^53");
    if (o->threads < 0 || o->threads > 1024)
        return hg_fail(HG_USAGE, "--threads: %d is out of range; give 1 to 1024, or 0 for every core", o->threads);
    if (strcmp(o->backend, "auto") != 0 && strcmp(o->backend, "cuda") != 0 && !hg_backend_find(o->backend))
        return hg_fail(HG_USAGE, "--backend: there is no backend '%s'; give auto, cuda, cpu or reference", o->backend);
    return HG_OK;
}
