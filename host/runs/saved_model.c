#include "host/runs/saved_model.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/data/dataset.h"
#include "host/formats/names.h"
#include "host/models/tensors.h"
#include "kernels/base/file.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

enum hg_status hg_require_finite(const struct hg_trainer *trainer, const double *values, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (!isfinite((float)values[i]))
            return hg_fail(HG_CHECK_FAILED,
                           "training diverged in epoch %llu: a weight is not finite with lr=%g; try a smaller one",
                           (unsigned long long)trainer->position.epochs_done + (trainer->position.step_in_epoch > 0),
                           trainer->options.lr);
    return HG_OK;
}

void hg_saved_names_free(struct hg_saved_names *names)
{
    free(names->class_names);
    free(names->columns);
}

enum hg_status hg_saved_model_of_data(struct hg_model_info *info, struct hg_saved_names *names, enum hg_model_kind kind,
                                      const struct hg_dataset *train)
{
    *names = (struct hg_saved_names){NULL, NULL};
    if (hg_dataset_columns(train))
        HG_TRY(hg_names_join(&names->columns, hg_dataset_columns(train)));
    if (hg_dataset_class_names(train) && kind == HG_MLP)
        HG_TRY(hg_names_join(&names->class_names, hg_dataset_class_names(train)));
    *info =
        (struct hg_model_info){.kind = kind,
                               .features = hg_dataset_features(train),
                               .image = {hg_dataset_height(train), hg_dataset_width(train), hg_dataset_channels(train)},
                               .columns = names->columns,
                               .class_names = names->class_names};
    return HG_OK;
}

enum hg_status hg_saved_model_describe(struct hg_model_info *info, struct hg_saved_names *names,
                                       const struct hg_trainer *trainer, bool is_best)
{
    HG_TRY(hg_saved_model_of_data(info, names, trainer->options.model, trainer->train.slice));
    info->hidden = trainer->spec.hidden;
    info->classes = trainer->spec.classes;
    info->input = trainer->input;
    info->has_epoch = true;
    info->epoch = is_best ? trainer->position.best_epoch : trainer->position.epochs_done;
    info->is_best = is_best;
    return HG_OK;
}

/* `values` are those of the network, or of the best epoch. */
static enum hg_status write_weights(const double *values, const struct hg_trainer *trainer, const struct hg_run *run,
                                    const char *name, bool is_best)
{
    char *path = NULL;
    struct hg_saved_names names = {NULL, NULL};
    struct hg_model_info info;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_require_finite(trainer, values, hg_trainer_values(&trainer->spec)));
    HG_TRY_OR_CLEANUP(hg_run_path(&path, hg_run_directory(run), name));
    HG_TRY_OR_CLEANUP(hg_saved_model_describe(&info, &names, trainer, is_best));
    status = hg_model_file_write(path, &info, values);
cleanup:
    hg_saved_names_free(&names);
    free(path);
    return status;
}

/* Makes model.safetensors a copy of best.safetensors; *copied is false where there is none. */
static enum hg_status copy_best(const struct hg_run *run, bool *copied)
{
    struct hg_mapping file = {.data = NULL};
    char *best = NULL, *model = NULL;
    enum hg_status status;
    HG_TRY_OR_CLEANUP(hg_run_path(&best, hg_run_directory(run), "best.safetensors"));
    HG_TRY_OR_CLEANUP(hg_run_path(&model, hg_run_directory(run), "model.safetensors"));
    *copied = access(best, F_OK) == 0;
    if (*copied) {
        HG_TRY_OR_CLEANUP(hg_file_map(&file, best));
        HG_TRY_OR_CLEANUP(hg_file_replace(model, &(struct iovec){(void *)file.data, file.size}, 1));
    }
cleanup:
    hg_file_unmap(&file);
    free(model);
    free(best);
    return status;
}

enum hg_status hg_saved_model_write(struct hg_trainer *trainer, const struct hg_run *run)
{
    bool copied = false;
    double *values = NULL;
    enum hg_status status;
    if (trainer->best && !trainer->best_saved) {
        HG_TRY_OR_CLEANUP(write_weights(trainer->best, trainer, run, "best.safetensors", true));
        trainer->best_saved = true;
    }
    if (trainer->options.keep == HG_KEEP_BEST && trainer->position.best_epoch > 0)
        HG_TRY_OR_CLEANUP(copy_best(run, &copied));
    if (copied)
        return HG_OK;
    HG_TRY_OR_CLEANUP(hg_allocate(&values, hg_trainer_values(&trainer->spec), "the weights to be saved"));
    HG_TRY_OR_CLEANUP(hg_network_get_all(trainer->network, &trainer->spec, HG_PARAMETER, values));
    status = write_weights(values, trainer, run, "model.safetensors", hg_trainer_is_best(trainer));
cleanup:
    free(values);
    return status;
}
