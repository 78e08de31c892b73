/* The exact solution of an autoencoder as a run: eval, encode, reconstruct and whatever else takes a trained one take
 * it, too. It has no checkpoint, since nothing was trained that could go on. */
#include <stdlib.h>

#include "handgrad/dataset.h"
#include "host/formats/names.h"
#include "host/models/model_file.h"
#include "host/runs/run.h"
#include "kernels/base/memory.h"
#include "kernels/base/try.h"

static enum hg_status write_weights(const char *directory, const struct hg_dataset *dataset, size_t latent,
                                    const double *w)
{
    const char *const *names = hg_dataset_columns(dataset);
    struct hg_model_info info = {
        .kind = HG_AUTOENCODER,
        .features = hg_dataset_features(dataset),
        .hidden = latent,
        .image = {hg_dataset_height(dataset), hg_dataset_width(dataset), hg_dataset_channels(dataset)}};
    char *path = NULL, *columns = NULL;
    enum hg_status status;
    hg_dataset_scale(dataset, &info.input);
    HG_TRY_OR_CLEANUP(hg_run_path(&path, directory, "model.safetensors"));
    if (names)
        HG_TRY_OR_CLEANUP(hg_names_join(&columns, names));
    info.columns = columns;
    status = hg_model_file_write(path, &info, w);
cleanup:
    free(columns);
    free(path);
    return status;
}

enum hg_status hg_run_write_solution(const char *directory, const struct hg_train_options *options, const char *data,
                                     const struct hg_dataset *dataset, const double *w)
{
    struct hg_run *run;
    enum hg_status status;
    HG_TRY(hg_run_create(&run, directory));
    HG_TRY_OR_CLEANUP(hg_run_write_config(run, options, data));
    HG_TRY_OR_CLEANUP(write_weights(directory, dataset, options->hidden, w));
    hg_run_close(run);
    return HG_OK;

cleanup:
    hg_run_discard(run);
    return status;
}
