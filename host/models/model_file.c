/* Files of weights, handgrad's own and other programs': which tensors are the parameters of which model. */
#include "host/models/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/models/network.h"
#include "host/models/tensors.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"
#include "kernels/ops.h"

enum { NAME_SIZE = 64 };

static bool cut_prefix(const char **name, const char *prefix)
{
    const size_t length = strlen(prefix);
    if (strncmp(*name, prefix, length) != 0)
        return false;
    *name += length;
    return true;
}

/* The name that handgrad gives a tensor: without what PyTorch's wrappers put before it (DataParallel, compile), and
 * with the layers of an nn.Sequential of Linear, activation, Linear called fc1 and fc2. */
static void canonical_name(char *out, const char *name)
{
    while (cut_prefix(&name, "module.") || cut_prefix(&name, "_orig_mod."))
        ;
    cut_prefix(&name, "net.");
    const char *layer = cut_prefix(&name, "0.") ? "fc1." : cut_prefix(&name, "2.") ? "fc2." : "";
    snprintf(out, NAME_SIZE, "%s%s", layer, name);
}

/* What handgrad's own checkpoints hold beside the parameters: the velocities, and where training stands. */
static bool is_training_state(const struct hg_tensor *tensor)
{
    static const char ending[] = ".velocity";
    const size_t length = strlen(tensor->name), tail = sizeof ending - 1;
    return tensor->dimensions == 0 || (length > tail && strcmp(tensor->name + length - tail, ending) == 0);
}

static enum hg_status unknown_tensor(const struct hg_model_file *file, const char *name)
{
    return hg_fail(HG_BAD_DATA,
                   "%s: holds a tensor %s, which no model of handgrad has: an mlp has fc1.weight, fc1.bias, fc2.weight "
                   "and fc2.bias, an autoencoder encoder.weight alone",
                   file->path, name);
}

/* Gives each tensor its place among the parameters of a model of the kind that `info` says. */
static enum hg_status find_parameters(struct hg_model_file *file)
{
    const struct hg_network_spec spec = hg_model_spec(&file->info);
    const bool own = hg_safetensors_metadata(file->tensors, "handgrad") != NULL;
    const size_t parameters = hg_tensor_count(spec.kind), count = hg_safetensors_count(file->tensors);
    for (size_t i = 0; i < count; ++i) {
        const struct hg_tensor *tensor = hg_safetensors_tensor(file->tensors, i);
        char name[NAME_SIZE];
        size_t place = 0;
        canonical_name(name, tensor->name);
        while (place < parameters && strcmp(name, hg_tensor_shape(&spec, place).name) != 0)
            ++place;
        if (place == parameters) {
            if (own && is_training_state(tensor))
                continue;
            return unknown_tensor(file, tensor->name);
        }
        if (file->parameters[place])
            return hg_fail(HG_BAD_DATA, "%s: both %s and %s would be %s", file->path, file->parameters[place]->name,
                           tensor->name, name);
        file->parameters[place] = tensor;
    }
    for (size_t i = 0; i < parameters; ++i)
        if (!file->parameters[i])
            return hg_fail(HG_BAD_DATA, "%s: holds no tensor %s, which an %s has", file->path,
                           hg_tensor_shape(&spec, i).name, hg_model_names[file->info.kind]);
    return HG_OK;
}

/* An autoencoder has a tensor called so, and nothing else does. */
static enum hg_model_kind kind_by_names(const struct hg_safetensors *tensors)
{
    for (size_t i = 0; i < hg_safetensors_count(tensors); ++i) {
        char name[NAME_SIZE];
        canonical_name(name, hg_safetensors_tensor(tensors, i)->name);
        if (strcmp(name, "encoder.weight") == 0)
            return HG_AUTOENCODER;
    }
    return HG_MLP;
}

/* A size that the metadata may state, against the one that a tensor has. */
static enum hg_status agree(const struct hg_model_file *file, const char *what, size_t *stated, size_t parameter,
                            size_t dimension)
{
    const struct hg_tensor *tensor = file->parameters[parameter];
    if (tensor->dimensions != 2 || tensor->shape[dimension] == 0)
        return hg_fail(HG_BAD_DATA, "%s: %s is no matrix", file->path, tensor->name);
    const size_t actual = tensor->shape[dimension];
    if (*stated && *stated != actual)
        return hg_fail(HG_BAD_DATA, "%s: its metadata says %s %zu, but %s has %zu", file->path, what, *stated,
                       tensor->name, actual);
    *stated = actual;
    return HG_OK;
}

