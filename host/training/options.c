#include "handgrad/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/training/gradient.h"
#include "host/training/option_table.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/base/words.h"
#include "kernels/choose.h"

/* Room for the names of the rows of the table. */
enum { HG_TRAIN_OPTIONS_MOST = 64 };

void hg_train_options_default(struct hg_train_options *options, enum hg_model_kind model)
{
    const bool mlp = model == HG_MLP;
    /* docs/PERFORMANCE.md says what these defaults reach, and how fast. */
    *options = (struct hg_train_options){
        .model = model,
        .hidden = mlp ? 256 : 64,
        .gradient = "exact",
        .epochs = mlp ? 25 : 10,
        .batch_size = 128,
        .lr = HG_BY_DATA,
        .input_scale = 1,
        .momentum = HG_BY_DATA,
        .nesterov = mlp,
        .weight_decay = mlp ? 5e-5 : 0,
        .lr_schedule = HG_LR_COSINE,
        .warmup_epochs = 1,
        .seed = 1,
        .shuffle = true,
        .checkpoint_every = 10,
        .checkpoint_seconds = 60,
        .keep = HG_KEEP_BEST,
        .test = true,
        .backend = "auto",
        .graph = true,
    };
}

/* A formula is evaluated by the reference's own loops: no other backend has an op for it. */
static enum hg_status check_gradient(const struct hg_train_options *o)
{
    float encoder, decoder;
    HG_TRY(hg_gradient_check(o->gradient));
    if (hg_gradient_paths(o->gradient, &encoder, &decoder) || strcmp(o->backend, "auto") == 0 ||
        strncmp(o->backend, "reference", strlen("reference")) == 0)
        return HG_OK;
    return hg_fail(HG_USAGE,
                   "backend: %s trains along the gradients that have a name; a formula needs reference, or auto",
                   o->backend);
}

enum hg_status hg_train_options_check(const struct hg_train_options *o)
{
    for (const struct hg_option *option = hg_train_option_table; option->name; ++option)
        HG_TRY(hg_option_check(option, o));
    if (o->early_stopping && o->validation_fraction == 0)
        return hg_fail(HG_USAGE, "early_stopping: there is no validation loss to watch; give validation_fraction=0.1, "
                                 "for example, too");
    if (o->warmup_epochs > o->epochs)
        return hg_fail(HG_USAGE, "warmup_epochs: %zu is more than epochs=%zu", o->warmup_epochs, o->epochs);
    HG_TRY(hg_backend_check(o->backend));
    return check_gradient(o);
}

enum hg_status hg_train_options_create(struct hg_train_options **out, enum hg_model_kind model)
{
    HG_TRY(hg_allocate(out, 1, "the options of training"));
    hg_train_options_default(*out, model);
    return HG_OK;
}

void hg_train_options_free(struct hg_train_options *options)
{
    free(options);
}

enum hg_status hg_train_options_set(struct hg_train_options *options, const char *name, const char *value)
{
    const char *names[HG_TRAIN_OPTIONS_MOST];
    size_t count = 0;
    for (const struct hg_option *row = hg_train_option_table; row->name; ++row) {
        if (!row->applies) /* the model, which the defaults were chosen for */
            continue;
        if (strcmp(row->name, name) == 0)
            return hg_option_read(row, value, options);
        assert(count < HG_TRAIN_OPTIONS_MOST);
        names[count++] = row->name;
    }
    const char *nearest = hg_words_nearest(name, names, count);
    if (nearest)
        return hg_fail(HG_USAGE, "%s: there is no such option; did you mean %s?", name, nearest);
    return hg_fail(HG_USAGE, "%s: there is no such option", name);
}