static enum hg_status settle_sizes(struct hg_model_file *file)
{
    struct hg_model_info *info = &file->info;
    HG_TRY(agree(file, "hidden", &info->hidden, 0, 0));
    HG_TRY(agree(file, "features", &info->features, 0, 1));
    if (info->kind == HG_AUTOENCODER)
        return HG_OK;
    HG_TRY(agree(file, "classes", &info->classes, 2, 0));
    if (info->classes > HG_MAX_CLASSES)
        return hg_fail(HG_BAD_DATA, "%s: %s has %zu classes; handgrad knows at most %d", file->path,
                       file->parameters[2]->name, info->classes, HG_MAX_CLASSES);
    return HG_OK;
}

static void note_assumptions(struct hg_model_file *file, bool described)
{
    const struct hg_network_spec spec = hg_model_spec(&file->info);
    const char *renamed = NULL, *renamed_to = NULL;
    bool converted = false;
    for (size_t i = 0; i < hg_tensor_count(spec.kind); ++i) {
        const struct hg_tensor *tensor = file->parameters[i];
        const char *name = hg_tensor_shape(&spec, i).name;
        if (!renamed && strcmp(tensor->name, name) != 0) {
            renamed = tensor->name;
            renamed_to = name;
        }
        converted = converted || tensor->type != HG_TENSOR_F32;
    }
    const bool own = hg_safetensors_metadata(file->tensors, "handgrad") != NULL;
    size_t used = 0;
    if (!described)
        used = (size_t)snprintf(file->note, sizeof file->note, "it does not say what it is: taken for %s",
                                file->info.kind == HG_MLP ? "an mlp with Swish, which a network with ReLU is not"
                                                          : "a tied linear autoencoder without biases");
    if (renamed && used < sizeof file->note)
        used += (size_t)snprintf(file->note + used, sizeof file->note - used, "%sits tensor %s is taken for %s",
                                 used ? "; " : "", renamed, renamed_to);
    if (converted && !own && used < sizeof file->note)
        snprintf(file->note + used, sizeof file->note - used, "%sits weights are converted to float32",
                 used ? "; " : "");
}

enum hg_status hg_model_file_open(struct hg_model_file *file, const char *path)
{
    bool described;
    enum hg_status status;
    *file = (struct hg_model_file){.tensors = NULL};
    HG_TRY_OR_CLEANUP(hg_string_copy(&file->path, path));
    HG_TRY_OR_CLEANUP(hg_safetensors_open(&file->tensors, path));
    HG_TRY_OR_CLEANUP(hg_model_metadata_read(&file->info, &described, file->tensors, path));
    if (!described)
        file->info.kind = kind_by_names(file->tensors);
    HG_TRY_OR_CLEANUP(find_parameters(file));
    HG_TRY_OR_CLEANUP(settle_sizes(file));
    note_assumptions(file, described);
    return HG_OK;
cleanup:
    hg_model_file_close(file);
    return status;
}

enum hg_status hg_model_file_read(const struct hg_model_file *file, const struct hg_network_spec *spec, double *values)
{
    const enum hg_model_kind wanted = spec->kind == HG_NETWORK_MLP ? HG_MLP : HG_AUTOENCODER;
    if (file->info.kind != wanted)
        return hg_fail(HG_BAD_DATA, "%s: holds an %s; give the weights of an %s", file->path,
                       hg_model_names[file->info.kind], hg_model_names[wanted]);
    for (size_t i = 0; i < hg_tensor_count(spec->kind); ++i) {
        const struct hg_tensor_shape t = hg_tensor_shape(spec, i);
        const size_t matrix[] = {t.rows, t.cols};
        HG_TRY(hg_safetensors_read_double(file->tensors, file->parameters[i]->name, t.vector ? 1 : 2,
                                          t.vector ? &t.cols : matrix, values));
        values += t.rows * t.cols;
    }
    return HG_OK;
}

void hg_model_file_close(struct hg_model_file *file)
{
    hg_safetensors_close(file->tensors);
    free(file->path);
    *file = (struct hg_model_file){.tensors = NULL};
}

struct hg_network_spec hg_model_spec(const struct hg_model_info *info)
{
    return (struct hg_network_spec){.kind = info->kind == HG_MLP ? HG_NETWORK_MLP : HG_NETWORK_AUTOENCODER,
                                    .features = info->features,
                                    .hidden = info->hidden,
                                    .classes = info->classes,
                                    .encoder = 1,
                                    .decoder = 1};
}
